"""The peers, and how an incoming packet finds its peer and its track."""

from __future__ import annotations

from conference.ids import TrackId
from conference.media.downlink import Downlink
from conference.media.forwarder.api import MID, Address, PeerId, UnknownSource
from conference.media.leg import Leg
from conference.media.remb import RembSchedule
from conference.media.reports import PublisherClock
from conference.media.rtp import RtpPacket
from conference.media.uplink import UplinkTrack

_MAX_UNKNOWN = 64


class Peer:
    """One association with what it sends and what it receives.

    `sources` knows whose an incoming SSRC is (and whether it is the RTX stream); an SSRC is good
    for this peer only.  `streams` are the slots by their SSRC, for what a subscriber reports.
    `retired` keeps removed slots: their SSRCs must go on where they stopped if they come back,
    since no SRTP index may be used twice under the association's key.
    """

    __slots__ = (
        "clock", "leg", "remb", "report_due_us", "retired", "sources", "streams", "uplinks",
    )  # fmt: skip

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.clock = PublisherClock()
        self.remb = RembSchedule(0)
        self.report_due_us = 0
        self.uplinks: dict[TrackId, UplinkTrack] = {}
        self.sources: dict[int, tuple[UplinkTrack, bool]] = {}
        self.streams: dict[int, Downlink] = {}
        self.retired: dict[int, Downlink] = {}

    def add_uplink(self, uplink: UplinkTrack) -> None:
        """Know the track and the SSRCs that the description gave for it."""
        self.uplinks[uplink.spec.track] = uplink
        if uplink.ssrc is not None:
            self.sources[uplink.ssrc] = (uplink, False)
        if uplink.rtx_ssrc is not None:
            self.sources[uplink.rtx_ssrc] = (uplink, True)

    def remove_uplink(self, uplink: UplinkTrack) -> None:
        """Forget the track; its SSRCs are unknown from now on."""
        del self.uplinks[uplink.spec.track]
        self.sources = {
            ssrc: found for ssrc, found in self.sources.items() if found[0] is not uplink
        }

    def retire(self, downlink: Downlink) -> None:
        """The slot is removed."""
        del self.streams[downlink.slot.ssrc]
        self.retired[downlink.slot.ssrc] = downlink

    def learn(self, packet: RtpPacket) -> tuple[UplinkTrack, bool] | None:
        """Whose an unknown SSRC is, by the MID it carries or by a PT that only one track has
        (RFC 8843 §9.2); None when nobody's.  A SSRC that the description gave is never replaced."""
        mids = {value for number, value in packet.elements() if number in self._mid_ids()}
        found = self._by_mid(mids, packet.pt) if mids else self._by_pt(packet.pt)
        if found is None:
            return None
        uplink, repairs = found
        old = uplink.rtx_ssrc if repairs else uplink.ssrc
        if old is not None:
            self.sources.pop(old, None)
        if repairs:
            uplink.rtx_ssrc = packet.ssrc
        else:
            uplink.ssrc = packet.ssrc
            if old is not None:
                uplink.restart()
        self.sources[packet.ssrc] = found
        return found

    def _mid_ids(self) -> set[int]:
        return {uplink.spec.extensions.get(MID, 0) for uplink in self.uplinks.values()}

    def _by_mid(self, mids: set[bytes], pt: int) -> tuple[UplinkTrack, bool] | None:
        for uplink in self.uplinks.values():
            if uplink.spec.mid.encode() in mids:
                return _as_unknown(uplink, pt)
        return None

    def _by_pt(self, pt: int) -> tuple[UplinkTrack, bool] | None:
        found = [
            match
            for uplink in self.uplinks.values()
            if (match := _as_unknown(uplink, pt)) is not None
        ]
        if len(found) != 1:
            return None
        uplink, repairs = found[0]
        known = uplink.rtx_ssrc if repairs else uplink.ssrc
        return found[0] if known is None else None


def _as_unknown(uplink: UplinkTrack, pt: int) -> tuple[UplinkTrack, bool] | None:
    """The stream of the track that has this PT and whose SSRC no description gave."""
    spec = uplink.spec
    if pt == spec.pt and spec.ssrc is None:
        return uplink, False
    if pt == spec.rtx_pt and spec.rtx_ssrc is None:
        return uplink, True
    return None


class PeerTable:
    """Peers by id and by address; the addresses that nobody has."""

    def __init__(self) -> None:
        self.by_id: dict[PeerId, Peer] = {}
        self.by_address: dict[Address, Peer] = {}
        self._unknown: dict[UnknownSource, None] = {}

    def add(self, peer: Peer) -> None:
        """Know a new peer, yet without an address."""
        self.by_id[peer.leg.peer] = peer

    def move(self, peer: Peer, address: Address) -> None:
        """The address is this peer's; whoever had it before has none now."""
        holder = self.by_address.get(address)
        if holder is not None and holder is not peer:
            holder.leg.move(None)
        self._release(peer)
        self.by_address[address] = peer
        peer.leg.move(address)

    def remove(self, peer: Peer) -> None:
        """Forget the peer and its address."""
        self._release(peer)
        self.by_id.pop(peer.leg.peer, None)
        peer.leg.move(None)

    def note_unknown(self, datagram: memoryview, address: Address, is_rtcp: bool) -> None:
        """SRTP from nobody's address; when too many wait, the oldest is forgotten."""
        at = 4 if is_rtcp else 8
        source = UnknownSource(address, int.from_bytes(datagram[at : at + 4], "big"), is_rtcp)
        if source in self._unknown:
            return
        if len(self._unknown) >= _MAX_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[source] = None

    def drain_unknown(self) -> list[UnknownSource]:
        """What was noted since the last call."""
        noted = list(self._unknown)
        self._unknown.clear()
        return noted

    def _release(self, peer: Peer) -> None:
        address = peer.leg.address
        if address is not None and self.by_address.get(address) is peer:
            del self.by_address[address]
