"""What each seat learns: a pure function of the journal and the seat.

A seat's feed numbers from 1 what that seat may know. What is hidden leaves no hole and shifts no
number, so that the numbers tell nothing about it.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conference.events import access, archive, document, media, recording, room, server
from conference.events.base import Entry, Event
from conference.events.codec import data_of
from conference.ids import SeatId

EVERYONE: frozenset[type[Event]] = frozenset(
    {
        room.SessionCreated,
        room.SessionOpened,
        room.SessionPaused,
        room.SessionResumed,
        room.SessionClosed,
        room.EndpointJoined,
        room.EndpointReplaced,
        room.EndpointLeft,
        room.EndpointLost,
        room.EndpointRestored,
        room.MuteSet,
        media.TrackPublished,
        media.TrackEnded,
        recording.RecordingStarted,
        recording.RecordingPaused,
        recording.RecordingResumed,
        recording.RecordingStopped,
        recording.RecordingFailed,
        recording.RecordingRestored,
        recording.RecordingGap,
        document.DocumentDrafted,
        document.DocumentFrozen,
        document.DocumentReopened,
        document.ClauseAcknowledged,
        document.DocumentSigned,
        document.DocumentCompleted,
        document.DocumentRendered,
        server.EpochStarted,
    }
)
OWN_SEAT: frozenset[type[Event]] = frozenset({room.LayoutSet})
"""Only for the seat named in the event's field `seat`."""

OWN_SEAT_AND_HOST: frozenset[type[Event]] = frozenset(
    {document.CompanionIssued, document.CompanionOpened, document.CompanionEnded}
)
"""For the seat named in the event's field `seat`, and for the session's host."""

NOBODY: frozenset[type[Event]] = frozenset(
    {
        recording.RecordingSealed,
        access.LinkIssued,
        access.LinkOpened,
        access.LinkWithdrawn,
        archive.ArchivistAppointed,
        archive.RecordingOpened,
        archive.RecordingRefused,
    }
)
"""Evidence. A test holds these sets against the list of all kinds."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry as a seat sees it. `n` counts from 1; instants are µs (`wall_us` UTC, `r_us`
    recording time or None); `data` the event's fields as JSON values."""

    n: int
    kind: str
    wall_us: int
    r_us: int | None
    data: dict[str, Any]


def learns(seat: SeatId, event: Event, host: SeatId | None) -> bool:
    """Whether the seat may know of the event; `host`: the session's host seat."""
    if type(event) in OWN_SEAT | OWN_SEAT_AND_HOST:
        own = getattr(event, "seat", None) == seat
        return own or (seat == host and type(event) in OWN_SEAT_AND_HOST)
    return type(event) in EVERYONE


def feed(entries: Iterable[Entry], seat: SeatId, after: int = 0) -> list[FeedItem]:
    """The seat's feed from number `after` + 1 on, made from all entries of the stream."""
    host, known = None, []
    for entry in entries:
        if isinstance(entry.event, room.SessionCreated):
            host = entry.event.host_seat
        if learns(seat, entry.event, host):
            known.append(entry)
    return [_item(n, entry) for n, entry in enumerate(known[after:], after + 1)]


def _item(n: int, entry: Entry) -> FeedItem:
    return FeedItem(n, entry.kind, entry.wall_us, entry.r_us, data_of(entry.event))


class Feeds:
    """The feeds of all seats of one stream, kept up entry by entry."""

    def __init__(self) -> None:
        self._known: dict[SeatId, list[Entry]] = {}
        self._host: SeatId | None = None

    def add(self, entry: Entry) -> None:
        if isinstance(entry.event, room.SessionCreated):
            self._known = {info.seat: [] for info in entry.event.seats}
            self._host = entry.event.host_seat
        for seat, known in self._known.items():
            if learns(seat, entry.event, self._host):
                known.append(entry)

    def items(self, seat: SeatId, after: int = 0) -> list[FeedItem]:
        """As `feed`; KeyError for a seat that the session does not have."""
        known = self._known[seat]
        return [_item(n, known[n - 1]) for n in range(max(after, 0) + 1, len(known) + 1)]

    def positions(self, seq: int) -> dict[SeatId, int]:
        """Each seat's number for "everything up to entry `seq`"."""
        return {
            seat: bisect_right(known, seq, key=lambda entry: entry.seq)
            for seat, known in self._known.items()
        }
