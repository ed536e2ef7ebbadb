"""What peers tell in RTCP: publishers their clocks, subscribers what they lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conference.ids import TrackId
from conference.media import reports, rtcp
from conference.media.forwarder.peers import Peer
from conference.media.forwarder.upstream import Upstream
from conference.media.ports import PacketSink
from conference.media.uplink import UplinkTrack


class Feedback:
    """Acts on incoming RTCP.  What names a stream that is not the peer's own is passed over."""

    def __init__(
        self,
        tracks: Mapping[TrackId, UplinkTrack],
        upstream: Upstream,
        sink: PacketSink | None,
    ) -> None:
        self._tracks = tracks
        self._upstream = upstream
        self._sink = sink
        self._actions: dict[type[rtcp.Message], Callable[[Peer, rtcp.Message, int], None]] = {
            rtcp.SenderReport: self._on_sender_report,
            rtcp.ReceiverReport: self._on_receiver_report,
            rtcp.Nack: self._on_nack,
            rtcp.KeyframeRequest: self._on_keyframe_request,
            rtcp.Bye: self._on_bye,
        }

    def handle(self, peer: Peer, messages: list[rtcp.Message], now_us: int) -> None:
        """One compound from this peer."""
        for message in messages:
            action = self._actions.get(type(message))
            if action is not None:
                action(peer, message, now_us)

    def _on_sender_report(self, peer: Peer, message: rtcp.Message, now_us: int) -> None:
        assert isinstance(message, rtcp.SenderReport)
        self._on_blocks(peer, message.blocks, now_us)
        found = peer.sources.get(message.ssrc)
        if found is None or found[1]:
            return
        uplink = found[0]
        peer.clock.report(message.ntp, now_us)
        uplink.clock.report(message.ntp, message.timestamp)
        uplink.reception.sender_report(message.ntp, now_us)
        if uplink.recorded and self._sink is not None:
            self._sink.packet(uplink.spec.track, now_us, message.raw, True)

    def _on_receiver_report(self, peer: Peer, message: rtcp.Message, now_us: int) -> None:
        assert isinstance(message, rtcp.ReceiverReport)
        self._on_blocks(peer, message.blocks, now_us)

    def _on_blocks(self, peer: Peer, blocks: tuple[rtcp.ReportBlock, ...], now_us: int) -> None:
        for block in blocks:
            if block.ssrc in peer.streams:
                rtt_us = reports.round_trip_us(block, now_us)
                if rtt_us is not None:
                    peer.leg.measured(rtt_us)

    def _on_nack(self, peer: Peer, message: rtcp.Message, now_us: int) -> None:
        assert isinstance(message, rtcp.Nack)
        downlink = peer.streams.get(message.media)
        if downlink is not None:
            peer.leg.nacks_in += 1
            peer.leg.rtx_out += downlink.resend(message.seqs, now_us)

    def _on_keyframe_request(self, peer: Peer, message: rtcp.Message, now_us: int) -> None:
        assert isinstance(message, rtcp.KeyframeRequest)
        for ssrc in message.media:
            downlink = peer.streams.get(ssrc)
            if downlink is None:
                continue
            peer.leg.plis_in += 1
            uplink = None if downlink.track is None else self._tracks.get(downlink.track)
            if uplink is not None:
                self._upstream.request_keyframe(uplink, now_us)

    def _on_bye(self, peer: Peer, message: rtcp.Message, now_us: int) -> None:
        """The stream ended: nothing more of it is asked for.  It may begin again."""
        assert isinstance(message, rtcp.Bye)
        for ssrc in message.ssrcs:
            found = peer.sources.get(ssrc)
            if found is not None and not found[1]:
                found[0].loss.forget()
                found[0].keyframes.seen()
