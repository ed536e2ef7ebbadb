"""The newest packets of one track, for retransmission."""

from __future__ import annotations

from conference.media.forwarder.api import Kind
from conference.media.rtp import RtpPacket

_LIMITS: dict[str, tuple[int, int]] = {"video": (2048, 2_000_000), "audio": (256, 1_000_000)}
"""Kind → packets (a power of two) and µs; at 1.5 Mb/s video has about 170 packets a second."""


class PacketCache:
    """A ring over the extended sequence number, bounded in packets and in age."""

    __slots__ = ("_mask", "_max_age_us", "_ring")

    def __init__(self, kind: Kind) -> None:
        packets, self._max_age_us = _LIMITS[kind]
        self._mask = packets - 1
        self._ring: list[RtpPacket | None] = [None] * packets

    def put(self, packet: RtpPacket) -> None:
        """Keep the packet in the place of the one that is a ring's length older."""
        self._ring[packet.index & self._mask] = packet

    def get(self, index: int, now_us: int) -> RtpPacket | None:
        """The packet with that extended sequence number, if it is here and not too old."""
        packet = self._ring[index & self._mask]
        if packet is None or packet.index != index:
            return None
        if now_us - packet.arrival_us > self._max_age_us:
            return None
        return packet

    def clear(self) -> None:
        """Let go of everything: nobody is entitled to it any more."""
        self._ring = [None] * (self._mask + 1)
