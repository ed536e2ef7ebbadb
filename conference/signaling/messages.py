"""The wire schema, version 1: every message of docs/protocol.md as a model.

Strict and closed: no value is converted, no unknown field is let through. Instants and
durations are integer microseconds (`*_us`)."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from conference.signaling.document_messages import (
    CompanionIssue,
    CompanionJoin,
    CompanionTicket,
    DocumentAcknowledge,
    DocumentDraft,
    DocumentFreeze,
    DocumentReopen,
    DocumentSign,
    DocumentView,
    Drafted,
    Signed,
)
from conference.signaling.wire import Committed as Committed
from conference.signaling.wire import Done as Done
from conference.signaling.wire import Id, Position
from conference.signaling.wire import Wire as Wire

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 256 * 1024
LOCALES = ("zh-CN", "en")

Mid = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,16}$")]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=120_000)]
Source = Literal["microphone", "camera"]
Kind = Literal["audio", "video"]
Device = Literal["browser", "terminal", "participant"]


class Auth(Wire):
    """Sent with the Socket.IO CONNECT packet."""

    protocol: int
    locale: Literal["zh-CN", "en"] = "zh-CN"


# --- client to server ------------------------------------------------------------------------


class Muted(Wire):
    """Which sources are switched off."""

    microphone: bool
    camera: bool


class Join(Wire):
    """Take the seat; an older endpoint of the same seat is replaced."""

    command_id: Id
    device: Device
    muted: Muted


class Resume(Wire):
    """Go on after a lost socket or a restarted server, with the key of the Welcome."""

    endpoint: Id
    key: Id
    epoch: Id
    last: Position


class Mute(Wire):
    """Switch an own source off or on; the server drops the packets of a muted source."""

    command_id: Id
    source: Source
    muted: bool


class Layout(Wire):
    """How the own page shows the others; kept over reconnects."""

    command_id: Id
    layout: Literal["grid", "focus"]
    focus: Id | None


class Record(Wire):
    """Host only: the recording of the session."""

    command_id: Id
    action: Literal["start", "pause", "resume", "stop"]


class SessionControl(Wire):
    """Host only: pause and resume the session."""

    command_id: Id
    action: Literal["pause", "resume"]


class Leave(Wire):
    """Give the seat back; the same link returns to it."""

    command_id: Id


class Publish(Wire):
    """The SDP offer of the publishing peer connection, and which m-line carries what."""

    sdp: Sdp
    sources: Annotated[dict[Mid, Source], Field(min_length=1, max_length=8)]


class Subscribe(Wire):
    """Which video tracks are shown; null wants all. Sound always comes. `fresh`: the page has no
    subscribing peer connection any more and wants an offer for a new one."""

    tracks: Annotated[list[Id], Field(max_length=512)] | None
    fresh: bool = False


class SubscribeAnswer(Wire):
    """The SDP answer to the `subscribe_offer` of the same version."""

    version: Position
    sdp: Sdp


CLIENT_MESSAGES: dict[str, type[Wire]] = {
    "join": Join,
    "resume": Resume,
    "mute": Mute,
    "layout": Layout,
    "record": Record,
    "session": SessionControl,
    "leave": Leave,
    "publish": Publish,
    "subscribe": Subscribe,
    "subscribe_answer": SubscribeAnswer,
    "document_draft": DocumentDraft,
    "document_freeze": DocumentFreeze,
    "document_reopen": DocumentReopen,
    "document_acknowledge": DocumentAcknowledge,
    "document_sign": DocumentSign,
    "companion_issue": CompanionIssue,
    "companion_join": CompanionJoin,
}

COMPANION_MAY = frozenset({"companion_join", "document_sign"})
"""What a companion's socket may say; a seat's socket may say all but `companion_join`."""


# --- acknowledgements ------------------------------------------------------------------------


class ErrorDetail(Wire):
    """`message` is a sentence in the locale of the connection."""

    code: str
    message: str
    params: dict[str, str | int] = Field(default_factory=dict)


class Failure(Wire):
    """The answer to a message that was refused."""

    ok: Literal[False] = False
    error: ErrorDetail


class SeatView(Wire):
    """`standing`: a party's side."""

    seat: Id
    name: str
    role: str
    standing: Literal["applicant", "respondent"] | None
    unit: str
    endpoint: Id | None
    beside: Id | None


class TrackView(Wire):
    track: Id
    source: Source
    kind: Kind


class EndpointView(Wire):
    endpoint: Id
    seats: list[Id]
    device: Device
    line: Literal["online", "lost"]
    since_us: int
    muted: Muted
    tracks: list[TrackView]


