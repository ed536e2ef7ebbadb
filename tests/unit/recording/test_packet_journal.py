"""The file of sealed blocks: what went in comes out, and nothing can be changed unseen."""

import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.recording.packet_journal import (
    GENESIS,
    Block,
    BlockKind,
    Chain,
    Flaw,
    Packet,
    blocks,
    holds,
    packets,
    record,
    skim,
)
from tests.support.recording import journal_bytes

some_packets = st.lists(
    st.builds(Packet, st.integers(0, 2**63), st.booleans(), st.binary(max_size=50)), max_size=12
)
WHOLE = journal_bytes([Packet(1000 + n, n % 5 == 0, bytes([n]) * n) for n in range(20)])


def read(content: bytes) -> tuple[list[Block], list[Flaw]]:
    items = list(blocks(io.BytesIO(content)))
    good = [item for item in items if isinstance(item, Block)]
    return good, [item for item in items if isinstance(item, Flaw)]


@given(some_packets, st.integers(1, 5))
def test_what_went_in_comes_out(sent: list[Packet], per_block: int) -> None:
    good, flaws = read(journal_bytes(sent, per_block))
    assert not flaws
    assert [packet for block in good[1:] for packet in packets(block.payload)] == sent
    assert [block.number for block in good] == list(range(len(good)))
    assert good[-1].kind is BlockKind.END


def assert_found(position: int, change: int) -> None:
    """The change of one byte is a flaw of the block it is in; what stands before it is kept."""
    changed = bytearray(WHOLE)
    changed[position] ^= change
    good, flaws = read(bytes(changed))
    before = [block for block in read(WHOLE)[0] if block.offset + block.size <= position]
    assert flaws, f"byte {position}"
    assert flaws[0].number == len(before)
    assert good[: len(before)] == before


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(position: int, change: int) -> None:
    assert_found(position, change)


def test_each_single_byte_of_a_file_is_watched() -> None:
    for position in range(len(WHOLE)):
        assert_found(position, 0x01)


@given(st.integers(0, len(WHOLE)))
def test_a_cut_file_keeps_its_whole_blocks(length: int) -> None:
    good, flaws = read(WHOLE[:length])
    whole = [block for block in read(WHOLE)[0] if block.offset + block.size <= length]
    assert good == whole
    at_an_end = not whole or whole[-1].offset + whole[-1].size == length
    assert [flaw.torn for flaw in flaws] == ([] if at_an_end and (whole or not length) else [True])


def test_a_block_taken_out_put_in_or_moved_is_found() -> None:
    parts = [WHOLE[b.offset : b.offset + b.size] for b in read(WHOLE)[0]]
    taken_out = b"".join(parts[:2] + parts[3:])
    put_in = b"".join([*parts[:3], parts[2], *parts[3:]])
    moved = b"".join([*parts[:2], parts[3], parts[2], *parts[4:]])
    behind_the_end = WHOLE + parts[2]
    for forged in (taken_out, put_in, moved, behind_the_end):
        assert [flaw for flaw in read(forged)[1] if not flaw.torn]


def test_what_follows_the_end_is_no_torn_tail() -> None:
    assert [flaw.torn for flaw in read(WHOLE + b"\0")[1]] == [False]


def test_a_damaged_block_does_not_hide_the_next_damage() -> None:
    good = read(WHOLE)[0]
    changed = bytearray(WHOLE)
    for block in (good[2], good[4]):
        changed[block.offset + block.size - 40] ^= 1
    kept, flaws = read(bytes(changed))
    assert [flaw.number for flaw in flaws] == [2, 4]
    assert [flaw.at_us for flaw in flaws] == [good[2].first_us, good[4].first_us]
    assert len(kept) == len(good) - 2


def test_the_bytes_are_those_of_the_document() -> None:
    """docs/recording-format.md, packed here by hand."""
    chain = Chain()
    first = chain.describe(b'{"format":"rtpj/1"}', 7)
    second = chain.packets(record(9, b"abc", True), 1, (9, 9))

    def by_hand(kind: int, number: int, count: int, span: int, payload: bytes) -> bytes:
        head = b"RTPB" + bytes((1, kind, 0, 0)) + struct.pack(">II", number, count)
        head += struct.pack(">QQI", span, span, len(payload))
        head += GENESIS if number == 0 else first[-32:]
        body = head + struct.pack(">I", zlib.crc32(head)) + payload
        return body + hashlib.sha256(body).digest()

    assert first == by_hand(0, 0, 0, 7, b'{"format":"rtpj/1"}')
    payload = struct.pack(">QHBB", 9, 3, 1, 0) + b"abc"
    assert second == by_hand(1, 1, 1, 9, payload)


def test_records_that_are_cut_or_unknown_are_refused() -> None:
    whole = record(1, b"abc", False)
    for broken in (whole[:5], whole[:-1], whole[:10] + b"\x02\0abc"):
        with pytest.raises(ValueError, match=r"record|packet"):
            list(packets(broken))


@given(st.integers(0, len(WHOLE)))
def test_skimming_finds_the_same_frames(length: int) -> None:
    stream = io.BytesIO(WHOLE[:length])
    marks, good = list(skim(stream)), read(WHOLE[:length])[0]
    assert [(m.number, m.kind, m.offset, m.size, m.seal, m.last_us) for m in marks] == [
        (b.number, b.kind, b.offset, b.size, b.seal, b.last_us) for b in good
    ]
    assert all(holds(stream, mark) for mark in marks)


@given(st.binary(max_size=300))
def test_garbage_is_a_flaw_and_no_error(garbage: bytes) -> None:
    good, flaws = read(garbage)
    assert not good
    assert bool(flaws) == bool(garbage)
    assert list(skim(io.BytesIO(garbage))) == []
