"""Events to and from canonical JSON; samples.json keeps one of each kind as it was written."""

import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from conference.events import codec
from conference.events.base import Draft, Entry, place
from conference.events.codec import KINDS, UnreadableEntry, decode, encode
from conference.events.recording import RecordingGap
from conference.events.room import MuteSet, SessionCreated
from conference.ids import EndpointId, SeatId, TrackId
from tests.support.virtual_clock import VirtualClock

SAMPLES: list[str] = json.loads(Path(__file__).with_name("samples.json").read_text("utf-8"))


def sample(kind: str) -> str:
    return next(text for text in SAMPLES if json.loads(text)["kind"] == kind)


def test_every_kind_has_a_sample() -> None:
    assert {json.loads(text)["kind"] for text in SAMPLES} == set(KINDS)


@pytest.mark.parametrize("text", SAMPLES, ids=lambda text: str(json.loads(text)["kind"]))
def test_a_sample_is_read_and_written_back_byte_for_byte(text: str) -> None:
    payload = text.encode("utf-8")
    entry = decode(payload)
    assert entry.kind == json.loads(text)["kind"]
    assert encode(entry) == payload


def test_kinds_are_source_subject_action_and_name_one_class_each() -> None:
    assert all(len(kind.split(":")) == 3 for kind in KINDS)
    assert len(set(KINDS.values())) == len(KINDS)


def test_a_field_of_a_newer_version_is_passed_over() -> None:
    whole = json.loads(sample("room:mute:set"))
    whole["data"]["loudness"] = 7
    assert decode(rfc8785.dumps(whole)) == decode(sample("room:mute:set").encode())


def test_a_field_that_an_older_version_did_not_write_takes_its_default() -> None:
    whole = json.loads(sample("room:session:created"))
    del whole["data"]["origin"], whole["data"]["seats"][0]["beside"]
    event = decode(rfc8785.dumps(whole)).event
    assert isinstance(event, SessionCreated)
    assert event.origin is None
    assert event.seats[0].beside is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kind",), "room:caucus:started"),
        (("kind",), ["room"]),
        (("seq",), "1"),
        (("r_us",), 1.5),
        (("actor",), 7),
        (("data",), []),
        (("data", "muted"), "yes"),
        (("data", "source"), "screen"),
        (("data", "endpoint"), None),
    ],
)
def test_what_is_not_understood_is_refused_without_quoting_it(
    path: tuple[str, ...], value: object
) -> None:
    whole = json.loads(sample("room:mute:set"))
    place_in = whole
    for step in path[:-1]:
        place_in = place_in[step]
    place_in[path[-1]] = value
    with pytest.raises(UnreadableEntry) as refusal:
        decode(json.dumps(whole).encode())
    assert "screen" not in str(refusal.value)


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"kind":1}'])
def test_bytes_that_are_no_entry_are_refused(payload: bytes) -> None:
    with pytest.raises(UnreadableEntry):
        decode(payload)


@given(
    gap=st.builds(
        RecordingGap,
        track=st.none() | st.text().map(TrackId),
        from_r_us=st.integers(0, 2**53 - 1),
        to_r_us=st.integers(0, 2**53 - 1),
        reason=st.text(),
        packets=st.integers(0, 2**31),
    ),
    seq=st.integers(1, 2**53 - 1),
)
def test_any_text_and_number_survives(gap: RecordingGap, seq: int) -> None:
    entry = place(Draft(gap, VirtualClock().now(), r_us=gap.to_r_us), "session", seq)
    assert decode(encode(entry)) == entry


def test_data_of_gives_plain_values() -> None:
    mute = MuteSet(EndpointId("e"), "camera", True, SeatId("s"))
    assert codec.data_of(mute) == {
        "endpoint": "e",
        "source": "camera",
        "muted": True,
        "by": "s",
    }


def test_an_entry_says_its_kind() -> None:
    entry: Entry = decode(sample("media:track:ended").encode())
    assert entry.kind == "media:track:ended"
