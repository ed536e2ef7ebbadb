"""Whether the journal can be written, for /healthz; a store that failed is asked until it works."""

import asyncio
from collections.abc import Sequence

from conference.journal.chain import Head, Row
from conference.journal.ports import JournalFailed, JournalStore, Sealed, StorageFull
from conference.storage.database import Database
from conference.tasks import TaskOwner

PROBE_S = 1.0


class WatchedStore:
    """A JournalStore that remembers its last failure. `reason`: storage_full, journal_failed, or
    None while all is well. A small commit each second notices a full disk while nobody commands
    anything, and its end."""

    def __init__(self, store: JournalStore, database: Database) -> None:
        self._store = store
        self._database = database
        self._tasks = TaskOwner("storage health")
        self.reason: str | None = None

    def start(self) -> None:
        self._tasks.spawn("probe", self._probe_forever())

    async def close(self) -> None:
        await self._tasks.close()

    async def head(self, stream: str) -> Head:
        return await self._store.head(stream)

    async def append(self, batch: Sequence[Sealed]) -> None:
        try:
            await self._store.append(batch)
        except JournalFailed as error:
            self.reason = _code(error)
            raise
        self.reason = None

    async def read(self, stream: str, after: int = 0) -> list[Row]:
        return await self._store.read(stream, after)

    async def streams(self) -> list[str]:
        return await self._store.streams()

    async def probe(self) -> None:
        """Try a small commit."""
        try:
            await self._database.probe_write()
        except JournalFailed as error:
            self.reason = _code(error)
        else:
            self.reason = None

    async def _probe_forever(self) -> None:
        while True:
            await asyncio.sleep(PROBE_S)
            await self.probe()


def _code(error: JournalFailed) -> str:
    return "storage_full" if isinstance(error, StorageFull) else "journal_failed"
