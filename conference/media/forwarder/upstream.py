"""What publishers are told: NACK, PLI, REMB, receiver reports."""

from __future__ import annotations

from conference.media import rtcp
from conference.media.forwarder.peers import Peer
from conference.media.nack import DEFAULT_RTT_US
from conference.media.reports import PERIOD_US
from conference.media.rtcp import MAX_BLOCKS
from conference.media.uplink import UplinkTrack

_CNAME = "server"
_NACKED_AT_ONCE = 200


class Upstream:
    """Feedback to publishers, under one SSRC of the server."""

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc

    def request_keyframe(self, uplink: UplinkTrack, now_us: int) -> None:
        """Somebody needs a keyframe of this track; requests are merged and throttled."""
        if not uplink.needs_keyframes:
            return
        if uplink.request_keyframe(now_us, _reachable(uplink)):
            self._send_pli(uplink)

    def ask_again(self, uplink: UplinkTrack, now_us: int) -> None:
        """NACK what is missing and due."""
        if uplink.ssrc is None:
            return
        rtt_us = uplink.leg.round_trip_us(DEFAULT_RTT_US)
        seqs = uplink.loss.due(now_us, rtt_us)
        for start in range(0, len(seqs), _NACKED_AT_ONCE):
            part = seqs[start : start + _NACKED_AT_ONCE]
            uplink.leg.send_rtcp(rtcp.nack(self._ssrc, uplink.ssrc, part))
            uplink.nacks_out += 1

    def tick_track(self, uplink: UplinkTrack, now_us: int) -> None:
        """NACK and keyframe requests that are due; a hole that is given up breaks the picture
        until the next keyframe, and the server is the first to know. A picture that is recorded
        is asked for one now and then."""
        if not uplink.wanted:
            return
        if uplink.give_up(now_us) or uplink.lacks_keyframe(now_us):
            self.request_keyframe(uplink, now_us)
        if uplink.loss.missing:
            self.ask_again(uplink, now_us)
        if _reachable(uplink) and uplink.keyframes.due(now_us):
            self._send_pli(uplink)

    def tick_peer(self, peer: Peer, now_us: int) -> None:
        """REMB and receiver reports that are due."""
        if not peer.uplinks or not peer.leg.ready:
            return
        self.tell_cap(peer, now_us)
        if now_us >= peer.report_due_us:
            peer.report_due_us = now_us + PERIOD_US
            self._report(peer, now_us)

    def tell_cap(self, peer: Peer, now_us: int) -> None:
        """REMB, if it is due and the peer can be told: the first one decides how good the picture
        is in the first seconds."""
        if not peer.uplinks or not peer.leg.ready or not peer.remb.due(now_us):
            return
        media = [
            uplink.ssrc
            for uplink in peer.uplinks.values()
            if uplink.spec.kind == "video" and uplink.ssrc is not None
        ]
        peer.leg.send_rtcp(rtcp.remb(self._ssrc, peer.remb.cap_bps, media or [0]))

    def _send_pli(self, uplink: UplinkTrack) -> None:
        if uplink.ssrc is None:
            return
        uplink.plis_out += 1
        uplink.leg.send_rtcp(rtcp.pli(self._ssrc, uplink.ssrc))

    def _report(self, peer: Peer, now_us: int) -> None:
        blocks = []
        for uplink in peer.uplinks.values():
            if uplink.ssrc is not None:
                block = uplink.reception.block(uplink.ssrc, now_us)
                if block is not None:
                    blocks.append(block)
        for start in range(0, len(blocks), MAX_BLOCKS):
            report = rtcp.receiver_report(self._ssrc, blocks[start : start + MAX_BLOCKS])
            peer.leg.send_rtcp(report + rtcp.sdes(self._ssrc, _CNAME))


def _reachable(uplink: UplinkTrack) -> bool:
    return uplink.leg.ready and uplink.ssrc is not None
