"""Header extensions of a publisher's packets in the ids of a subscriber (RFC 8285, RFC 9143)."""

from __future__ import annotations

from collections.abc import Mapping

from conference.media.extensions import element
from conference.media.forwarder.api import ABS_SEND_TIME, MID
from conference.media.rtp import RtpPacket

_HOP_BY_HOP = frozenset(
    {
        MID,
        ABS_SEND_TIME,
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    }
)
"""Said between two neighbours: never passed on, written anew or left out."""


def abs_send_time(mono_us: int) -> bytes:
    """Seconds in 6.18 fixed point, modulo 64 s: the value of the abs-send-time extension."""
    return ((mono_us << 18) // 1_000_000 & 0xFFFFFF).to_bytes(3, "big")


class ExtensionRewriter:
    """What the packets of one uplink carry towards slots with one set of ids.

    Slots with the same ids share one rewriter, so that a packet's elements are built once however
    many receive it; the MID, which each slot has for itself, is added by the slot.
    """

    __slots__ = ("_ids", "_send_time")

    def __init__(self, incoming: Mapping[str, int], outgoing: Mapping[str, int]) -> None:
        self._ids = {
            number: outgoing[uri]
            for uri, number in incoming.items()
            if uri in outgoing and uri not in _HOP_BY_HOP
        }
        self._send_time = outgoing.get(ABS_SEND_TIME)

    def elements(self, packet: RtpPacket, sent_us: int) -> bytes:
        """The elements with the slots' ids, without MID; a new send time, as clocks of different
        publishers must not mix on one connection.  The same arguments give the same bytes."""
        out = b""
        if self._send_time is not None:
            out = element(self._send_time, abs_send_time(sent_us))
        if self._ids and packet.elements_range is not None:
            for number, value in packet.elements():
                outgoing = self._ids.get(number)
                if outgoing is not None:
                    out += element(outgoing, value)
        return out
