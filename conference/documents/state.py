"""What a session's documents are after the events so far, and what of the room they depend on.
Changed by `apply` alone, live and in a rebuild."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from conference.documents.canonical import hash_of
from conference.events import document as d
from conference.events import recording, room
from conference.events.base import Entry, Event
from conference.ids import CompanionId, DocumentId, EndpointId, SeatId, SessionId

DocumentState = Literal["draft", "frozen", "completed"]


@dataclass(frozen=True, slots=True)
class Signature:
    """`signed_at_us`: UTC µs; `r_us`: recording time, None when nothing was recorded."""

    seat: SeatId
    signed_at_us: int
    r_us: int | None
    strokes_hash: str
    by_companion: bool


@dataclass(slots=True)
class Document:
    """One document in its newest version. `hash` is None while it is a draft. `signatures` in
    the order in which they were given; `pdf_hash` once it has been rendered."""

    document: DocumentId
    version: int
    template: str
    title: str
    content: dict[str, Any]
    fields: dict[str, Any]
    state: DocumentState = "draft"
    hash: str | None = None
    signers: tuple[SeatId, ...] = ()
    acknowledged: dict[SeatId, set[int]] = field(default_factory=dict)
    signatures: dict[SeatId, Signature] = field(default_factory=dict)
    completed_at_us: int | None = None
    pdf_hash: str | None = None

    @property
    def clauses(self) -> int:
        return len(self.content["clauses"])


@dataclass(slots=True)
class Companion:
    """One phone's way in. `hash`: of the document that was frozen when it was issued."""

    companion: CompanionId
    seat: SeatId
    expires_at_us: int
    opened: bool = False
    ended: d.CompanionEndReason | None = None


@dataclass(slots=True)
class _Inside:
    seats: tuple[SeatId, ...]
    device: str
    lost: bool = False


@dataclass(slots=True)
class DocumentsState:
    """Read by anyone on the event loop, changed by `apply`."""

    session_id: SessionId
    created: room.SessionCreated | None = None
    seats: dict[SeatId, room.SeatInfo] = field(default_factory=dict)
    session: Literal["scheduled", "open", "paused", "closed"] = "scheduled"
    recording: Literal["off", "on", "paused", "failed"] = "off"
    documents: dict[DocumentId, Document] = field(default_factory=dict)
    companions: dict[CompanionId, Companion] = field(default_factory=dict)
    inside: dict[EndpointId, _Inside] = field(default_factory=dict)

    @property
    def current(self) -> Document | None:
        """The newest document of the session."""
        return next(reversed(self.documents.values()), None)

    def is_inside(self, seat: SeatId) -> bool:
        return any(seat in endpoint.seats for endpoint in self.inside.values())

    def open_companions(self) -> list[Companion]:
        """Those that have not ended."""
        return [each for each in self.companions.values() if each.ended is None]

    def roster_hash(self) -> str:
        """Hex SHA-256 of the canonical JSON of who is inside now: for each endpoint by its id
        `endpoint`, `device`, `lost` and its `seats`."""
        return hash_of(
            [
                {
                    "endpoint": name,
                    "device": endpoint.device,
                    "lost": endpoint.lost,
                    "seats": list(endpoint.seats),
                }
                for name, endpoint in sorted(self.inside.items())
            ]
        )

    def apply(self, entry: Entry) -> None:
        """Take in any entry of the session's stream."""
        change = APPLY.get(type(entry.event))
        if change is not None:
            change(self, entry.event, entry)


def _created(state: DocumentsState, event: room.SessionCreated, _: Entry) -> None:
    state.created = event
    state.seats = {info.seat: info for info in event.seats}


def _session(
    to: Literal["scheduled", "open", "paused", "closed"],
) -> Callable[[DocumentsState, Event, Entry], None]:
    def change(state: DocumentsState, _event: Event, _entry: Entry) -> None:
        state.session = to

    return change


def _recording(
    to: Literal["off", "on", "paused", "failed"],
) -> Callable[[DocumentsState, Event, Entry], None]:
    def change(state: DocumentsState, _event: Event, _entry: Entry) -> None:
        state.recording = to

    return change


