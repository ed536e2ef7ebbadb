"""What may be asked of a room. The actor is given beside the command: a seat, or SERVER.

`command_id` makes a repetition harmless: the same actor's same id is answered as before and
changes nothing.
"""

from dataclasses import dataclass
from typing import Final

from conference import ids
from conference.events.media import MediaKind, Source
from conference.events.recording import FailureReason, SealedTrack
from conference.events.room import Device, Layout, LeaveReason, SeatInfo
from conference.ids import CommandId, EndpointId, LinkId, LoginId, SeatId, SessionId, TrackId

SERVER: Final = ids.SERVER
"""The actor of what no person asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    command_id: CommandId | None = None


@dataclass(frozen=True, slots=True)
class CreateSession(Command):
    """Fields as in events.room.SessionCreated."""

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
class StartEpoch(Command):
    """A new life of the server takes the room over. `sealed_mono_us`: the older life's
    CLOCK_MONOTONIC µs up to which its running take is known to be on disk; None if unknown."""

    sealed_mono_us: int | None


@dataclass(frozen=True, slots=True)
class JoinEndpoint(Command):
    """The actor's seat comes in by a new endpoint; `muted`: what is switched off already."""

    endpoint: EndpointId
    device: Device
    muted: frozenset[Source] = frozenset()


@dataclass(frozen=True, slots=True)
class LeaveEndpoint(Command):
    endpoint: EndpointId
    reason: LeaveReason = "left"


@dataclass(frozen=True, slots=True)
class MarkLost(Command):
    endpoint: EndpointId


@dataclass(frozen=True, slots=True)
class MarkHeard(Command):
    endpoint: EndpointId


@dataclass(frozen=True, slots=True)
class SetMute(Command):
    endpoint: EndpointId
    source: Source
    muted: bool


@dataclass(frozen=True, slots=True)
class SetLayout(Command):
    layout: Layout
    focus: SeatId | None


@dataclass(frozen=True, slots=True)
class NewTrack:
    track: TrackId
    source: Source
    kind: MediaKind


@dataclass(frozen=True, slots=True)
class PublishTracks(Command):
    """An endpoint has one track per source: a new one ends the older."""

    endpoint: EndpointId
    tracks: tuple[NewTrack, ...]


@dataclass(frozen=True, slots=True)
class EndTracks(Command):
    endpoint: EndpointId
    tracks: tuple[TrackId, ...]


@dataclass(frozen=True, slots=True)
class StartRecording(Command):
    pass


@dataclass(frozen=True, slots=True)
class PauseRecording(Command):
    pass


@dataclass(frozen=True, slots=True)
class ResumeRecording(Command):
    """Goes on after a pause, or tries again after the writer failed."""


@dataclass(frozen=True, slots=True)
class StopRecording(Command):
    pass


@dataclass(frozen=True, slots=True)
class PauseSession(Command):
    pass


@dataclass(frozen=True, slots=True)
class ResumeSession(Command):
    pass


@dataclass(frozen=True, slots=True)
class CloseSession(Command):
    pass


@dataclass(frozen=True, slots=True)
class ReportWriterFailed(Command):
    reason: FailureReason
    since_us: int


@dataclass(frozen=True, slots=True)
class ReportWriterRestored(Command):
    """`take`: the one written to now; None lets the room name a new one."""

    since_us: int
    take: str | None = None


@dataclass(frozen=True, slots=True)
class NoteGap(Command):
    track: TrackId | None
    from_r_us: int
    to_r_us: int
    reason: str
    packets: int


@dataclass(frozen=True, slots=True)
class NoteSealed(Command):
    take: str
    tracks: tuple[SealedTrack, ...]


@dataclass(frozen=True, slots=True)
class IssueLink(Command):
    link: LinkId
    seat: SeatId
    expires_at_us: int


@dataclass(frozen=True, slots=True)
class OpenLink(Command):
    link: LinkId
    login: LoginId


@dataclass(frozen=True, slots=True)
class WithdrawLink(Command):
    """The seat that has no other usable link leaves the room with its endpoint."""

    link: LinkId
