"""One slot: packets of whichever track it carries, in the slot's own numbers and ids."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from conference.ids import TrackId
from conference.media import rtcp
from conference.media.cache import PacketCache
from conference.media.extensions import ONE_BYTE, element
from conference.media.forwarder.api import MID, Slot
from conference.media.leg import Leg
from conference.media.reports import PERIOD_US, MediaClock, ntp_from_us
from conference.media.rewriter import ExtensionRewriter
from conference.media.rtp import HEADER, HEADER_BYTES, RtpPacket
from conference.media.rtx import ResendLimiter
from conference.media.srtp import Scratch
from conference.media.timeline import Timeline

_EXTENDED = struct.Struct("!BBHIIHH")
"""The fixed header, and the head of the header extension."""
_EXTENDED_BYTES = 16
_PLAIN, _WITH_EXTENSION = 0x80, 0x90


class Downlink:
    """The sending side of one m-line.

    A packet is rewritten into the scratch buffer and sent from there.  What is sent again on the
    same SSRC is the same to the bit: two packets under one SRTP index would break AES-GCM
    (RFC 7714 §9.2).
    """

    __slots__ = (
        "_dropped", "_limiter", "_mid", "_octets", "_packets", "_report_due_us", "_rtx_seq",
        "_scratch", "_started", "cache", "leg", "rewriter", "slot", "timeline", "track",
    )  # fmt: skip

    def __init__(self, slot: Slot, leg: Leg, scratch: Scratch, numbers: tuple[int, int, int]):
        """`numbers`: the first sequence number, RTX sequence number and timestamp, random."""
        seq, self._rtx_seq, timestamp = numbers
        self.leg = leg
        self._scratch = scratch
        self.timeline = Timeline(slot.clock_rate, seq, timestamp)
        self.track: TrackId | None = None
        self.cache: PacketCache | None = None
        self.rewriter = ExtensionRewriter({}, {})
        self._limiter = ResendLimiter()
        self._dropped = leg.totals.dropped
        self._started = False
        self._packets = self._octets = 0
        self._report_due_us = 0
        self.slot = slot
        self._mid = _mid_endings(slot)

    def update(self, slot: Slot) -> None:
        """The same m-line after a negotiation; what was sent in the old form is not sent again."""
        self.slot = slot
        self._mid = _mid_endings(slot)
        self.timeline.close()

    def route(self, track: TrackId, cache: PacketCache, rewriter: ExtensionRewriter) -> None:
        """Carry another track, or the same one after a pause: pictures begin at a keyframe."""
        self.unroute()
        self.track, self.cache, self.rewriter = track, cache, rewriter

    def unroute(self) -> None:
        """Carry nothing: neither a packet nor a retransmission leaves from now on."""
        self.track, self.cache = None, None
        self.timeline.close()
        self._limiter.clear()
        self._started = False

    @property
    def awaits_keyframe(self) -> bool:
        """The slot has a picture's track and shows nothing of it yet."""
        return self.track is not None and not self._started and self.slot.kind == "video"

    def forward(self, packet: RtpPacket, elements: bytes) -> None:
        """Send a packet that was just taken; `elements` by this slot's rewriter, for the moment of
        its arrival."""
        leg, timeline = self.leg, self.timeline
        index = packet.index
        if not leg.ready:
            self._dropped["not_connected"] += 1
            return
        if not self._started:
            if not packet.keyframe and self.slot.kind == "video":
                self._dropped["awaiting_keyframe"] += 1
                return
            self._start(packet)
        elif index < timeline.first:
            self._dropped["before_switch"] += 1
            return
        slot = self.slot
        seq = timeline.map(index, packet.timestamp, packet.arrival_us)
        payload = packet.payload
        self._packets += 1
        self._octets += len(payload)
        leg.send_rtp(self._write(packet, elements, (slot.pt, seq, slot.ssrc), payload))

    def resend(self, seqs: Sequence[int], now_us: int) -> int:
        """Answer a NACK; how many packets went out again.

        What is not in the cache is passed over: the server misses it too, and forwards it as soon
        as it has it.
        """
        sent = 0
        cache, leg = self.cache, self.leg
        if cache is None or not leg.ready:
            return 0
        for seq in seqs:
            index = self.timeline.source_of(seq)
            packet = None if index is None else cache.get(index, now_us)
            if packet is not None and self._limiter.allow(
                packet.index, packet.arrival_us, now_us, leg.rtt_us
            ):
                leg.send_rtp(self._write_again(packet, seq, now_us))
                sent += 1
        return sent

    def report(self, clock: MediaClock, newest: tuple[int, int], now_us: int) -> bytes:
        """SR and SDES when they are due, else nothing; `newest` is the track's newest timestamp and
        the instant of its arrival.  Soon after a switch, then each second."""
        if not self._started or now_us < self._report_due_us:
            return b""
        self._report_due_us = now_us + PERIOD_US
        timestamp = clock.timestamp_at(now_us, *newest) + self.timeline.timestamp_offset
        ssrc = self.slot.ssrc
        sent = (self._packets, self._octets)
        report = rtcp.sender_report(ssrc, ntp_from_us(now_us), timestamp, sent)
        return report + rtcp.sdes(ssrc, self.slot.cname)

    def _start(self, packet: RtpPacket) -> None:
        self.timeline.start(packet.index, packet.timestamp, packet.arrival_us)
        self._started = True
        self._report_due_us = packet.arrival_us

    def _write_again(self, packet: RtpPacket, seq: int, now_us: int) -> int:
        slot = self.slot
        if slot.rtx_ssrc is None or slot.rtx_pt is None:
            elements = self.rewriter.elements(packet, packet.arrival_us)
            return self._write(packet, elements, (slot.pt, seq, slot.ssrc), packet.payload)
        elements = self.rewriter.elements(packet, now_us)
        stream = (slot.rtx_pt, self._rtx_seq, slot.rtx_ssrc)
        self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
        return self._write(packet, elements, stream, seq.to_bytes(2, "big") + packet.payload)

    def _write(
        self,
        packet: RtpPacket,
        elements: bytes,
        stream: tuple[int, int, int],
        payload: bytes | memoryview,
    ) -> int:
        """Build the packet for `stream` (PT, sequence number, SSRC); its length in bytes."""
        pt, seq, ssrc = stream
        timestamp = (packet.timestamp + self.timeline.timestamp_offset) & 0xFFFFFFFF
        view = self._scratch.view
        block = elements + self._mid[len(elements) & 3]
        if block:
            words = len(block) >> 2
            _EXTENDED.pack_into(
                view, 0, _WITH_EXTENSION, packet.marker | pt, seq, timestamp, ssrc, ONE_BYTE, words
            )
            start = _EXTENDED_BYTES + len(block)
            view[_EXTENDED_BYTES:start] = block
        else:
            HEADER.pack_into(view, 0, _PLAIN, packet.marker | pt, seq, timestamp, ssrc)
            start = HEADER_BYTES
        end = start + len(payload)
        view[start:end] = payload
        return end


def _mid_endings(slot: Slot) -> tuple[bytes, ...]:
    """The MID element, padded for each length modulo 4 of the elements in front of it."""
    mid = element(slot.extensions.get(MID, 0), slot.mid.encode())
    return tuple(mid + bytes(-(before + len(mid)) % 4) for before in range(4))
