"""RTCP (RFC 3550 §6, RFC 4585 §6, RFC 5104 §4.3.1): read compounds, write our own.

Reading gives what a forwarder acts on; everything else that is well formed is passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
_NACK, _PLI, _FIR, _AFB = 1, 1, 4, 15
MAX_BLOCKS = 31
_MAX_NACKED = 512
"""Packets one datagram may ask for: three seconds of video."""

_HEADER = struct.Struct("!BBH")
_BLOCK = struct.Struct("!IB3sIIII")
_SENDER = struct.Struct("!QIII")
_TWO = struct.Struct("!II")
_PAIR = struct.Struct("!HH")
_WORD = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """Reception of one SSRC.  `fraction_lost` in 1/256, `jitter` in clock ticks, `last_sr` the
    middle 32 bits of an NTP time, `delay` since it in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_sr: int
    delay: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp` in 32.32 fixed point; `raw` is the packet as it came."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    """`seqs` of `media` are missing."""

    sender: int
    media: int
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyframeRequest:
    """PLI or FIR: each of `media` shall send a keyframe."""

    sender: int
    media: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bye:
    ssrcs: tuple[int, ...]


Message = SenderReport | ReceiverReport | Nack | KeyframeRequest | Bye


class _MalformedError(Exception):
    """Inside this module only: the compound ends before it should."""


def parse(data: bytes) -> list[Message] | None:
    """What a compound says, in its order; None when any of it is malformed."""
    messages: list[Message] = []
    at = 0
    try:
        while at < len(data):
            count, kind, end, body_end = _bounds(data, at)
            reader = _READERS.get(kind)
            if reader is not None:
                message = reader(data[at:body_end], count)
                if message is not None:
                    messages.append(message)
            at = end
    except (_MalformedError, struct.error):
        return None
    return messages if data else None


def _bounds(data: bytes, at: int) -> tuple[int, int, int, int]:
    if at + 4 > len(data):
        raise _MalformedError
    first, kind, words = _HEADER.unpack_from(data, at)
    end = at + 4 + 4 * words
    if first >> 6 != 2 or end > len(data):
        raise _MalformedError
    body_end = end
    if first & 0x20:
        padding = data[end - 1]
        if padding == 0 or padding > 4 * words:
            raise _MalformedError
        body_end -= padding
    return first & 0x1F, kind, end, body_end


def _read_blocks(packet: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    if at + count * _BLOCK.size > len(packet):
        raise _MalformedError
    blocks = []
    for number in range(count):
        values = _BLOCK.unpack_from(packet, at + number * _BLOCK.size)
        ssrc, fraction, lost, highest, jitter, last_sr, delay = values
        total = int.from_bytes(lost, "big", signed=True)
        blocks.append(ReportBlock(ssrc, fraction, total, highest, jitter, last_sr, delay))
    return tuple(blocks)


def _read_sr(packet: bytes, count: int) -> SenderReport:
    (ssrc,) = _WORD.unpack_from(packet, 4)
    ntp, timestamp, packets, octets = _SENDER.unpack_from(packet, 8)
    blocks = _read_blocks(packet, 28, count)
    return SenderReport(ssrc, ntp, timestamp, packets, octets, blocks, packet)


def _read_rr(packet: bytes, count: int) -> ReceiverReport:
    (ssrc,) = _WORD.unpack_from(packet, 4)
    return ReceiverReport(ssrc, _read_blocks(packet, 8, count))


def _read_bye(packet: bytes, count: int) -> Bye:
    return Bye(struct.unpack_from(f"!{count}I", packet, 4))


def _read_rtpfb(packet: bytes, count: int) -> Nack | None:
    sender, media = _TWO.unpack_from(packet, 4)
    if count != _NACK:
        return None
    seqs: list[int] = []
    for at in range(12, len(packet) - 3, 4):
        first, mask = _PAIR.unpack_from(packet, at)
        seqs.append(first)
        seqs.extend((first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
    return Nack(sender, media, tuple(seqs[:_MAX_NACKED]))


def _read_psfb(packet: bytes, count: int) -> KeyframeRequest | None:
    sender, media = _TWO.unpack_from(packet, 4)
    if count == _PLI:
        return KeyframeRequest(sender, (media,))
    if count == _FIR:
        entries = range(12, len(packet) - 7, 8)
        return KeyframeRequest(sender, tuple(_WORD.unpack_from(packet, at)[0] for at in entries))
    return None


_READERS: dict[int, Callable[[bytes, int], Message | None]] = {
    SR: _read_sr,
    RR: _read_rr,
    BYE: _read_bye,
    RTPFB: _read_rtpfb,
    PSFB: _read_psfb,
}


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _pack_blocks(blocks: Sequence[ReportBlock]) -> bytes:
    return b"".join(
        _BLOCK.pack(
            block.ssrc,
            block.fraction_lost,
            max(-0x800000, min(block.lost, 0x7FFFFF)).to_bytes(3, "big", signed=True),
            block.highest & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_sr,
            min(block.delay, 0xFFFFFFFF),
        )
        for block in blocks
    )


def sender_report(ssrc: int, ntp: int, timestamp: int, sent: tuple[int, int]) -> bytes:
    """SR without report blocks; `sent` are the packets and the octets of payload so far."""
    packets, octets = sent
    body = _WORD.pack(ssrc) + _SENDER.pack(
        ntp, timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF
    )
    return _packet(0, SR, body)


def receiver_report(ssrc: int, blocks: Sequence[ReportBlock]) -> bytes:
    """RR with at most 31 blocks."""
    return _packet(len(blocks), RR, _WORD.pack(ssrc) + _pack_blocks(blocks))


def sdes(ssrc: int, cname: str) -> bytes:
    """SDES with the CNAME, which every compound with a report carries (RFC 3550 §6.1)."""
    name = cname.encode()[:255]
    body = _WORD.pack(ssrc) + bytes((1, len(name))) + name
    return _packet(1, SDES, body + bytes(4 - len(body) % 4))


def nack(sender: int, media: int, seqs: Iterable[int]) -> bytes:
    """Generic NACK; `seqs` ascending modulo 2^16, each with up to 16 followers in one entry."""
    entries: list[tuple[int, int]] = []
    for seq in seqs:
        if entries:
            first, mask = entries[-1]
            distance = (seq - first) & 0xFFFF
            if 1 <= distance <= 16:
                entries[-1] = (first, mask | 1 << (distance - 1))
                continue
        entries.append((seq, 0))
    body = b"".join(_PAIR.pack(*entry) for entry in entries)
    return _packet(_NACK, RTPFB, _TWO.pack(sender, media) + body)


def pli(sender: int, media: int) -> bytes:
    """Picture loss indication."""
    return _packet(_PLI, PSFB, _TWO.pack(sender, media))


def remb(sender: int, bps: int, media: Sequence[int]) -> bytes:
    """Receiver estimated maximum bitrate; rounded down to 18 significant bits."""
    exponent = max(0, bps.bit_length() - 18)
    head = len(media) << 24 | exponent << 18 | bps >> exponent
    body = b"REMB" + _WORD.pack(head) + struct.pack(f"!{len(media)}I", *media)
    return _packet(_AFB, PSFB, _TWO.pack(sender, 0) + body)
