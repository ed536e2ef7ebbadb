"""What a room is after the events so far. Changed by `apply` alone, live and in a rebuild."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from conference.errors import Refused
from conference.events.access import LinkIssued, LinkOpened, LinkWithdrawn
from conference.events.archive import ArchivistAppointed, RecordingOpened, RecordingRefused
from conference.events.base import Entry, Event
from conference.events.document import (
    ClauseAcknowledged,
    CompanionEnded,
    CompanionIssued,
    CompanionOpened,
    DocumentCompleted,
    DocumentDrafted,
    DocumentFrozen,
    DocumentRendered,
    DocumentReopened,
    DocumentSigned,
)
from conference.events.media import MediaKind, Source, TrackEnded, TrackPublished
from conference.events.recording import (
    RecordingFailed,
    RecordingGap,
    RecordingPaused,
    RecordingRestored,
    RecordingResumed,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import (
    Device,
    EndpointJoined,
    EndpointLeft,
    EndpointLost,
    EndpointReplaced,
    EndpointRestored,
    Layout,
    LayoutSet,
    MuteSet,
    PauseReason,
    SeatInfo,
    SessionClosed,
    SessionCreated,
    SessionOpened,
    SessionPaused,
    SessionResumed,
)
from conference.events.server import EpochStarted
from conference.ids import EndpointId, LinkId, SeatId, TrackId

SessionState = Literal["scheduled", "open", "paused", "closed"]
RecordingState = Literal["off", "on", "paused", "failed"]


@dataclass(frozen=True, slots=True)
class Track:
    track: TrackId
    source: Source
    kind: MediaKind


@dataclass(slots=True)
class Endpoint:
    """A browser or terminal inside. `seats`: whom it carries now; `opened_by`: whose link opened
    it. `lost`: nothing is heard of it; `since_us`: UTC µs of the last change of that."""

    endpoint: EndpointId
    opened_by: SeatId
    seats: tuple[SeatId, ...]
    device: Device
    since_us: int
    lost: bool = False
    muted: set[Source] = field(default_factory=set)
    tracks: dict[TrackId, Track] = field(default_factory=dict)


@dataclass(slots=True)
class IssuedLink:
    seat: SeatId
    expires_at_us: int
    withdrawn: bool = False


@dataclass(slots=True)
class RoomState:
    """Read by anyone on the event loop, changed by `apply`. `opened_at_us`: UTC µs, None before.
    `pause_reason` is None unless paused, `fault` unless the recording has failed."""

    created: SessionCreated | None = None
    seats: dict[SeatId, SeatInfo] = field(default_factory=dict)
    session: SessionState = "scheduled"
    opened_at_us: int | None = None
    pause_reason: PauseReason | None = None
    recording: RecordingState = "off"
    fault: RecordingFailed | None = None
    take: str | None = None
    takes: set[str] = field(default_factory=set)
    endpoints: dict[EndpointId, Endpoint] = field(default_factory=dict)
    gone: dict[EndpointId, Literal["replaced", "left"]] = field(default_factory=dict)
    layouts: dict[SeatId, tuple[Layout, SeatId | None]] = field(default_factory=dict)
    links: dict[LinkId, IssuedLink] = field(default_factory=dict)
    epoch: str | None = None

    @property
    def host_seat(self) -> SeatId | None:
        return None if self.created is None else self.created.host_seat

    def endpoint_of(self, seat: SeatId) -> Endpoint | None:
        """The endpoint that carries the seat, if any."""
        return next((e for e in self.endpoints.values() if seat in e.seats), None)

    def own_endpoint(self, seat: SeatId, endpoint: EndpointId) -> Endpoint:
        """The endpoint, if it carries the seat; else Refused `replaced` when the seat was taken
        by another one, `not_joined` when there is no such endpoint inside."""
        found = self.endpoints.get(endpoint)
        if found is not None and seat in found.seats:
            return found
        raise Refused("replaced" if self.gone.get(endpoint) == "replaced" else "not_joined")

    def apply(self, entry: Entry) -> None:
        APPLY[type(entry.event)](self, entry.event, entry)


def _created(state: RoomState, event: SessionCreated, _entry: Entry) -> None:
    state.created = event
    state.seats = {info.seat: info for info in event.seats}


def _epoch(state: RoomState, event: EpochStarted, _entry: Entry) -> None:
    state.epoch = event.epoch


def _session(to: SessionState) -> Callable[[RoomState, Event, Entry], None]:
    def change(state: RoomState, event: Event, entry: Entry) -> None:
        state.session = to
        state.pause_reason = event.reason if isinstance(event, SessionPaused) else None
        if isinstance(event, SessionOpened):
            state.opened_at_us = entry.wall_us

    return change


def _joined(state: RoomState, event: EndpointJoined, entry: Entry) -> None:
    for older in state.endpoints.values():
        older.seats = tuple(seat for seat in older.seats if seat not in event.seats)
    state.endpoints[event.endpoint] = Endpoint(
        event.endpoint, event.seats[0], event.seats, event.device, entry.wall_us
    )


def _replaced(state: RoomState, event: EndpointReplaced, _entry: Entry) -> None:
    del state.endpoints[event.endpoint]
    state.gone[event.endpoint] = "replaced"


def _left(state: RoomState, event: EndpointLeft, _entry: Entry) -> None:
    del state.endpoints[event.endpoint]
    state.gone[event.endpoint] = "left"


def _line(state: RoomState, event: EndpointLost | EndpointRestored, entry: Entry) -> None:
    endpoint = state.endpoints[event.endpoint]
    endpoint.lost = isinstance(event, EndpointLost)
    endpoint.since_us = entry.wall_us


def _muted(state: RoomState, event: MuteSet, _entry: Entry) -> None:
    muted = state.endpoints[event.endpoint].muted
    if event.muted:
        muted.add(event.source)
    else:
        muted.discard(event.source)


def _layout(state: RoomState, event: LayoutSet, _entry: Entry) -> None:
    state.layouts[event.seat] = (event.layout, event.focus)


def _published(state: RoomState, event: TrackPublished, _entry: Entry) -> None:
    track = Track(event.track, event.source, event.kind)
    state.endpoints[event.endpoint].tracks[event.track] = track


def _track_ended(state: RoomState, event: TrackEnded, _entry: Entry) -> None:
    del state.endpoints[event.endpoint].tracks[event.track]


def _on(
    state: RoomState,
    event: RecordingStarted | RecordingResumed | RecordingRestored,
    _entry: Entry,
) -> None:
    state.recording, state.take, state.fault = "on", event.take, None
    state.takes.add(event.take)


def _recording(to: RecordingState) -> Callable[[RoomState, Event, Entry], None]:
    def change(state: RoomState, event: Event, _entry: Entry) -> None:
        state.recording = to
        state.fault = event if isinstance(event, RecordingFailed) else None

    return change


def _issued(state: RoomState, event: LinkIssued, _entry: Entry) -> None:
    state.links[event.link] = IssuedLink(event.seat, event.expires_at_us)


def _withdrawn(state: RoomState, event: LinkWithdrawn, _entry: Entry) -> None:
    state.links[event.link].withdrawn = True


def _nothing(_state: RoomState, _event: Event, _entry: Entry) -> None:
    """Evidence, or a matter's own: it changes nothing in the room."""


