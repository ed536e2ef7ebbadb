"""The rule of "lost", in virtual time."""

from hypothesis import given
from hypothesis import strategies as st

from conference.signaling.presence import (
    RESTART_US,
    SILENCE_US,
    SOCKET_ALONE_US,
    Heard,
    is_lost,
    media_alive,
    socket_alive,
)

T0 = 1_000_000_000


def heard(socket: int | None, media: int | None, grace: int = 0) -> Heard:
    return Heard(socket, media, socket_open=True, grace_until_us=grace)


def test_both_silent_for_two_and_a_half_seconds_is_lost() -> None:
    assert not is_lost(heard(T0, T0), T0 + SILENCE_US - 1)
    assert is_lost(heard(T0, T0), T0 + SILENCE_US)


def test_without_media_the_socket_alone_decides() -> None:
    assert not is_lost(heard(T0, None), T0 + SILENCE_US - 1)
    assert is_lost(heard(T0, None), T0 + SILENCE_US)


def test_a_silent_socket_with_media_counts_after_ten_seconds() -> None:
    assert not is_lost(heard(T0, T0 + 9_999_999), T0 + SOCKET_ALONE_US - 1)
    assert is_lost(heard(T0, T0 + SOCKET_ALONE_US), T0 + SOCKET_ALONE_US)


def test_silent_media_with_a_living_socket_is_never_lost() -> None:
    assert not is_lost(heard(T0 + 60_000_000, T0), T0 + 60_000_001)


def test_nobody_is_lost_within_the_grace_after_a_restart() -> None:
    line = heard(None, None, grace=T0 + RESTART_US)
    assert not is_lost(line, T0 + RESTART_US - 1)
    assert is_lost(line, T0 + RESTART_US)


def test_a_closed_socket_shows_at_once_but_is_not_lost_at_once() -> None:
    line = Heard(T0, None, socket_open=False, grace_until_us=0)
    assert not socket_alive(line, T0)
    assert not is_lost(line, T0)


@given(
    socket=st.none() | st.integers(T0, T0 + 20_000_000),
    media=st.none() | st.integers(T0, T0 + 20_000_000),
    now=st.integers(T0, T0 + 40_000_000),
    later=st.integers(0, 20_000_000),
)
def test_silence_never_heals_and_a_living_socket_is_never_lost(
    socket: int | None, media: int | None, now: int, later: int
) -> None:
    line = heard(socket, media)
    if is_lost(line, now):
        assert is_lost(line, now + later)
    if socket_alive(line, now):
        assert not is_lost(line, now)
    if not socket_alive(line, now) and not media_alive(line, now):
        assert is_lost(line, now)
