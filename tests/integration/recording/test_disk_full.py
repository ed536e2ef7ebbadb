"""A disk that fills up: the writer stops at its reserve, so that the journal can go on."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conference.events.recording import (
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.recording.verify import verify_recordings
from tests.support.recording import CAMERA, SESSION, Studio, packets_in
from tests.support.wait import wait_until

MB = 1024 * 1024
RESERVE = 16 * MB

pytestmark = pytest.mark.root


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def free(disk: Path) -> int:
    state = os.statvfs(disk)
    return state.f_bavail * state.f_frsize


async def until_told(studio: Studio, failures: int) -> None:
    def probe() -> str | None:
        return None if len(studio.rooms.failed()) == failures else f"told is {studio.rooms.told}"

    await wait_until(probe, 5.0)
    assert studio.rooms.failed()[-1].reason == "disk_full"
    assert studio.service.status(SESSION).state == "failed"


async def test_the_writer_stops_at_its_reserve_until_the_host_resumes(disk: Path) -> None:
    filler = disk / "filler"
    filler.write_bytes(bytes(free(disk) - RESERVE - 2 * MB))
    async with Studio(disk / "recordings", RESERVE) as studio:
        pid = studio.service.writer.pid
        await studio.happen(CAMERA, RecordingStarted("1"))
        studio.pump(CAMERA.track, size=30_000)
        await until_told(studio, 1)
        assert RESERVE - 3 * MB <= free(disk) < RESERVE

        await studio.happen(RecordingResumed("2"))
        await until_told(studio, 2)
        assert not studio.file("2", CAMERA.track).exists()

        await asyncio.to_thread(filler.unlink)
        await studio.happen(RecordingResumed("3"))
        await wait_until(lambda: None if studio.rooms.gaps() else "no gap told", 5.0)
        studio.stop_pump()
        await studio.happen(RecordingStopped("3"))
        await wait_until(lambda: None if studio.rooms.sealed("3") else "3 is not sealed", 5.0)

        (gap,) = studio.rooms.gaps()
        assert (gap.track, gap.reason) == (None, "disk_full")
        assert studio.service.writer.pid == pid, "the writer did not die of it"
        first, third = (packets_in(studio.file(take, CAMERA.track)) for take in ("1", "3"))
        on_disk, sent = {*first, *third}, studio.sent[CAMERA.track]
        start = sent[0].arrival_us
        missing = [p.arrival_us - start for p in sent if p not in on_disk]
        assert missing and gap.from_r_us - 1000 <= missing[0] <= missing[-1] <= gap.to_r_us
        assert verify_recordings(disk / "recordings", studio.rooms.heads()).faults == []


async def test_a_disk_that_others_fill_to_the_last_byte(disk: Path) -> None:
    """Without a reserve the write itself fails: the file ends with its last whole block."""
    async with Studio(disk / "recordings") as studio:
        await studio.happen(CAMERA, RecordingStarted("1"))
        studio.pump(CAMERA.track, size=30_000)
        path = studio.file("1", CAMERA.track)
        await wait_until(lambda: None if path.exists() else "nothing is sealed", 5.0)
        with (disk / "filler").open("wb") as filler, pytest.raises(OSError):
            while True:
                filler.write(bytes(MB // 2))
        await until_told(studio, 1)
        await studio.happen(RecordingPaused("1", "host"))
        assert packets_in(path) == studio.sent[CAMERA.track][: len(packets_in(path))]
        verdict = verify_recordings(disk / "recordings", studio.rooms.heads())
        assert (verdict.faults, verdict.notes) == ([], [])
        await wait_until(lambda: None if studio.rooms.gaps() else "no gap told", 5.0)