APPLY: dict[type[Event], Callable[[RoomState, Any, Entry], None]] = {
    SessionCreated: _created,
    EpochStarted: _epoch,
    SessionOpened: _session("open"),
    SessionPaused: _session("paused"),
    SessionResumed: _session("open"),
    SessionClosed: _session("closed"),
    EndpointJoined: _joined,
    EndpointReplaced: _replaced,
    EndpointLeft: _left,
    EndpointLost: _line,
    EndpointRestored: _line,
    MuteSet: _muted,
    LayoutSet: _layout,
    TrackPublished: _published,
    TrackEnded: _track_ended,
    RecordingStarted: _on,
    RecordingResumed: _on,
    RecordingRestored: _on,
    RecordingPaused: _recording("paused"),
    RecordingStopped: _recording("off"),
    RecordingFailed: _recording("failed"),
    RecordingGap: _nothing,
    RecordingSealed: _nothing,
    LinkIssued: _issued,
    LinkOpened: _nothing,
    LinkWithdrawn: _withdrawn,
    DocumentDrafted: _nothing,
    DocumentFrozen: _nothing,
    DocumentReopened: _nothing,
    ClauseAcknowledged: _nothing,
    DocumentSigned: _nothing,
    DocumentCompleted: _nothing,
    DocumentRendered: _nothing,
    CompanionIssued: _nothing,
    CompanionOpened: _nothing,
    CompanionEnded: _nothing,
    ArchivistAppointed: _nothing,
    RecordingOpened: _nothing,
    RecordingRefused: _nothing,
}
"""One rule per event; a test holds it against the list of all kinds."""