class SessionView(Wire):
    """`opened_us`: wall time of the opening; `pause_reason` while paused."""

    id: Id
    title: str
    case_number: str | None
    track: str | None
    state: Literal["scheduled", "open", "paused", "closed"]
    host_seat: Id
    dial_number: str
    opened_us: int | None
    pause_reason: Literal["host", "host_lost", "server_restarted"] | None


class RecordingView(Wire):
    """`r_us` is recording time R at `now_us` of the snapshot; null before the first start.
    `reason` and `since_us` (wall time) while failed."""

    state: Literal["off", "on", "paused", "failed"]
    r_us: int | None
    reason: Literal["writer_died", "writer_stalled", "disk_full"] | None
    since_us: int | None


class You(Wire):
    seats: list[Id]
    endpoint: Id | None
    role: str
    layout: Literal["grid", "focus"]
    focus: Id | None
    can: list[str]


class Snapshot(Wire):
    """The room as this seat may see it, at position `feed` of the Welcome."""

    session: SessionView
    recording: RecordingView
    seats: list[SeatView]
    endpoints: list[EndpointView]
    you: You
    now_us: int
    documents: list[DocumentView] = Field(default_factory=list)


class MediaLimits(Wire):
    video_cap_bps: int


class FeedItem(Wire):
    """One entry of the own feed: numbered from 1 without holes, the same after every resume."""

    n: Position
    kind: str
    wall_us: int
    r_us: int | None
    data: dict[str, Any]


class Welcome(Done):
    """The answer to join and resume."""

    epoch: Id
    endpoint: Id
    key: Id
    seats: list[Id]
    feed: Position
    snapshot: Snapshot
    media: MediaLimits
    missed: list[FeedItem] = Field(default_factory=list)


class CompanionWelcome(Done):
    """The answer to `companion_join`: the frozen document, and the person who is to sign it."""

    seat: SeatView
    session_title: str
    document: DocumentView
    hash_prefix: str
    expires_at_us: int
    recording: RecordingView
    now_us: int


class PublishedTrack(Wire):
    track: Id
    mid: Mid
    source: Source
    kind: Kind


class Published(Done):
    """The SDP answer of the server and the names of the tracks."""

    sdp: str
    tracks: list[PublishedTrack]


ACKNOWLEDGEMENTS: dict[str, type[Wire]] = {
    "join": Welcome,
    "resume": Welcome,
    "mute": Committed,
    "layout": Committed,
    "record": Committed,
    "session": Committed,
    "leave": Committed,
    "publish": Published,
    "subscribe": Done,
    "subscribe_answer": Done,
    "document_draft": Drafted,
    "document_freeze": Committed,
    "document_reopen": Drafted,
    "document_acknowledge": Committed,
    "document_sign": Signed,
    "companion_issue": CompanionTicket,
    "companion_join": CompanionWelcome,
}


# --- server to client ------------------------------------------------------------------------


class Stream(Wire):
    """What comes on one m-line of the subscribing peer connection; null fields: nothing now."""

    mid: Mid
    kind: Kind
    track: Id | None
    endpoint: Id | None
    source: Source | None


class SubscribeOffer(Wire):
    """Answered by `subscribe_answer` of the same version. `fresh`: it belongs to a new peer
    connection; the page closes the older one first."""

    version: Position
    sdp: str
    fresh: bool
    streams: list[Stream]


class Streams(Wire):
    """The same m-lines carry something else now; no negotiation is needed."""

    streams: list[Stream]


class Heartbeat(Wire):
    """Each second; the page acknowledges at once."""

    n: Position


class Line(Wire):
    """What the server heard of an endpoint within the last 2.5 s."""

    socket: bool
    media: bool


class Presence(Wire):
    """All endpoints of the session, on every change; never journalled, not numbered."""

    endpoints: dict[Id, Line]


class RecordingStatus(Wire):
    """What the recorder process says each second; `writing` is true while bytes reach the disk."""

    state: Literal["off", "on", "paused", "failed"]
    writing: bool
    written_r_us: int | None
    free_bytes: int | None


class Replaced(Wire):
    """Another endpoint has taken the seat; the server then closes this socket."""


class Ended(Wire):
    """The link was withdrawn or the session closed; the server then closes this socket."""


class CompanionOver(Wire):
    """This companion has ended; the server then closes this socket."""

    reason: Literal["used", "expired", "withdrawn"]


SERVER_MESSAGES: dict[str, type[Wire]] = {
    "event": FeedItem,
    "subscribe_offer": SubscribeOffer,
    "streams": Streams,
    "heartbeat": Heartbeat,
    "presence": Presence,
    "recording_status": RecordingStatus,
    "replaced": Replaced,
    "ended": Ended,
    "companion_ended": CompanionOver,
}
