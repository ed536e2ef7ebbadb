"""A journal on a real database, whose commits a test can make fail or hold back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from conference.journal.chain import Head, Row
from conference.journal.ports import JournalFailed, Sealed
from conference.journal.service import JournalService
from conference.storage.database import Database
from conference.storage.journal_store import SqlJournalStore
from conference.storage.session_index import SqlSessionIndex


class TroubledStore:
    """A JournalStore in front of the real one. `failures` are raised one per append, before
    anything is stored, or after it (`stored_all_the_same`); `gate` holds appends back."""

    def __init__(self, store: SqlJournalStore) -> None:
        self._store = store
        self.failures: list[Exception] = []
        self.stored_all_the_same = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = 0
        self.batches: list[int] = []

    async def head(self, stream: str) -> Head:
        return await self._store.head(stream)

    async def append(self, batch: Sequence[Sealed]) -> None:
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or self.stored_all_the_same:
            await self._store.append(batch)
            self.batches.append(len(batch))
        if failure is not None:
            raise failure

    async def read(self, stream: str, after: int = 0) -> list[Row]:
        return await self._store.read(stream, after)

    async def streams(self) -> list[str]:
        return await self._store.streams()


class OpenJournal:
    """Database, store and running service of one life of a server."""

    def __init__(self, database: Database, max_waiting: int = 1024) -> None:
        self.database = database
        self.store = TroubledStore(SqlJournalStore(database))
        self.service = JournalService(self.store, Random(1), max_waiting)
        self.index = SqlSessionIndex(database)


@asynccontextmanager
async def open_journal(path: Path, max_waiting: int = 1024) -> AsyncIterator[OpenJournal]:
    database = await Database.open(path)
    journal = OpenJournal(database, max_waiting)
    journal.service.start()
    try:
        yield journal
    finally:
        journal.store.gate.set()
        await journal.service.close()
        await database.close()


def disk_error() -> JournalFailed:
    return JournalFailed("OperationalError SQLITE_IOERR_FSYNC")
