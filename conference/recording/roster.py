"""Which tracks of a session are to be recorded: a pure projection of the room's events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from conference.events.base import Event
from conference.events.media import Source, TrackEnded, TrackPublished
from conference.events.recording import (
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import EndpointLeft, EndpointReplaced, MuteSet, SessionClosed
from conference.events.server import EpochStarted
from conference.ids import EndpointId, TrackId

Order = Literal["off", "on", "paused"]


@dataclass(slots=True)
class Roster:
    """`order`: what the host wants; `take`: the take of that order while it is "on"."""

    order: Order = "off"
    take: str | None = None
    tracks: dict[TrackId, TrackPublished] = field(default_factory=dict)
    muted: set[tuple[EndpointId, Source]] = field(default_factory=set)

    def wanted(self) -> dict[TrackId, TrackPublished]:
        """The tracks whose packets belong into the recording now."""
        if self.order != "on":
            return {}
        return {
            track: published
            for track, published in self.tracks.items()
            if (published.endpoint, published.source) not in self.muted
        }

    def after(self, events: Iterable[Event]) -> "Roster":
        """A copy in which the events have happened."""
        copy = Roster(self.order, self.take, dict(self.tracks), set(self.muted))
        for event in events:
            copy.apply(event)
        return copy

    def apply(self, event: Event) -> None:
        """Let one event happen; events that concern no recording change nothing."""
        match event:
            case RecordingStarted(take=take) | RecordingResumed(take=take):
                self.order, self.take = "on", take
            case RecordingPaused():
                self.order, self.take = "paused", None
            case RecordingStopped() | SessionClosed():
                self.order, self.take = "off", None
            case EpochStarted():
                self.tracks.clear()  # the peer connections of the older life are gone
            case _:
                self._apply_to_tracks(event)

    def _apply_to_tracks(self, event: Event) -> None:
        match event:
            case TrackPublished(track=track):
                self.tracks[track] = event
            case TrackEnded(track=track):
                self.tracks.pop(track, None)
            case EndpointLeft(endpoint=endpoint) | EndpointReplaced(endpoint=endpoint):
                self.tracks = {t: p for t, p in self.tracks.items() if p.endpoint != endpoint}
                self.muted = {m for m in self.muted if m[0] != endpoint}
            case MuteSet(endpoint=endpoint, source=source, muted=True):
                self.muted.add((endpoint, source))
            case MuteSet(endpoint=endpoint, source=source):
                self.muted.discard((endpoint, source))
            case _:
                pass
