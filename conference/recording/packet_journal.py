"""The file format of recorded packets: sealed blocks in a SHA-256 chain, one file per take
and track.

A file is a row of blocks, each `head ‖ payload ‖ SHA-256(head ‖ payload)`, and each head carries
the hash of the block before it. Block 0 holds the description of the track as canonical JSON
(RFC 8785), then come blocks of packets, and an end block when the take was finished in order.
Files only grow. Integers are big-endian. docs/recording-format.md has every byte, and how to
check it with sha256sum.

Instants are µs of CLOCK_MONOTONIC; the description ties them to the wall clock.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

SUFFIX = ".rtpj"
MAGIC = b"RTPB"
VERSION = 1
GENESIS = bytes(32)
"""The hash before the first block; the description in it makes every chain its own."""

HEAD = struct.Struct(">4sBBHIIQQI32sI")
"""magic, version, kind, 0, number, packets, first arrival, last arrival, payload length, previous
hash, CRC-32 of the 68 bytes before it (so that a wrong length is never taken for a torn tail)."""
SEAL_BYTES = 32
RECORD = struct.Struct(">QHBx")
"""Before each packet: arrival µs, length in bytes, kind (0 RTP, 1 sender report), 0."""

_CRC = struct.Struct(">I")
_GUARDED = HEAD.size - _CRC.size


class BlockKind(IntEnum):
    """What the payload of a block is."""

    DESCRIPTION = 0
    PACKETS = 1
    END = 2


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as it came out of SRTP: RTP (RFC 3550 §5.1), or a sender report (§6.4.1)."""

    arrival_us: int
    rtcp: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """One sealed block. `offset` is where its head begins in the file; `seal` is its hash."""

    kind: BlockKind
    number: int
    packets: int
    first_us: int
    last_us: int
    payload: bytes
    previous: bytes
    seal: bytes
    offset: int

    @property
    def size(self) -> int:
        """Bytes of the whole block in the file."""
        return HEAD.size + len(self.payload) + SEAL_BYTES


@dataclass(frozen=True, slots=True)
class Mark:
    """The frame of a block: where it stands, its size in bytes, its last arrival and its hash."""

    kind: BlockKind
    number: int
    last_us: int
    offset: int
    size: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class Flaw:
    """A place where a file is not what was sealed. `at_us` is the first arrival of that block.

    `torn`: the file ends inside a block, as after a power cut or a kill in the middle of a write;
    what was sealed before it stands. Everything else is damage.
    """

    offset: int
    number: int
    what: str
    at_us: int | None = None
    torn: bool = False


class Chain:
    """Makes the blocks of one file, in order; the caller writes them."""

    def __init__(self) -> None:
        self.head = GENESIS
        self.blocks = 0
        self.bytes = 0

    def describe(self, description: bytes, opened_us: int) -> bytes:
        """Block 0. `description` is canonical JSON."""
        return self._seal(BlockKind.DESCRIPTION, description, 0, (opened_us, opened_us))

    def packets(self, records: bytes, count: int, arrivals: tuple[int, int]) -> bytes:
        """A block of `count` records, with the first and last arrival."""
        return self._seal(BlockKind.PACKETS, records, count, arrivals)

    def end(self, ended_us: int) -> bytes:
        """The last block: nothing was handed over after `ended_us`."""
        return self._seal(BlockKind.END, b"", 0, (ended_us, ended_us))

    def _seal(self, kind: BlockKind, payload: bytes, count: int, span: tuple[int, int]) -> bytes:
        fields = (MAGIC, VERSION, kind, 0, self.blocks, count, *span, len(payload), self.head)
        guarded = HEAD.pack(*fields, 0)[:_GUARDED]
        body = guarded + _CRC.pack(zlib.crc32(guarded)) + payload
        self.head = hashlib.sha256(body).digest()
        self.blocks += 1
        self.bytes += len(body) + SEAL_BYTES
        return body + self.head


def record(arrival_us: int, data: bytes, rtcp: bool) -> bytes:
    """One packet as it stands in the payload of a block. At most 65,535 bytes of data."""
    return RECORD.pack(arrival_us, len(data), rtcp) + data


def packets(payload: bytes) -> Iterator[Packet]:
    """The packets of one block, in the order in which they came. ValueError for a torn record."""
    position = 0
    while position < len(payload):
        start = position + RECORD.size
        if start > len(payload):
            raise ValueError(f"a record is cut at byte {position} of its block")
        arrival_us, length, kind = RECORD.unpack_from(payload, position)
        position = start + length
        if position > len(payload):
            raise ValueError(f"a packet is cut at byte {start} of its block")
        if kind > 1:
            raise ValueError(f"a record has the unknown kind {kind}")
        yield Packet(arrival_us, kind == 1, payload[start:position])


