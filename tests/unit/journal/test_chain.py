"""The hash chain: every fault is found, named, and placed."""

import dataclasses
from collections.abc import Callable
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from conference.events.base import Draft, place
from conference.events.codec import encode
from conference.events.room import SessionOpened, SessionPaused
from conference.journal.chain import Head, Row, genesis, head_after, seal, verify
from tests.support.virtual_clock import VirtualClock

STREAM = "session-1"


def rows(count: int = 5, stream: str = STREAM) -> list[Row]:
    clock, head, made = VirtualClock(), genesis(stream), []
    for seq in range(1, count + 1):
        event = SessionPaused("host") if seq % 2 else SessionOpened()
        row = seal(place(Draft(event, clock.now()), stream, seq), head, bytes([seq]) * 16)
        made.append(row)
        head = head_after(row)
        clock.advance(1_000_000)
    return made


def test_the_hashes_are_those_of_the_written_rule() -> None:
    first, second = rows(2)
    assert first.salt is not None
    assert first.payload is not None
    payload_hash = sha256(first.salt + first.payload).digest()
    start = sha256(b"conference journal" + STREAM.encode()).digest()
    assert first.payload_hash == payload_hash
    assert first.entry_hash == sha256(start + payload_hash).digest()
    assert second.entry_hash == sha256(first.entry_hash + second.payload_hash).digest()


def test_a_whole_chain_has_no_fault() -> None:
    whole = rows()
    assert verify(STREAM, whole) == []
    assert verify(STREAM, whole, head_after(whole[-1])) == []
    assert verify(STREAM, []) == []


def test_an_erased_payload_leaves_a_chain_that_verifies() -> None:
    whole = rows()
    whole[2] = dataclasses.replace(whole[2], salt=None, payload=None)
    assert verify(STREAM, whole, head_after(whole[-1])) == []


def resealed(row: Row, payload: bytes, before: Row) -> Row:
    """A forger's row: other bytes, with all the hashes made to fit."""
    assert row.salt is not None
    payload_hash = sha256(row.salt + payload).digest()
    entry_hash = sha256(before.entry_hash + payload_hash).digest()
    return dataclasses.replace(
        row, payload=payload, payload_hash=payload_hash, entry_hash=entry_hash
    )


def flipped(value: bytes | None) -> bytes:
    assert value is not None
    return bytes([value[0] ^ 1]) + value[1:]


def change(index: int, **values: object) -> Callable[[list[Row]], list[Row]]:
    def apply(whole: list[Row]) -> list[Row]:
        whole[index] = dataclasses.replace(whole[index], **values)  # type: ignore[arg-type]
        return whole

    return apply


FAULTS: dict[str, tuple[Callable[[list[Row]], list[Row]], set[tuple[int, str]]]] = {
    "payload": (lambda r: change(2, payload=flipped(r[2].payload))(r), {(3, "hash")}),
    "salt": (lambda r: change(2, salt=flipped(r[2].salt))(r), {(3, "hash")}),
    "payload hash": (
        lambda r: change(2, payload_hash=flipped(r[2].payload_hash))(r),
        {(3, "hash"), (3, "link")},
    ),
    "entry hash": (
        lambda r: change(2, entry_hash=flipped(r[2].entry_hash))(r),
        {(3, "link"), (4, "link")},
    ),
    "missing": (lambda r: r[:2] + r[3:], {(4, "order"), (4, "link")}),
    "twice": (lambda r: [*r[:3], *r[2:]], {(3, "order"), (3, "link")}),
    "swapped": (
        lambda r: [r[0], r[2], r[1], *r[3:]],
        {(3, "order"), (3, "link"), (2, "order"), (2, "link"), (4, "order"), (4, "link")},
    ),
    "other stream": (
        lambda r: [*r[:4], rows(5, "other")[4]],
        {(5, "order"), (5, "link"), (5, "envelope")},
    ),
    "half erased": (change(2, salt=None), {(3, "hash")}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_changed_row_is_named(name: str) -> None:
    spoil, expected = FAULTS[name]
    faults = {(fault.seq, fault.code) for fault in verify(STREAM, spoil(rows()))}
    # A payload with a flipped first byte is no JSON any more, which is said as well; rows in
    # another order show clocks that run back.
    assert faults - {(3, "unreadable"), (2, "clock"), (3, "clock")} == expected - {(5, "envelope")}


def test_rows_cut_off_are_seen_by_a_head_kept_elsewhere() -> None:
    whole = rows()
    cut = verify(STREAM, whole[:3], head_after(whole[-1]))
    assert [(fault.seq, fault.code) for fault in cut] == [(3, "truncated")]
    assert [f.code for f in verify(STREAM, [], Head(1, whole[0].entry_hash))] == ["truncated"]


def test_a_payload_put_back_with_fitting_hashes_breaks_the_next_link() -> None:
    whole = rows()
    payload = (whole[2].payload or b"").replace(b'"host"', b'"host_lost"')
    whole[2] = resealed(whole[2], payload, whole[1])
    assert [(f.seq, f.code) for f in verify(STREAM, whole)] == [(4, "link")]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b" " + (rows()[-1].payload or b""), "envelope"),
        (b"{}", "unreadable"),
        (encode(place(Draft(SessionOpened(), VirtualClock().now()), STREAM, 9)), "envelope"),
        (encode(place(Draft(SessionOpened(), VirtualClock().now()), STREAM, 5)), "clock"),
    ],
)
def test_a_last_entry_that_says_nonsense_is_named(payload: bytes, code: str) -> None:
    whole = rows()
    whole[-1] = resealed(whole[-1], payload, whole[-2])
    assert code in [fault.code for fault in verify(STREAM, whole)]


def test_a_fault_is_one_line_that_names_its_place() -> None:
    whole = rows()
    whole[1] = dataclasses.replace(whole[1], entry_hash=bytes(32))
    line = str(verify(STREAM, whole)[0])
    assert line == "journal session-1 entry 2: not linked to the entry before it"


def test_an_entry_out_of_place_cannot_be_sealed() -> None:
    entry = place(Draft(SessionOpened(), VirtualClock().now()), STREAM, 3)
    with pytest.raises(ValueError, match="cannot follow"):
        seal(entry, genesis(STREAM), bytes(16))


@given(index=st.integers(0, 4), byte=st.integers(0, 10_000), bit=st.integers(0, 7), data=st.data())
def test_no_single_bit_can_be_changed(index: int, byte: int, bit: int, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["salt", "payload", "payload_hash", "entry_hash"]))
    whole = rows()
    value = bytearray(getattr(whole[index], name))
    value[byte % len(value)] ^= 1 << bit
    faults = verify(STREAM, change(index, **{name: bytes(value)})(whole))
    assert faults
    assert min(fault.seq for fault in faults) == index + 1


def test_canonical_form_is_rfc_8785() -> None:
    payload = rows(1)[0].payload
    assert payload is not None
    assert payload.startswith(b'{"actor":null,"cause":null,"data":{"reason":"host"},"epoch":')
    assert rfc8785.dumps({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