def _joined(state: DocumentsState, event: room.EndpointJoined, _: Entry) -> None:
    for older in state.inside.values():
        older.seats = tuple(seat for seat in older.seats if seat not in event.seats)
    state.inside[event.endpoint] = _Inside(event.seats, event.device)


def _gone(
    state: DocumentsState, event: room.EndpointLeft | room.EndpointReplaced, _: Entry
) -> None:
    state.inside.pop(event.endpoint, None)


def _line(
    state: DocumentsState, event: room.EndpointLost | room.EndpointRestored, _: Entry
) -> None:
    state.inside[event.endpoint].lost = isinstance(event, room.EndpointLost)


def _drafted(state: DocumentsState, event: d.DocumentDrafted, _: Entry) -> None:
    state.documents[event.document] = Document(
        event.document, event.version, event.template, event.title, event.content, event.fields
    )


def _frozen(state: DocumentsState, event: d.DocumentFrozen, _: Entry) -> None:
    document = state.documents[event.document]
    document.state, document.hash, document.signers = "frozen", event.hash, event.signers
    document.acknowledged = {seat: set() for seat in event.signers}


def _reopened(state: DocumentsState, event: d.DocumentReopened, _: Entry) -> None:
    document = state.documents[event.document]
    document.state, document.hash, document.signers = "draft", None, ()
    document.acknowledged, document.signatures = {}, {}


def _acknowledged(state: DocumentsState, event: d.ClauseAcknowledged, _: Entry) -> None:
    state.documents[event.document].acknowledged[event.seat].add(event.clause)


def _signed(state: DocumentsState, event: d.DocumentSigned, entry: Entry) -> None:
    state.documents[event.document].signatures[event.seat] = Signature(
        event.seat, entry.wall_us, entry.r_us, event.strokes_hash, event.by_companion
    )


def _completed(state: DocumentsState, event: d.DocumentCompleted, entry: Entry) -> None:
    document = state.documents[event.document]
    document.state, document.completed_at_us = "completed", entry.wall_us


def _rendered(state: DocumentsState, event: d.DocumentRendered, _: Entry) -> None:
    state.documents[event.document].pdf_hash = event.pdf_hash


def _issued(state: DocumentsState, event: d.CompanionIssued, _: Entry) -> None:
    state.companions[event.companion] = Companion(event.companion, event.seat, event.expires_at_us)


def _opened(state: DocumentsState, event: d.CompanionOpened, _: Entry) -> None:
    state.companions[event.companion].opened = True


def _ended(state: DocumentsState, event: d.CompanionEnded, _: Entry) -> None:
    state.companions[event.companion].ended = event.reason


APPLY: dict[type[Event], Callable[[DocumentsState, Any, Entry], None]] = {
    room.SessionCreated: _created,
    room.SessionOpened: _session("open"),
    room.SessionPaused: _session("paused"),
    room.SessionResumed: _session("open"),
    room.SessionClosed: _session("closed"),
    room.EndpointJoined: _joined,
    room.EndpointReplaced: _gone,
    room.EndpointLeft: _gone,
    room.EndpointLost: _line,
    room.EndpointRestored: _line,
    recording.RecordingStarted: _recording("on"),
    recording.RecordingResumed: _recording("on"),
    recording.RecordingRestored: _recording("on"),
    recording.RecordingPaused: _recording("paused"),
    recording.RecordingStopped: _recording("off"),
    recording.RecordingFailed: _recording("failed"),
    d.DocumentDrafted: _drafted,
    d.DocumentFrozen: _frozen,
    d.DocumentReopened: _reopened,
    d.ClauseAcknowledged: _acknowledged,
    d.DocumentSigned: _signed,
    d.DocumentCompleted: _completed,
    d.DocumentRendered: _rendered,
    d.CompanionIssued: _issued,
    d.CompanionOpened: _opened,
    d.CompanionEnded: _ended,
}
"""What matters here; anything else leaves documents as they are."""
