"""RTP packets without copies: header, padding and sequence arithmetic (RFC 3550 §5.1)."""

from __future__ import annotations

import struct

from conference.media import extensions

HEADER = struct.Struct("!BBHII")
"""V P X CC · M PT · sequence number · timestamp · SSRC."""
HEADER_BYTES = 12
MAX_BYTES = 2048
"""Longest datagram taken: one Ethernet frame and room to spare."""
MARKER = 0x80
_WORD = struct.Struct("!I")


def is_rtcp(datagram: bytes | bytearray | memoryview) -> bool:
    """Tell RTCP from RTP on one port by the second byte (RFC 5761 §4)."""
    return 192 <= datagram[1] <= 223


def unwrap(number: int, near: int) -> int:
    """The extended sequence number that `number` (16 bits) stands for, the nearest to `near`."""
    return near + ((number - near + 0x8000) & 0xFFFF) - 0x8000


class RtpPacket:
    """One plaintext packet and what its header says.

    `index` is the extended sequence number, set by the uplink when the packet is taken;
    `keyframe` tells that a keyframe begins with this packet; `arrival_us` is a mono instant.
    """

    __slots__ = (
        "arrival_us",
        "data",
        "elements_range",
        "index",
        "keyframe",
        "marker",
        "payload",
        "pt",
        "seq",
        "ssrc",
        "timestamp",
    )

    def __init__(self, data: bytes, arrival_us: int) -> None:
        """Take `data`, of which `parse` has seen that it is a packet."""
        self.data = data
        self.arrival_us = arrival_us
        _, second, self.seq, self.timestamp, self.ssrc = HEADER.unpack_from(data)
        self.marker: int = second & MARKER
        self.pt: int = second & 0x7F
        self.payload = memoryview(b"")
        self.elements_range: tuple[int, int, int] | None = None
        self.index = 0
        self.keyframe = False

    def elements(self) -> list[tuple[int, bytes]]:
        """The header extension as (id, value) (RFC 8285)."""
        if self.elements_range is None:
            return []
        profile, start, end = self.elements_range
        return extensions.parse(self.data, profile, start, end)


def parse(data: bytes, arrival_us: int) -> RtpPacket | None:
    """Read one plaintext packet; None when it is none.  Padding is not part of the payload."""
    length = len(data)
    if length < HEADER_BYTES or data[0] >> 6 != 2:
        return None
    packet = RtpPacket(data, arrival_us)
    first = data[0]
    start = HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:
        if length < start + 4:
            return None
        word = _WORD.unpack_from(data, start)[0]
        end = start + 4 + 4 * (word & 0xFFFF)
        packet.elements_range = (word >> 16, start + 4, end)
        start = end
    end = length
    if first & 0x20:
        padding = data[-1]
        if padding == 0:
            return None
        end -= padding
    if start > end:
        return None
    packet.payload = memoryview(data)[start:end]
    return packet
