"""What the signaling door is handed by the wiring."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from conference.clock import Clock
from conference.documents.service import DocumentsService, Ticket
from conference.ids import EndpointId, SeatId, SessionId
from conference.media.service import MediaService
from conference.recording.ports import RecordingStatus
from conference.rooms.service import RoomsService
from conference.signaling.wire_errors import Words


@dataclass(frozen=True)
class Parts:
    """The services behind the door. `key_of` derives the key of an endpoint from the server's
    secret; `epoch` is this life of the server; `recording` tells the present status;
    `companion_url` is the address that a companion's ticket opens."""

    rooms: RoomsService
    media: MediaService
    recording: Callable[[SessionId], RecordingStatus]
    words: Words
    key_of: Callable[[EndpointId], str]
    epoch: str
    clock: Clock
    documents: DocumentsService
    companion_url: Callable[[SessionId, SeatId, Ticket], Awaitable[str]]
