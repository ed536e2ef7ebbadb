"""What the forwarder counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from conference.ids import TrackId
from conference.media.forwarder.api import ForwarderCounters
from conference.media.forwarder.peers import Peer
from conference.media.leg import Leg, Totals
from conference.media.uplink import UplinkTrack


class Figures:
    """Adds up the living and those that ended."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._ended = ForwarderCounters()

    def peer_ended(self, leg: Leg) -> None:
        """Its counts stay in the sums."""
        self._ended = _with_leg(self._ended, leg)

    def track_ended(self, uplink: UplinkTrack) -> None:
        """Its counts stay in the sums."""
        self._ended = _with_track(self._ended, uplink)

    def counters(
        self, peers: Iterable[Peer], tracks: Mapping[TrackId, UplinkTrack]
    ) -> ForwarderCounters:
        """A copy of everything."""
        totals, sums = self._totals, self._ended
        legs = [peer.leg for peer in peers]
        for leg in legs:
            sums = _with_leg(sums, leg)
        for uplink in tracks.values():
            sums = _with_track(sums, uplink)
        return replace(
            sums,
            rtcp_in=totals.rtcp_in,
            rtcp_out=totals.rtcp_out,
            rtx_in=totals.rtx_in,
            lost_in_server=totals.lost_in_server,
            dropped=dict(totals.dropped),
            peers={leg.peer: leg.counters() for leg in legs},
            tracks={name: uplink.counters() for name, uplink in tracks.items()},
        )


def _with_leg(sums: ForwarderCounters, leg: Leg) -> ForwarderCounters:
    return replace(
        sums,
        packets_in=sums.packets_in + leg.packets_in,
        packets_out=sums.packets_out + leg.packets_out,
        rtx_out=sums.rtx_out + leg.rtx_out,
        nacks_in=sums.nacks_in + leg.nacks_in,
        plis_in=sums.plis_in + leg.plis_in,
    )


def _with_track(sums: ForwarderCounters, uplink: UplinkTrack) -> ForwarderCounters:
    return replace(
        sums,
        nacks_out=sums.nacks_out + uplink.nacks_out,
        plis_out=sums.plis_out + uplink.plis_out,
    )
