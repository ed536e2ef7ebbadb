"""What happens in a session: who sits where, on which line, heard or muted."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from conference.events.base import Event
from conference.events.media import Source
from conference.ids import EndpointId, SeatId, SessionId

SeatRole = Literal[
    "judge",
    "mediator",
    "clerk",
    "party",
    "agent",
    "department",
    "witness",
    "interpreter",
    "observer",
]
Standing = Literal["applicant", "respondent"]
Device = Literal["browser", "terminal", "participant"]
Layout = Literal["grid", "focus"]
PauseReason = Literal["host", "host_lost", "server_restarted"]
LeaveReason = Literal["left", "expired", "closed"]


@dataclass(frozen=True, slots=True)
class SeatInfo:
    """One person in one session. `beside`: the seat before whose camera this person sits as a
    rule (a son beside his father), so that the other's endpoint carries this seat too.
    `standing`: a party's side."""

    seat: SeatId
    person: str
    name: str
    role: SeatRole
    unit: str
    beside: SeatId | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class SessionCreated(Event):
    """`track`: the mediation track. `scheduled_at_us`: UTC µs. `video_cap_bps`: the most that
    one camera may send. `origin`: the seed story it was made from, None for a real matter."""

    KIND: ClassVar[str] = "room:session:created"
    session: SessionId
    title: str
    case_number: str
    dial_number: str
    track: str
    host_seat: SeatId
    seats: tuple[SeatInfo, ...]
    scheduled_at_us: int
    video_cap_bps: int
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class SessionOpened(Event):
    KIND: ClassVar[str] = "room:session:opened"


@dataclass(frozen=True, slots=True)
class SessionPaused(Event):
    KIND: ClassVar[str] = "room:session:paused"
    reason: PauseReason


@dataclass(frozen=True, slots=True)
class SessionResumed(Event):
    KIND: ClassVar[str] = "room:session:resumed"


@dataclass(frozen=True, slots=True)
class SessionClosed(Event):
    KIND: ClassVar[str] = "room:session:closed"


@dataclass(frozen=True, slots=True)
class EndpointJoined(Event):
    """`seats`: whom the endpoint carries, first the one whose link opened it. A seat named here
    leaves any older endpoint."""

    KIND: ClassVar[str] = "room:endpoint:joined"
    endpoint: EndpointId
    seats: tuple[SeatId, ...]
    device: Device


@dataclass(frozen=True, slots=True)
class EndpointReplaced(Event):
    """The endpoint carries nobody any more, since `by` took its last seat."""

    KIND: ClassVar[str] = "room:endpoint:replaced"
    endpoint: EndpointId
    by: EndpointId


@dataclass(frozen=True, slots=True)
class EndpointLeft(Event):
    KIND: ClassVar[str] = "room:endpoint:left"
    endpoint: EndpointId
    reason: LeaveReason


@dataclass(frozen=True, slots=True)
class EndpointLost(Event):
    """Nothing is heard from the endpoint; it keeps its seats."""

    KIND: ClassVar[str] = "room:endpoint:lost"
    endpoint: EndpointId


@dataclass(frozen=True, slots=True)
class EndpointRestored(Event):
    KIND: ClassVar[str] = "room:endpoint:restored"
    endpoint: EndpointId


@dataclass(frozen=True, slots=True)
class MuteSet(Event):
    """`by`: the seat that asked, None for the server."""

    KIND: ClassVar[str] = "room:mute:set"
    endpoint: EndpointId
    source: Source
    muted: bool
    by: SeatId | None


@dataclass(frozen=True, slots=True)
class LayoutSet(Event):
    """How one seat looks at the room; nobody else learns of it."""

    KIND: ClassVar[str] = "room:layout:set"
    seat: SeatId
    layout: Layout
    focus: SeatId | None
