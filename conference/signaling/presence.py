"""When an endpoint counts as lost: pure arithmetic on when it was last heard. Instants and
durations are µs of CLOCK_MONOTONIC."""

from dataclasses import dataclass

SILENCE_US = 2_500_000
"""Neither socket nor media heard for this long: lost."""

SOCKET_ALONE_US = 10_000_000
"""With media flowing, a silent socket is shown at once and counts only after this long."""

RESTART_US = 10_000_000
"""How long the people of a room that was rebuilt after a restart have to come back."""


@dataclass(frozen=True, slots=True)
class Heard:
    """When something last came from an endpoint, None for never. `socket_open` is False once
    the socket is known to be closed. Before `grace_until_us` nobody counts as lost."""

    socket_us: int | None
    media_us: int | None
    socket_open: bool
    grace_until_us: int


def socket_alive(heard: Heard, now_us: int) -> bool:
    """Whether the socket works as far as is known."""
    return heard.socket_open and _within(heard.socket_us, now_us, SILENCE_US)


def media_alive(heard: Heard, now_us: int) -> bool:
    """Whether RTP, RTCP or STUN came lately."""
    return _within(heard.media_us, now_us, SILENCE_US)


def is_lost(heard: Heard, now_us: int) -> bool:
    """The rule of docs/protocol.md, section Lost."""
    if now_us < heard.grace_until_us:
        return False
    if not _within(heard.socket_us, now_us, SOCKET_ALONE_US):
        return True
    return not _within(heard.socket_us, now_us, SILENCE_US) and not media_alive(heard, now_us)


def _within(instant_us: int | None, now_us: int, span_us: int) -> bool:
    return instant_us is not None and now_us - instant_us < span_us
