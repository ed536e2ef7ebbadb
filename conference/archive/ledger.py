"""The stream `archive`: who may look at recordings, and who has looked."""

from conference.archive.ports import Journal
from conference.clock import Clock, read
from conference.events.archive import STREAM, ArchivistAppointed
from conference.events.base import Draft, Event
from conference.ids import SeatId
from conference.journal.ports import JournalFailed, refusal


class Ledger:
    """Its one writer in a life of the server."""

    def __init__(self, journal: Journal, clock: Clock, epoch: str) -> None:
        self._journal = journal
        self._clock = clock
        self._epoch = epoch
        self._read = 0
        self._archivists: dict[SeatId, ArchivistAppointed] = {}

    async def tell(self, event: Event) -> None:
        """Stored when this returns; Refused when it cannot be."""
        draft = Draft(event, read(self._clock, self._epoch))
        try:
            await self._journal.append(STREAM, [draft])
        except JournalFailed as error:
            raise refusal(error) from error

    async def archivists(self) -> dict[SeatId, ArchivistAppointed]:
        """Everybody who was appointed, in that order."""
        try:
            entries = await self._journal.read(STREAM, self._read)
        except JournalFailed as error:
            raise refusal(error) from error
        for entry in entries:
            self._read = max(self._read, entry.seq)
            if isinstance(entry.event, ArchivistAppointed):
                self._archivists[entry.event.person] = entry.event
        return self._archivists