class BlockReader:
    """Reads the blocks of one file, also while it grows: `read` goes on where it stopped.

    After damage inside a block reading goes on behind it, so that every damaged block is named;
    when a head itself is wrong nothing behind it can be framed (`broken`). A torn end is told as
    a flaw each time and looked at again by the next `read`: it may be a block being written.
    """

    def __init__(self) -> None:
        self.offset = 0
        self.number = 0
        self.ended = False
        self.broken = False
        self.previous = GENESIS

    def read(self, stream: BinaryIO) -> Iterator[Block | Flaw]:
        """Every block from here on that holds, and a flaw for one that does not. The stream
        stands at `offset`."""
        while not self.broken and (head := stream.read(HEAD.size)):
            what = _fault_of_head(head)
            if what is not None:
                torn = len(head) < HEAD.size and not self.ended
                self.broken = not torn
                yield Flaw(self.offset, self.number, what, torn=torn)
                return
            length = HEAD.unpack(head)[8]
            rest = stream.read(length + SEAL_BYTES)
            block = _block(head, rest[:length], rest[length:], self.offset)
            if len(rest) < length + SEAL_BYTES:
                what = "the file ends inside a block"
                yield Flaw(self.offset, self.number, what, block.first_us, not self.ended)
                return
            yield self._judge(block, head)

    def _judge(self, block: Block, head: bytes) -> Block | Flaw:
        what = _fault_of_block(block, head)
        what = what or _fault_of_order(block, self.number, self.previous, self.ended)
        number = self.number
        self.ended = self.ended or block.kind is BlockKind.END
        self.offset, self.number = block.offset + block.size, number + 1
        self.previous = block.seal
        return block if what is None else Flaw(block.offset, number, what, block.first_us)


def blocks(stream: BinaryIO) -> Iterator[Block | Flaw]:
    """Read a file from its beginning: every block that holds, and a flaw for one that does not.
    A flaw that is torn, or of a head, is the last item."""
    return BlockReader().read(stream)


def skim(stream: BinaryIO) -> Iterator[Mark]:
    """The frames of a file's blocks, without their payloads and without checking hashes; ends
    where no further whole block follows. The stream must be seekable."""
    offset, number = 0, 0
    head = stream.read(HEAD.size)
    while _fault_of_head(head) is None:
        _, _, kind, _, of, _, _, last_us, length, *_ = HEAD.unpack(head)
        stream.seek(offset + HEAD.size + length)
        behind = stream.read(SEAL_BYTES + HEAD.size)
        seal, head = behind[:SEAL_BYTES], behind[SEAL_BYTES:]
        if of != number or len(seal) < SEAL_BYTES:
            return
        mark = Mark(BlockKind(kind), number, last_us, offset, HEAD.size + length + SEAL_BYTES, seal)
        yield mark
        offset, number = offset + mark.size, number + 1


def holds(stream: BinaryIO, mark: Mark) -> bool:
    """Whether a skimmed block is what its hash says."""
    stream.seek(mark.offset)
    body = stream.read(mark.size - SEAL_BYTES)
    return hashlib.sha256(body).digest() == mark.seal


def _fault_of_head(head: bytes) -> str | None:
    if len(head) < HEAD.size:
        return "the file ends inside the head of a block"
    magic, version, kind, zero, *_, crc = HEAD.unpack(head)
    if magic != MAGIC or crc != zlib.crc32(head[:_GUARDED]):
        return "the head of a block is damaged, nothing behind it can be read"
    if version != VERSION or kind > max(BlockKind) or zero:
        return f"a block of version {version}, kind {kind} is unknown"
    return None


def _block(head: bytes, payload: bytes, seal: bytes, offset: int) -> Block:
    _, _, kind, _, number, count, first, last, _, previous, _ = HEAD.unpack(head)
    return Block(BlockKind(kind), number, count, first, last, payload, previous, seal, offset)


def _fault_of_block(block: Block, head: bytes) -> str | None:
    digest = hashlib.sha256(head)
    digest.update(block.payload)
    return None if digest.digest() == block.seal else "a block is not what its hash says"


def _fault_of_order(block: Block, number: int, previous: bytes, ended: bool) -> str | None:
    if block.previous != previous or block.number != number:
        return "a block does not follow the one before it"
    if (block.kind is BlockKind.DESCRIPTION) != (number == 0):
        return "the description of the track is not where it belongs"
    return "there is a block behind the end of the take" if ended else None
