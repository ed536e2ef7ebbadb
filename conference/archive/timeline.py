"""What happened in a session, on recording time: a pure function of its journal.

Every cue has a place on R (`at_us`), also what happened while nothing was recorded: there R stood
still.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from conference.archive.ports import RecordingState
from conference.events import document, recording, room, server
from conference.events.base import Entry, Event
from conference.events.media import Source
from conference.ids import DocumentId, EndpointId, SeatId
from conference.rooms.recording_time import RecordingTime


@dataclass(frozen=True, slots=True)
class DocumentName:
    """`hash`: of the frozen text, None of a draft."""

    document: DocumentId
    version: int
    title: str
    hash: str | None


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that happened. `kind`: a word of KINDS; `at_us`: its place on R; `r_us`: R, None
    when nothing was recorded at that moment; `wall_us`: UTC. `seats`: whom it concerns; `to_us`:
    the end of a gap on R."""

    seq: int
    kind: str
    at_us: int
    r_us: int | None
    wall_us: int
    seats: tuple[SeatId, ...] = ()
    endpoint: EndpointId | None = None
    source: Source | None = None
    reason: str | None = None
    document: DocumentName | None = None
    clause: int | None = None
    to_us: int | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Recording time that ran without a break. `ended_by`: stopped, server_restarted or the
    reason of the pause; None while it runs."""

    r_from_us: int
    r_to_us: int
    wall_from_us: int
    wall_to_us: int
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """`endpoints`: those that ever carried the person, in order."""

    seat: SeatId
    name: str
    role: room.SeatRole
    standing: room.Standing | None
    unit: str
    endpoints: tuple[EndpointId, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """`r_end_us`: the length of the recording. `cues` in the order of their places on R. `papers`:
    the completed documents that exist as PDF."""

    r_end_us: int
    recording: RecordingState
    opened_us: int | None
    closed_us: int | None
    people: tuple[Person, ...]
    intervals: tuple[Interval, ...]
    cues: tuple[Cue, ...]
    papers: tuple[DocumentName, ...]


def timeline(entries: Iterable[Entry], mono_us: int | None = None) -> Timeline:
    """The timeline of all entries of one stream. `mono_us`: now, in the life that wrote the last
    entry; without it a recording that runs ends at the last entry."""
    told = _Told()
    for entry in entries:
        told.take(entry)
    return told.timeline(mono_us)


@dataclass(slots=True)
class _Told:
    """What the entries so far say."""

    time: RecordingTime = field(default_factory=RecordingTime)
    last_mono_us: int = 0
    recording: RecordingState = "none"
    opened_us: int | None = None
    closed_us: int | None = None
    seats: dict[SeatId, room.SeatInfo] = field(default_factory=dict)
    carried: dict[EndpointId, tuple[SeatId, ...]] = field(default_factory=dict)
    carriers: dict[SeatId, dict[EndpointId, None]] = field(default_factory=dict)
    titles: dict[DocumentId, str] = field(default_factory=dict)
    completed: dict[DocumentId, DocumentName] = field(default_factory=dict)
    papers: dict[DocumentId, DocumentName] = field(default_factory=dict)
    intervals: list[Interval] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """The next entry of the stream."""
        event, before = entry.event, self.time
        self.time = before.after(event, entry.mono_us)
        self.last_mono_us = entry.mono_us
        self._clocked(before, entry)
        self._remember(entry)
        kind = _kind(event)
        if kind is not None:
            self.cues.append(self._cue(kind, entry))

    def timeline(self, mono_us: int | None) -> Timeline:
        end_us = self.time.at(self.last_mono_us if mono_us is None else mono_us)
        if self.time.since_mono_us is not None:
            self.intervals[-1] = _until(self.intervals[-1], end_us, None)
        cues = [_within(cue, end_us) for cue in self.cues]
        return Timeline(
            r_end_us=end_us,
            recording=self.recording,
            opened_us=self.opened_us,
            closed_us=self.closed_us,
            people=tuple(self._person(info) for info in self.seats.values()),
            intervals=tuple(self.intervals),
            cues=tuple(sorted(cues, key=lambda cue: (cue.at_us, cue.seq))),
            papers=tuple(self.papers.values()),
        )

    def _person(self, info: room.SeatInfo) -> Person:
        own = (info.seat, info.name, info.role, info.standing, info.unit)
        return Person(*own, tuple(self.carriers[info.seat]))

    def _clocked(self, before: RecordingTime, entry: Entry) -> None:
        if before.since_mono_us is None and self.time.since_mono_us is not None:
            at, wall = self.time.base_us, entry.wall_us
            self.intervals.append(Interval(at, at, wall, wall, None))
        elif before.since_mono_us is not None and self.time.since_mono_us is None:
            self.intervals[-1] = _until(self.intervals[-1], self.time.base_us, _ender(entry.event))

    def _remember(self, entry: Entry) -> None:
        match entry.event:
            case room.SessionCreated(seats=seats):
                self.seats = {info.seat: info for info in seats}
                self.carriers = {info.seat: {} for info in seats}
            case room.SessionOpened():
                self.opened_us = entry.wall_us
            case room.SessionClosed():
                self.closed_us = entry.wall_us
            case room.EndpointJoined(endpoint=endpoint, seats=seats):
                self._carry(endpoint, seats)
            case recording.RecordingStarted() | recording.RecordingResumed():
                self.recording = "on"
            case recording.RecordingPaused():
                self.recording = "paused"
            case recording.RecordingStopped():
                self.recording = "stopped"
            case server.EpochStarted(recording_ended_r_us=ended) if ended is not None:
                self.recording = "paused"
            case _:
                self._remember_document(entry.event)

    def _remember_document(self, event: Event) -> None:
        match event:
            case document.DocumentDrafted(document=name, title=title):
                self.titles[name] = title
            case document.DocumentCompleted(document=name):
                self.completed[name] = self._named(event)
            case document.DocumentRendered(document=name) if name in self.completed:
                self.papers[name] = self.completed[name]
            case _:
                pass

    def _carry(self, endpoint: EndpointId, seats: tuple[SeatId, ...]) -> None:
        """A seat that is taken over leaves the older endpoint, unless nobody is left on it: what
        is still told of that one concerns those whom it carried."""
        for older, carried in self.carried.items():
            left = tuple(seat for seat in carried if seat not in seats)
            self.carried[older] = left or carried
        self.carried[endpoint] = seats
        for seat in seats:
            self.carriers.setdefault(seat, {})[endpoint] = None

    def _cue(self, kind: str, entry: Entry) -> Cue:
        event = entry.event
        at_us = self.time.at(entry.mono_us) if entry.r_us is None else entry.r_us
        cue = Cue(entry.seq, kind, at_us, entry.r_us, entry.wall_us, reason=_word(event, "reason"))
        endpoint = _word(event, "endpoint")
        if endpoint is not None:
            carried = self.carried.get(endpoint, ())
            cue = replace(cue, endpoint=endpoint, seats=carried, source=_word(event, "source"))
        if isinstance(event, recording.RecordingGap):
            return replace(cue, at_us=event.from_r_us, r_us=event.from_r_us, to_us=event.to_r_us)
        if _word(event, "document") is not None:
            return self._of_document(cue, event)
        return cue

    def _of_document(self, cue: Cue, event: Any) -> Cue:
        name = self._named(event)
        seat = _word(event, "seat") or _word(event, "by")
        seats = () if seat is None else (seat,)
        return replace(cue, document=name, seats=seats, clause=_word(event, "clause"))

    def _named(self, event: Any) -> DocumentName:
        title = self.titles.get(event.document, "")
        return DocumentName(event.document, event.version, title, _word(event, "hash"))


def _until(interval: Interval, r_to_us: int, ended_by: str | None) -> Interval:
    length = r_to_us - interval.r_from_us
    wall_to_us = interval.wall_from_us + length
    return replace(interval, r_to_us=r_to_us, wall_to_us=wall_to_us, ended_by=ended_by)


def _within(cue: Cue, end_us: int) -> Cue:
    r_us, to_us = (None if us is None else min(us, end_us) for us in (cue.r_us, cue.to_us))
    return replace(cue, at_us=min(cue.at_us, end_us), r_us=r_us, to_us=to_us)


def _ender(event: Event) -> str:
    if isinstance(event, recording.RecordingPaused):
        return event.reason
    return "stopped" if isinstance(event, recording.RecordingStopped) else "server_restarted"


def _word(event: object, name: str) -> Any:
    return getattr(event, name, None)


def _kind(event: Event) -> str | None:
    """The cue's kind; None for what is not shown."""
    found = KINDS.get(type(event))
    if found is None or isinstance(found, str):
        return found
    return found(event)


