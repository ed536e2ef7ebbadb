"""Appends to a journal and prints each entry's number as soon as it is acknowledged, until it is
killed. Run as a process of its own: python -m tests.unit.journal.acknowledged DATABASE."""

import asyncio
import sys
from pathlib import Path
from random import SystemRandom

from conference.clock import SystemClock, read
from conference.events.base import Draft
from conference.events.room import MuteSet
from conference.ids import EndpointId
from conference.journal.service import JournalService
from conference.storage.database import Database
from conference.storage.journal_store import SqlJournalStore
from conference.tasks import TaskOwner

STREAMS = 4


async def main(path: Path) -> None:
    database = await Database.open(path)
    journal = JournalService(SqlJournalStore(database), SystemRandom())
    journal.start()
    async with TaskOwner("appending") as tasks:
        streams = [tasks.spawn(f"{n}", append(journal, f"stream-{n}")) for n in range(STREAMS)]
        await asyncio.gather(*streams)


async def append(journal: JournalService, stream: str) -> None:
    clock = SystemClock()
    while True:
        event = MuteSet(EndpointId("endpoint"), "camera", True, None)
        for entry in await journal.append(stream, [Draft(event, read(clock, "epoch"))] * 2):
            print(entry.stream, entry.seq, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
