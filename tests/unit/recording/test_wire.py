"""The messages between server and writer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.recording import wire
from conference.recording.packet_journal import record


def section(track: int, *packets: bytes) -> bytes:
    records = b"".join(record(n, data, False) for n, data in enumerate(packets))
    span = (0, len(packets) - 1)
    return wire.SECTION.pack(track, len(packets), len(records), *span) + records


def read(message: bytes) -> list[wire.Section]:
    return list(wire.sections(memoryview(message)))


def test_sections_are_views_of_the_message() -> None:
    message = bytes((wire.PACKETS,)) + section(7, b"abc", b"") + section(9, b"x")
    first, second = read(message)
    assert first[:4] == (7, 2, 0, 1)
    assert bytes(first[4]) == record(0, b"abc", False) + record(1, b"", False)
    assert second[:4] == (9, 1, 0, 0)
    assert first[4].obj is message


def test_a_cut_batch_is_refused() -> None:
    message = bytes((wire.PACKETS,)) + section(7, b"abc", b"defg")
    for length in range(2, len(message)):
        with pytest.raises(wire.BadMessage):
            read(message[:length])


def test_a_count_that_cannot_be_is_refused() -> None:
    with pytest.raises(wire.BadMessage):
        read(bytes((wire.PACKETS,)) + wire.SECTION.pack(1, 5, 12, 0, 0) + bytes(12))


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=4))
def test_control_messages_come_back(fields: dict[str, int | str | None]) -> None:
    message = {**fields, "type": "mark"}
    assert wire.read_control(wire.control(message)) == message


@pytest.mark.parametrize("body", [b"[1]", b"{}", json.dumps("x").encode()])
def test_a_control_message_has_a_type(body: bytes) -> None:
    with pytest.raises(wire.BadMessage):
        wire.read_control(bytes((wire.CONTROL,)) + body)
    with pytest.raises(wire.BadMessage):
        wire.read_control(bytes((wire.PACKETS,)) + body)
