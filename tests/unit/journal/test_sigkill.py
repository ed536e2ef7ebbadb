"""A process that appends is killed at once; whatever it had acknowledged is in the journal."""

import asyncio
import sys
from pathlib import Path

from conference.journal.verify import verify_journal
from conference.storage.database import Database
from conference.storage.journal_store import SqlJournalStore

ENOUGH = 400


async def acknowledged_before_the_kill(path: Path) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.unit.journal.acknowledged", str(path)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(ENOUGH)]
    process.kill()
    lines += (await process.stdout.read()).decode().splitlines(keepends=True)
    await process.wait()
    return [line.strip() for line in lines if line.endswith("\n")]


async def test_what_was_acknowledged_survives_sigkill(tmp_path: Path) -> None:
    acknowledged = await acknowledged_before_the_kill(tmp_path / "killed.db")
    assert len(acknowledged) >= ENOUGH
    database = await Database.open(tmp_path / "killed.db")
    store = SqlJournalStore(database)
    kept = {f"{s} {row.seq}" for s in await store.streams() for row in await store.read(s)}
    faults = await verify_journal(store)
    await database.close()
    assert set(acknowledged) <= kept
    assert faults == []
