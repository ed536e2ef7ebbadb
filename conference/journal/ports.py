"""What the journal needs: a store that keeps rows, all of a batch or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from conference.errors import Fault, Refused
from conference.events.base import Entry
from conference.journal.chain import Head, Row


class JournalFailed(Fault):
    """The entries are not in the journal, as far as can be known."""


class StorageFull(JournalFailed):
    """There is no space left to write to."""


class JournalBusy(JournalFailed):
    """More waits to be written than the journal takes on; nothing of this was tried."""


class StreamMoved(JournalFailed):
    """Somebody else wrote to the stream; nothing of this was stored."""


def refusal(error: JournalFailed) -> Refused:
    """What a person reads whose command was not stored."""
    if isinstance(error, StorageFull):
        return Refused("storage_full")
    return Refused("busy" if isinstance(error, JournalBusy) else "journal_failed")


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry with the row that keeps it; the entry is what projections are made from."""

    entry: Entry
    row: Row


class JournalStore(Protocol):
    async def head(self, stream: str) -> Head:
        """The end of the stream's chain; its genesis when nothing was written yet."""
        ...

    async def append(self, batch: Sequence[Sealed]) -> None:
        """One transaction, durable on return. A row whose number is taken, or any other failure:
        JournalFailed; no space: StorageFull."""
        ...

    async def read(self, stream: str, after: int = 0) -> list[Row]:
        """The stream's rows with a number above `after`, in order."""
        ...

    async def streams(self) -> list[str]:
        """The names of all streams."""
        ...
