"""Tracks, slots and routes: who gets what, kept so that a packet need not ask."""

from __future__ import annotations

from conference.ids import Randomness, TrackId
from conference.media.downlink import Downlink
from conference.media.forwarder.api import RoutingTable, Slot, SlotId, Uplink
from conference.media.forwarder.figures import Figures
from conference.media.forwarder.peers import Peer, PeerTable
from conference.media.forwarder.routes import RouteBook
from conference.media.forwarder.upstream import Upstream
from conference.media.srtp import Scratch
from conference.media.uplink import UplinkTrack


class Switchboard:
    """Keeps each track's list of downlinks as the routes say, whatever comes first: the track, the
    slot or the route."""

    def __init__(
        self,
        peers: PeerTable,
        upstream: Upstream,
        figures: Figures,
        scratch: Scratch,
        random: Randomness,
    ) -> None:
        self._peers = peers
        self.tracks: dict[TrackId, UplinkTrack] = {}
        self._slots: dict[SlotId, Downlink] = {}
        self._routes = RouteBook()
        self._upstream = upstream
        self._figures = figures
        self._scratch = scratch
        self._random = random

    def add_uplink(self, uplink: Uplink, peer: Peer, now_us: int) -> None:
        """Know a track; the same description again changes nothing."""
        known = self.tracks.get(uplink.track)
        if known is not None and known.spec == uplink:
            return
        self.remove_uplink(uplink.track)
        added = UplinkTrack(uplink, peer.leg, peer.clock)
        self.tracks[uplink.track] = added
        peer.add_uplink(added)
        self.connect(added, now_us)
        peer.remb.restart()
        self._upstream.tell_cap(peer, now_us)

    def remove_uplink(self, track: TrackId) -> None:
        """Forget a track; its routes stay for when it comes back."""
        uplink = self.tracks.pop(track, None)
        if uplink is None:
            return
        for downlink in uplink.downlinks:
            downlink.unroute()
        self._figures.track_ended(uplink)
        self._peers.by_id[uplink.spec.peer].remove_uplink(uplink)

    def add_slot(self, slot: Slot, peer: Peer, now_us: int) -> None:
        """Know a slot, or the same m-line in another form."""
        known = self._slots.get(slot.slot)
        if known is not None and known.slot == slot:
            return
        if known is not None and (known.slot.peer, known.slot.ssrc) != (slot.peer, slot.ssrc):
            self.remove_slot(slot.slot, now_us)
        downlink = self._slots.get(slot.slot) or peer.retired.pop(slot.ssrc, None)
        if downlink is None:
            downlink = Downlink(slot, peer.leg, self._scratch, self._first_numbers())
        else:
            downlink.update(slot)
        self._slots[slot.slot] = downlink
        peer.streams[slot.ssrc] = downlink
        self._connect_track(self._routes.track_of(slot.slot), now_us)

    def remove_slot(self, slot: SlotId, now_us: int) -> None:
        """Forget a slot; its route stays for when it comes back."""
        downlink = self._slots.pop(slot, None)
        if downlink is None:
            return
        track = downlink.track
        downlink.unroute()
        self._peers.by_id[downlink.slot.peer].retire(downlink)
        self._connect_track(track, now_us)

    def apply(self, room: str, table: RoutingTable, now_us: int) -> None:
        """Take a room's table.  First everything that is no longer wanted is taken away."""
        slots, touched = self._routes.set(room, table)
        for slot in slots:
            downlink = self._slots.get(slot)
            if downlink is not None and downlink.track is not None:
                touched.add(downlink.track)
                downlink.unroute()
            track = self._routes.track_of(slot)
            if track is not None:
                touched.add(track)
        for track in sorted(touched):
            self._connect_track(track, now_us)

    def connect(self, uplink: UplinkTrack, now_us: int) -> None:
        """Give the track to those who are to have it by the routes, and to nobody else."""
        track = uplink.spec.track
        carrying = []
        fresh = False
        for slot in self._routes.slots_of(track):
            downlink = self._slots.get(slot)
            if downlink is None or downlink.slot.kind != uplink.spec.kind:
                continue
            rewriter = uplink.rewriter(downlink.slot.extensions)
            if downlink.track != track or downlink.cache is not uplink.cache:
                downlink.route(track, uplink.cache, rewriter)
                fresh = True
            downlink.rewriter = rewriter
            carrying.append(downlink)
        recorded = self._routes.recorded(track)
        fresh = fresh or (recorded and not uplink.recorded)
        uplink.consumers(tuple(carrying), recorded)
        if fresh:
            self._upstream.request_keyframe(uplink, now_us)

    def _connect_track(self, track: TrackId | None, now_us: int) -> None:
        uplink = None if track is None else self.tracks.get(track)
        if uplink is not None:
            self.connect(uplink, now_us)

    def _first_numbers(self) -> tuple[int, int, int]:
        bits = self._random.getrandbits
        return bits(15), bits(15), bits(32)
