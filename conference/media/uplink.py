"""One track as it comes: what is new of it, what is missing, and who gets it."""

from __future__ import annotations

from collections.abc import Mapping

from conference.media.cache import PacketCache
from conference.media.downlink import Downlink
from conference.media.forwarder.api import TrackCounters, Uplink
from conference.media.keyframe import KeyframeArbiter, vp8_keyframe_starts
from conference.media.leg import Leg
from conference.media.nack import LossTracker
from conference.media.reports import MediaClock, PublisherClock, Reception
from conference.media.rewriter import ExtensionRewriter
from conference.media.rtp import RtpPacket

RECORDED_KEYFRAME_US = 10_000_000
"""Browsers send a keyframe only when asked, and a replay can be entered only there."""


class UplinkTrack:
    """The receiving side of one m-line.

    Nobody may want it (muted, no subscriber, no recording): then its packets are counted and
    dropped, none is kept and none is asked for.
    """

    __slots__ = (
        "_bytes_in", "_keyframe_us", "_last_keyframe", "_needed_above", "_rewriters", "_video",
        "abandoned", "cache", "clock", "downlinks", "keyframes", "keyframes_seen", "leg", "loss",
        "nacks_out", "newest", "packets_in", "plis_out", "reception", "recorded", "recovered",
        "rtx_ssrc", "spec", "ssrc", "wanted",
    )  # fmt: skip

    def __init__(self, spec: Uplink, leg: Leg, publisher: PublisherClock) -> None:
        self.spec = spec
        self.leg = leg
        self.ssrc = spec.ssrc
        self.rtx_ssrc = spec.rtx_ssrc
        self.downlinks: tuple[Downlink, ...] = ()
        self.recorded = False
        self.wanted = False
        self._video = spec.kind == "video"
        self._rewriters: dict[tuple[tuple[str, int], ...], ExtensionRewriter] = {}
        self.keyframes = KeyframeArbiter()
        self.clock = MediaClock(spec.clock_rate, publisher)
        self.packets_in = self._bytes_in = self.recovered = self.abandoned = 0
        self.nacks_out = self.plis_out = self.keyframes_seen = 0
        self.restart()

    def restart(self) -> None:
        """Begin a stream with numbers of its own: at first, and when the SSRC changes."""
        self.loss = LossTracker()
        self.cache = PacketCache(self.spec.kind)
        self.reception = Reception(self.spec.clock_rate)
        self.newest: tuple[int, int] = (0, 0)
        """Timestamp and arrival of the newest packet."""
        self._last_keyframe = -1
        self._keyframe_us: int | None = None
        self._needed_above = -1

    @property
    def needs_keyframes(self) -> bool:
        """A picture that somebody watches or records."""
        return self._video and self.wanted

    def consumers(self, downlinks: tuple[Downlink, ...], recorded: bool) -> None:
        """Who gets the track from now on."""
        self.downlinks = downlinks
        self.recorded = recorded
        wanted = bool(downlinks) or recorded
        if self.wanted and not wanted:
            self.cache.clear()
            self.loss.forget()
            self.keyframes.seen()
        self.wanted = wanted

    def rewriter(self, outgoing: Mapping[str, int]) -> ExtensionRewriter:
        """The rewriter for slots with these ids, one for all of them."""
        key = tuple(sorted(outgoing.items()))
        if key not in self._rewriters:
            self._rewriters[key] = ExtensionRewriter(self.spec.extensions, outgoing)
        return self._rewriters[key]

    def take(self, packet: RtpPacket) -> bool:
        """A packet of the stream itself; False for one that nobody gets."""
        now_us = packet.arrival_us
        self.packets_in += 1
        self._bytes_in += len(packet.data)
        if not self.wanted:
            self.loss.skip(packet.seq)
            self.reception.arrived(self.loss.highest, packet.timestamp, now_us)
            return False
        before = self.loss.highest
        index = self.loss.arrived(packet.seq, now_us)
        if index < 0:
            return False
        self.reception.arrived(index, packet.timestamp, now_us)
        if index > before:
            self.newest = (packet.timestamp, now_us)
        else:
            self.recovered += 1
        self._keep(packet, index)
        return True

    def take_repaired(self, packet: RtpPacket) -> bool:
        """A packet out of a retransmission; False for a copy of one that came already."""
        if not self.wanted or self.loss.highest < 0:
            return False
        before = self.loss.highest
        index = self.loss.arrived(packet.seq, packet.arrival_us)
        if index < 0:
            return False
        if index > before:
            self.newest = (packet.timestamp, packet.arrival_us)
        self.recovered += 1
        self._keep(packet, index)
        return True

    def give_up(self, now_us: int) -> bool:
        """Stop asking for what was asked for long enough; True when that breaks the picture."""
        lost = self.loss.give_up(now_us)
        self.abandoned += len(lost)
        return self._video and any(index > self._last_keyframe for index in lost)

    def request_keyframe(self, now_us: int, reachable: bool) -> bool:
        """Somebody needs a keyframe that is yet to come; True when to ask for it now."""
        self._needed_above = self.loss.highest
        if not reachable:
            self.keyframes.need(now_us)
            return False
        return self.keyframes.request(now_us)

    def lacks_keyframe(self, now_us: int) -> bool:
        """A recorded picture without a keyframe for so long that nobody could look for a moment in
        it."""
        last_us = self._keyframe_us
        return (
            self._video and self.recorded and last_us is not None
            and now_us - last_us >= RECORDED_KEYFRAME_US
        )  # fmt: skip

    def counters(self) -> TrackCounters:
        """A copy of the counts."""
        return TrackCounters(
            packets_in=self.packets_in,
            bytes_in=self._bytes_in,
            recovered=self.recovered,
            abandoned=self.abandoned,
            nacks_out=self.nacks_out,
            plis_out=self.plis_out,
            keyframes=self.keyframes_seen,
        )

    def _keep(self, packet: RtpPacket, index: int) -> None:
        packet.index = index
        self.cache.put(packet)
        if self._video and vp8_keyframe_starts(packet.payload):
            packet.keyframe = True
            self.keyframes_seen += 1
            self._keyframe_us = packet.arrival_us
            if index > self._needed_above:
                self.keyframes.seen()
            self._last_keyframe = max(self._last_keyframe, index)
