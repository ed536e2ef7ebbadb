"""From room events to routes (pure).

A view is the room as its events tell it; it is never changed, `applied` makes the next one.  The
rules of order (tighten, commit, loosen) use two views and `intersection`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conference.events.base import Event
from conference.events.media import Source, TrackEnded, TrackPublished
from conference.events.recording import (
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import (
    EndpointJoined,
    EndpointLeft,
    EndpointReplaced,
    MuteSet,
    SessionClosed,
    SessionCreated,
)
from conference.ids import EndpointId, TrackId
from conference.media.forwarder.api import RoutingTable, SlotId
from conference.media.subscriptions import WantedTrack


@dataclass(frozen=True, slots=True)
class RoomView:
    """Who is in, which tracks there are, which are muted, whether they are recorded.

    A paused session goes on talking; that it is not recorded is an event of its own.  While the
    writer has failed, packets are still handed over: it may be back before anybody knows.
    """

    video_cap_bps: int = 0
    closed: bool = False
    recording: bool = False
    endpoints: frozenset[EndpointId] = frozenset()
    tracks: Mapping[TrackId, WantedTrack] = field(default_factory=dict)
    muted: frozenset[tuple[EndpointId, Source]] = frozenset()

    def applied(self, event: Event) -> RoomView:
        """The view after this event; events that say nothing about media change nothing."""
        change = _CHANGES.get(type(event))
        return self if change is None else change(self, event)

    def audible(self, track: TrackId) -> bool:
        """Whether packets of this track may leave to anybody."""
        known = self.tracks.get(track)
        return (
            known is not None
            and not self.closed
            and known.endpoint in self.endpoints
            and (known.endpoint, known.source) not in self.muted
        )

    def may_receive(self, endpoint: EndpointId, track: TrackId) -> bool:
        """Whether this endpoint may get packets of this track: never its own."""
        inside = endpoint in self.endpoints and self.audible(track)
        return inside and self.tracks[track].endpoint != endpoint

    def others(self, endpoint: EndpointId) -> list[WantedTrack]:
        """The tracks of everybody else, muted ones too, as they came."""
        return [track for track in self.tracks.values() if track.endpoint != endpoint]


Assignments = Mapping[SlotId, tuple[EndpointId, TrackId]]
"""Which track a slot carries, and whose slot it is."""


def table(view: RoomView, assigned: Assignments) -> RoutingTable:
    """What may flow in this view."""
    routes = {
        slot: track
        for slot, (endpoint, track) in assigned.items()
        if view.may_receive(endpoint, track)
    }
    recorded = frozenset(track for track in view.tracks if view.recording and view.audible(track))
    return RoutingTable(routes, recorded)


def intersection(old: RoutingTable, new: RoutingTable) -> RoutingTable:
    """What may flow in both."""
    routes = {slot: track for slot, track in old.routes.items() if new.routes.get(slot) == track}
    return RoutingTable(routes, old.recorded & new.recorded)


def _created(view: RoomView, event: SessionCreated) -> RoomView:
    return replace(view, video_cap_bps=event.video_cap_bps)


def _closed(view: RoomView, event: SessionClosed) -> RoomView:
    return replace(view, closed=True)


def _joined(view: RoomView, event: EndpointJoined) -> RoomView:
    return replace(view, endpoints=view.endpoints | {event.endpoint})


def _gone(view: RoomView, event: EndpointLeft | EndpointReplaced) -> RoomView:
    endpoint = event.endpoint
    return replace(
        view,
        endpoints=view.endpoints - {endpoint},
        tracks={key: track for key, track in view.tracks.items() if track.endpoint != endpoint},
        muted=frozenset(pair for pair in view.muted if pair[0] != endpoint),
    )


def _muted(view: RoomView, event: MuteSet) -> RoomView:
    pair = {(event.endpoint, event.source)}
    return replace(view, muted=view.muted | pair if event.muted else view.muted - pair)


def _published(view: RoomView, event: TrackPublished) -> RoomView:
    track = WantedTrack(event.track, event.endpoint, event.source, event.kind)
    return replace(view, tracks={**view.tracks, event.track: track})


def _ended(view: RoomView, event: TrackEnded) -> RoomView:
    return replace(
        view, tracks={key: track for key, track in view.tracks.items() if key != event.track}
    )


def _recording(view: RoomView, event: RecordingStarted | RecordingResumed) -> RoomView:
    return replace(view, recording=True)


def _not_recording(view: RoomView, event: RecordingPaused | RecordingStopped) -> RoomView:
    return replace(view, recording=False)


_CHANGES: dict[type[Event], Callable[[RoomView, Any], RoomView]] = {
    SessionCreated: _created,
    SessionClosed: _closed,
    EndpointJoined: _joined,
    EndpointLeft: _gone,
    EndpointReplaced: _gone,
    MuteSet: _muted,
    TrackPublished: _published,
    TrackEnded: _ended,
    RecordingStarted: _recording,
    RecordingResumed: _recording,
    RecordingPaused: _not_recording,
    RecordingStopped: _not_recording,
}
