"""Retransmission (RFC 4588): the format, and how often a subscriber is answered."""

from __future__ import annotations

from conference.media.rtp import HEADER, RtpPacket

OSN_BYTES = 2
"""The original sequence number in front of the payload."""
_REMEMBERED = 1024
_DEFAULT_RTT_US = 100_000
_FLOOR_US = 10_000
"""A subscriber whose reports claim no delay at all does not multiply its traffic."""


def unwrap_rtx(packet: RtpPacket, ssrc: int, pt: int) -> bytes | None:
    """The original packet inside a retransmission; None for a browser's probe without content.

    Header extension and padding stay as they are on the retransmission.
    """
    if len(packet.payload) <= OSN_BYTES:
        return None
    data = packet.data
    start = _payload_offset(packet)
    seq = int.from_bytes(packet.payload[:OSN_BYTES], "big")
    original = bytearray(data[:start])
    HEADER.pack_into(original, 0, data[0], packet.marker | pt, seq, packet.timestamp, ssrc)
    return bytes(original) + data[start + OSN_BYTES :]


def _payload_offset(packet: RtpPacket) -> int:
    if packet.elements_range is not None:
        return packet.elements_range[2]
    return 12 + 4 * (packet.data[0] & 0x0F)


class ResendLimiter:
    """Answers each request of one slot once per round trip, however often it is repeated."""

    __slots__ = ("_sent_us",)

    def __init__(self) -> None:
        self._sent_us: dict[int, int] = {}

    def allow(self, index: int, forwarded_us: int, now_us: int, rtt_us: int | None) -> bool:
        """True when the packet is to be sent again now.

        A request that comes within half a round trip after the packet was forwarded has crossed
        it on the way: the packet was late because the server itself had to ask for it.
        `rtt_us` is None until it has been measured.
        """
        last_us = self._sent_us.get(index)
        if last_us is None:
            if rtt_us is not None and now_us - forwarded_us < rtt_us // 2:
                return False
        elif now_us - last_us < (_DEFAULT_RTT_US if rtt_us is None else max(rtt_us, _FLOOR_US)):
            return False
        else:
            del self._sent_us[index]  # so that the oldest is the first
        self._sent_us[index] = now_us
        if len(self._sent_us) > _REMEMBERED:
            del self._sent_us[next(iter(self._sent_us))]
        return True

    def clear(self) -> None:
        """Another track begins."""
        self._sent_us.clear()
