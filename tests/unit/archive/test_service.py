"""Verification finds what was changed, and nothing else."""

from pathlib import Path

import pytest
from sqlalchemy import update

from conference.__main__ import main
from conference.archive.service import verify
from conference.rooms.commands import JoinEndpoint
from conference.storage.journal_store import SqlJournalStore
from conference.storage.schema import journal_entries
from tests.support.rooms import server_life
from tests.support.story_a import MEDIATOR, endpoint


def nothing_kept(_digest: str) -> None: ...


async def written(directory: Path) -> None:
    async with server_life(directory) as life:
        await life.created()
        await life.says(MEDIATOR, JoinEndpoint(endpoint("host"), "browser"))


async def test_what_was_not_touched_holds(tmp_path: Path) -> None:
    await written(tmp_path)
    async with server_life(tmp_path, "epoch-2") as life:
        verdict = await verify(
            SqlJournalStore(life.journal.database), tmp_path / "recordings", nothing_kept
        )
    assert verdict.faults == [] and (verdict.streams, verdict.files) == (1, 0)


async def test_one_changed_letter_is_found(tmp_path: Path) -> None:
    await written(tmp_path)
    async with server_life(tmp_path, "epoch-2") as life:
        async with life.journal.database.write() as connection:
            changed = b'{"changed": 1}'
            where = journal_entries.c.seq == 2
            await connection.execute(update(journal_entries).where(where).values(payload=changed))
        verdict = await verify(
            SqlJournalStore(life.journal.database), tmp_path / "recordings", nothing_kept
        )
    assert verdict.faults and all("entry 2" in fault for fault in verdict.faults)


def test_the_command_says_so_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path / "nothing")]) == 1
    assert "cannot be read" in capsys.readouterr().out
