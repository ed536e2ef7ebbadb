"""RTP and RTCP written and read by hand, so that tests do not judge the server's code by itself."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict, Unpack


def digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()[:16]


class Extras(TypedDict, total=False):
    marker: bool
    elements: dict[int, bytes]
    """id → value, in the one-byte form."""
    padding: int


def rtp(header: tuple[int, int, int, int], payload: bytes, **more: Unpack[Extras]) -> bytes:
    """One packet; `header`: PT, sequence number, timestamp, SSRC."""
    pt, seq, timestamp, ssrc = header
    elements, padding = more.get("elements", {}), more.get("padding", 0)
    first = 0x80 | (0x20 if padding else 0) | (0x10 if elements else 0)
    second = pt | (0x80 if more.get("marker") else 0)
    out = struct.pack("!BBHII", first, second, seq & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    if elements:
        block = b"".join(bytes([n << 4 | len(v) - 1]) + v for n, v in elements.items())
        block += bytes(-len(block) % 4)
        out += struct.pack("!HH", 0xBEDE, len(block) // 4) + block
    return out + payload + (bytes(padding - 1) + bytes([padding]) if padding else b"")


@dataclass(frozen=True)
class Parsed:
    """An RTP packet as a subscriber reads it."""

    pt: int
    marker: bool
    seq: int
    timestamp: int
    ssrc: int
    elements: dict[int, bytes]
    payload: bytes


def parse(data: bytes) -> Parsed:
    first, second, seq, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    at, elements = 12 + 4 * (first & 15), {}
    if first & 0x10:
        profile, words = struct.unpack_from("!HH", data, at)
        assert profile == 0xBEDE
        position, end = at + 4, at + 4 + 4 * words
        while position < end:
            if data[position]:
                length = (data[position] & 15) + 1
                elements[data[position] >> 4] = data[position + 1 : position + 1 + length]
                position += length
            position += 1
        at = end
    end = len(data) - (data[-1] if first & 0x20 else 0)
    return Parsed(second & 0x7F, second >= 128, seq, timestamp, ssrc, elements, data[at:end])


def split(compound: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(count or format, type, whole packet) of each packet of an RTCP compound."""
    at = 0
    while at < len(compound):
        first, kind, words = struct.unpack_from("!BBH", compound, at)
        yield first & 31, kind, compound[at : at + 4 + 4 * words]
        at += 4 + 4 * words


def nacked(packet: bytes) -> list[int]:
    """The sequence numbers a generic NACK asks for."""
    seqs = []
    for at in range(12, len(packet), 4):
        first, mask = struct.unpack_from("!HH", packet, at)
        seqs += [first, *((first + 1 + bit) & 0xFFFF for bit in range(16) if mask >> bit & 1)]
    return seqs


def nack(media: int, seqs: list[int]) -> bytes:
    body = struct.pack("!II", 1, media) + b"".join(struct.pack("!HH", seq, 0) for seq in seqs)
    return struct.pack("!BBH", 0x81, 205, len(body) // 4) + body


def pli(media: int) -> bytes:
    return struct.pack("!BBHII", 0x81, 206, 2, 1, media)


def fir(media: int) -> bytes:
    return struct.pack("!BBHIIIB3x", 0x84, 206, 4, 1, 0, media, 7)


def sender_report(ssrc: int, ntp: int, timestamp: int) -> bytes:
    return struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, ntp, timestamp & 0xFFFFFFFF, 1, 1)


def ntp(us: int) -> int:
    return (us << 32) // 1_000_000