def _muted(event: Any) -> str:
    return "muted" if event.muted else "unmuted"


def _restarted(event: Any) -> str | None:
    return None if event.previous_epoch is None else "server_restarted"


KINDS: dict[type[Event], str | Callable[[Any], str | None]] = {
    room.SessionOpened: "session_opened",
    room.SessionPaused: "session_paused",
    room.SessionResumed: "session_resumed",
    room.SessionClosed: "session_closed",
    room.EndpointJoined: "joined",
    room.EndpointReplaced: "replaced",
    room.EndpointLeft: "left",
    room.EndpointLost: "lost",
    room.EndpointRestored: "restored",
    room.MuteSet: _muted,
    recording.RecordingStarted: "recording_started",
    recording.RecordingPaused: "recording_paused",
    recording.RecordingResumed: "recording_resumed",
    recording.RecordingStopped: "recording_stopped",
    recording.RecordingFailed: "recording_failed",
    recording.RecordingRestored: "recording_restored",
    recording.RecordingGap: "gap",
    server.EpochStarted: _restarted,
    document.DocumentDrafted: "drafted",
    document.DocumentFrozen: "frozen",
    document.DocumentReopened: "reopened",
    document.ClauseAcknowledged: "acknowledged",
    document.DocumentSigned: "signed",
    document.DocumentCompleted: "completed",
}
"""What is shown, and as what: nothing that not everybody in the session could know."""
