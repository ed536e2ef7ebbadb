"""A file system without space: said as such, nothing half-stored, and well again afterwards."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conference.events.base import Draft
from conference.events.room import SessionPaused
from conference.journal.ports import StorageFull
from conference.journal.verify import verify_journal
from conference.storage.database import Database
from tests.support.journal import OpenJournal, open_journal
from tests.support.virtual_clock import VirtualClock

pytestmark = pytest.mark.root

DRAFTS = [Draft(SessionPaused("host"), VirtualClock().now())] * 50
MOST = 1000
"""Appends that fill 2 MB many times over."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def append_until_full(journal: OpenJournal, drafts: int) -> int:
    """How many entries were acknowledged before there was no space for these many."""
    for appended in range(MOST):
        try:
            await journal.service.append("stream", DRAFTS[:drafts])
        except StorageFull:
            return appended * drafts
    pytest.fail("the disk never got full")


async def test_a_full_file_system(disk: Path) -> None:
    filler = disk / "filler"
    filler.write_bytes(bytes(1024 * 1024))
    async with open_journal(disk / "conference.db") as journal:
        acknowledged = await append_until_full(journal, len(DRAFTS))
        acknowledged += await append_until_full(journal, 1)
        assert len(await journal.service.read("stream")) == acknowledged
        filler.unlink()
        (entry, *_) = await journal.service.append("stream", DRAFTS)
        assert entry.seq == acknowledged + 1
        assert await verify_journal(journal.store) == []


async def test_a_server_that_finds_the_disk_full_from_the_start(disk: Path) -> None:
    database = await Database.open(disk / "conference.db")
    await database.close()
    state = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(state.f_bavail * state.f_frsize))
    with pytest.raises(StorageFull):
        await Database.open(disk / "conference.db")
