"""The pure-Python forwarder: one packet's way from socket to sockets, in one call.

receive → peer by address → unprotect → track by SSRC → `UplinkTrack.take` → `Downlink.forward` of
each slot that carries it → protect → send.  No queue, no await, no decoding.
"""

from __future__ import annotations

from conference.ids import Randomness, TrackId
from conference.media import rtcp, rtp
from conference.media.forwarder.api import (
    Address,
    Datagram,
    ForwarderCounters,
    PeerId,
    RoutingTable,
    Send,
    Slot,
    SlotId,
    SrtpKeys,
    UnknownSource,
    Uplink,
)
from conference.media.forwarder.feedback import Feedback
from conference.media.forwarder.figures import Figures
from conference.media.forwarder.peers import Peer, PeerTable
from conference.media.forwarder.switchboard import Switchboard
from conference.media.forwarder.upstream import Upstream
from conference.media.leg import Leg, Totals
from conference.media.ports import PacketSink
from conference.media.rtx import unwrap_rtx
from conference.media.srtp import Refusal, Scratch
from conference.media.uplink import UplinkTrack

_MAX_COMPOUND = 1100


class PureForwarder:
    """`Forwarder` in Python; `send` takes each datagram, `sink` the packets of recorded tracks."""

    def __init__(self, send: Send, sink: PacketSink | None, random: Randomness) -> None:
        self._send = send
        self._sink = sink
        self._scratch = Scratch()
        self._totals = Totals()
        self._dropped = self._totals.dropped
        self._peers = PeerTable()
        self._by_address = self._peers.by_address
        self._upstream = Upstream(random.getrandbits(31) + 1)
        self._figures = Figures(self._totals)
        self._board = Switchboard(self._peers, self._upstream, self._figures, self._scratch, random)
        self._tracks = self._board.tracks
        self._feedback = Feedback(self._tracks, self._upstream, sink)
        self._now_us = 0

    # -- peers ---------------------------------------------------------------------------------

    def open_peer(self, peer: PeerId, keys: SrtpKeys, cap_bps: int) -> None:
        """See `Forwarder`."""
        opened = self._peer(peer)
        opened.leg.open(keys)
        opened.remb.cap_bps = cap_bps
        opened.remb.restart()
        self._reachable(opened)

    def move_peer(self, peer: PeerId, address: Address) -> None:
        """See `Forwarder`."""
        moved = self._peer(peer)
        if moved.leg.address != address:
            self._peers.move(moved, address)
            moved.remb.restart()
            self._reachable(moved)

    def close_peer(self, peer: PeerId) -> None:
        """See `Forwarder`."""
        closed = self._peers.by_id.get(peer)
        if closed is None:
            return
        for track in list(closed.uplinks):
            self._board.remove_uplink(track)
        for downlink in list(closed.streams.values()):
            self._board.remove_slot(downlink.slot.slot, self._now_us)
        self._figures.peer_ended(closed.leg)
        self._peers.remove(closed)

    def rtt_us(self, peer: PeerId) -> int | None:
        """See `Forwarder`."""
        found = self._peers.by_id.get(peer)
        return None if found is None else found.leg.rtt_us

    def rtt_hint(self, peer: PeerId, rtt_us: int) -> None:
        """See `Forwarder`."""
        found = self._peers.by_id.get(peer)
        if found is not None:
            found.leg.hint(rtt_us)

    def last_heard_us(self, peer: PeerId) -> int | None:
        """See `Forwarder`."""
        found = self._peers.by_id.get(peer)
        return None if found is None else found.leg.heard_us

    def unknown_sources(self) -> list[UnknownSource]:
        """See `Forwarder`."""
        return self._peers.drain_unknown()

    # -- tracks, slots, routes -----------------------------------------------------------------

    def add_uplink(self, uplink: Uplink) -> None:
        """See `Forwarder`."""
        self._board.add_uplink(uplink, self._peer(uplink.peer), self._now_us)

    def remove_uplink(self, track: TrackId) -> None:
        """See `Forwarder`."""
        self._board.remove_uplink(track)

    def add_slot(self, slot: Slot) -> None:
        """See `Forwarder`."""
        self._board.add_slot(slot, self._peer(slot.peer), self._now_us)

    def remove_slot(self, slot: SlotId) -> None:
        """See `Forwarder`."""
        self._board.remove_slot(slot, self._now_us)

    def apply(self, room: str, table: RoutingTable) -> None:
        """See `Forwarder`."""
        self._board.apply(room, table, self._now_us)

    # -- packets in ----------------------------------------------------------------------------

    def receive(self, datagram: Datagram, address: Address, now_us: int) -> None:
        """See `Forwarder`."""
        self._now_us = now_us
        length = len(datagram)
        if not rtp.HEADER_BYTES <= length <= rtp.MAX_BYTES:
            self._dropped["malformed"] += 1
            return
        is_rtcp = rtp.is_rtcp(datagram)
        peer = self._by_address.get(address)
        if peer is None:
            self._dropped["unknown_source"] += 1
            self._peers.note_unknown(memoryview(datagram), address, is_rtcp)
            return
        receiver = peer.leg.receiver
        if receiver is None:
            self._dropped["not_open"] += 1
            return
        view = self._scratch.view
        view[:length] = datagram
        size = receiver.rtcp(length) if is_rtcp else receiver.rtp(length)
        if size < 0:
            self._dropped["replay" if size == Refusal.REPLAY else "auth"] += 1
            return
        peer.leg.heard_us = now_us
        data = bytes(view[:size])
        if is_rtcp:
            self._on_rtcp(peer, data, now_us)
        else:
            self._on_rtp(peer, data, now_us)

    def _on_rtcp(self, peer: Peer, data: bytes, now_us: int) -> None:
        self._totals.rtcp_in += 1
        messages = rtcp.parse(data)
        if messages is None:
            self._dropped["malformed_rtcp"] += 1
            return
        self._feedback.handle(peer, messages, now_us)

    def _on_rtp(self, peer: Peer, data: bytes, now_us: int) -> None:
        leg = peer.leg
        leg.packets_in += 1
        leg.bytes_in += len(data)
        packet = rtp.parse(data, now_us)
        if packet is None:
            self._dropped["malformed"] += 1
            return
        found = peer.sources.get(packet.ssrc) or self._learn(peer, packet)
        if found is None:
            return
        uplink, repairs = found
        if packet.pt != (uplink.spec.rtx_pt if repairs else uplink.spec.pt):
            self._dropped["payload_type"] += 1
        elif repairs:
            self._on_repair(uplink, packet)
        elif uplink.take(packet):
            if uplink.loss.fresh:
                self._upstream.ask_again(uplink, now_us)
            self._fan_out(uplink, packet)
        else:
            self._dropped["duplicate" if uplink.wanted else "unrouted"] += 1

    def _on_repair(self, uplink: UplinkTrack, packet: rtp.RtpPacket) -> None:
        self._totals.rtx_in += 1
        original = None
        if uplink.ssrc is not None:
            data = unwrap_rtx(packet, uplink.ssrc, uplink.spec.pt)
            original = None if data is None else rtp.parse(data, packet.arrival_us)
        if original is None or not uplink.take_repaired(original):
            self._dropped["probe"] += 1
            return
        if uplink.loss.fresh:
            self._upstream.ask_again(uplink, packet.arrival_us)
        self._fan_out(uplink, original)

    def _learn(self, peer: Peer, packet: rtp.RtpPacket) -> tuple[UplinkTrack, bool] | None:
        found = peer.learn(packet)
        if found is None:
            self._dropped["unknown_ssrc"] += 1
            assert peer.leg.receiver is not None
            peer.leg.receiver.forget(packet.ssrc)
        elif not found[1]:
            self._board.connect(found[0], self._now_us)
            self._upstream.tell_cap(peer, self._now_us)
        return found

    # -- packets out ---------------------------------------------------------------------------

    def _fan_out(self, uplink: UplinkTrack, packet: rtp.RtpPacket) -> None:
        if uplink.recorded and self._sink is not None:
            self._sink.packet(uplink.spec.track, packet.arrival_us, packet.data, False)
        if packet.keyframe and packet.index < uplink.loss.highest:
            self._begin_late(uplink, packet)
            return
        rewriter, elements = None, b""
        for downlink in uplink.downlinks:
            if downlink.rewriter is not rewriter:
                rewriter = downlink.rewriter
                elements = rewriter.elements(packet, packet.arrival_us)
            downlink.forward(packet, elements)

    def _begin_late(self, uplink: UplinkTrack, packet: rtp.RtpPacket) -> None:
        """The first packet of a keyframe had to be asked for: who waited for it also gets what
        followed it and came before it."""
        for downlink in uplink.downlinks:
            waited = downlink.awaits_keyframe
            rewriter = downlink.rewriter
            downlink.forward(packet, rewriter.elements(packet, packet.arrival_us))
            if not waited or downlink.awaits_keyframe:
                continue
            for index in range(packet.index + 1, uplink.loss.highest + 1):
                later = uplink.cache.get(index, packet.arrival_us)
                if later is not None:
                    downlink.forward(later, rewriter.elements(later, later.arrival_us))

    # -- time ----------------------------------------------------------------------------------

    def tick(self, now_us: int) -> None:
        """See `Forwarder`."""
        self._now_us = now_us
        for uplink in self._tracks.values():
            self._upstream.tick_track(uplink, now_us)
        for peer in self._peers.by_id.values():
            self._upstream.tick_peer(peer, now_us)
            if peer.streams and peer.leg.ready:
                self._report(peer, now_us)

    def _report(self, peer: Peer, now_us: int) -> None:
        """Sender reports of the peer's slots, as many as fit in one datagram."""
        compound = b""
        for downlink in peer.streams.values():
            uplink = None if downlink.track is None else self._tracks.get(downlink.track)
            if uplink is None:
                continue
            compound += downlink.report(uplink.clock, uplink.newest, now_us)
            if len(compound) > _MAX_COMPOUND:
                peer.leg.send_rtcp(compound)
                compound = b""
        if compound:
            peer.leg.send_rtcp(compound)

    # -- figures -------------------------------------------------------------------------------

    def counters(self) -> ForwarderCounters:
        """See `Forwarder`."""
        return self._figures.counters(self._peers.by_id.values(), self._tracks)

    # -- helpers -------------------------------------------------------------------------------

    def _peer(self, peer: PeerId) -> Peer:
        found = self._peers.by_id.get(peer)
        if found is None:
            found = Peer(Leg(peer, self._scratch, self._send, self._totals))
            self._peers.add(found)
        return found

    def _reachable(self, peer: Peer) -> None:
        """The peer has just got keys or an address: say and ask what waited for it."""
        if not peer.leg.ready:
            return
        self._upstream.tell_cap(peer, self._now_us)
        for uplink in peer.uplinks.values():
            self._upstream.tick_track(uplink, self._now_us)
        for downlink in peer.streams.values():
            if downlink.awaits_keyframe and downlink.track in self._tracks:
                self._upstream.request_keyframe(self._tracks[downlink.track], self._now_us)
