"""Who looks back. These stand in a stream of their own, `archive`, and in no session's: what
happened in a session does not grow by being looked at."""

from dataclasses import dataclass
from typing import ClassVar

from conference.events.base import Event
from conference.ids import LinkId, SeatId, SessionId

STREAM = SessionId("archive")
"""The stream's name; links that open the archive are bound to it in place of a session."""


@dataclass(frozen=True, slots=True)
class ArchivistAppointed(Event):
    """Somebody may look at all recordings, by a link that is bound to `person`."""

    KIND: ClassVar[str] = "archive:archivist:appointed"
    person: SeatId
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class RecordingOpened(Event):
    """Stored before anything of the recording is sent. `person`: the archivist, or the person of
    the seat whose link was opened; `role`: a seat's role, or archivist."""

    KIND: ClassVar[str] = "archive:recording:opened"
    session: SessionId
    person: str
    role: str
    link: LinkId


@dataclass(frozen=True, slots=True)
class RecordingRefused(Event):
    """Somebody asked for a recording that is not for them. Fields as in RecordingOpened."""

    KIND: ClassVar[str] = "archive:recording:refused"
    session: SessionId
    person: str
    role: str
    link: LinkId
