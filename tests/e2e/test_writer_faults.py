"""The recorder dies, hangs, or runs out of disk: the host reads it within five seconds."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.evidence import journal_entries
from tests.support.person import Person, person
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

SEEN_WITHIN_S = 5


def writer_of(server: ServerProcess) -> int:
    """The recorder process among the server's children."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii").split()
    for child in children:
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        if b"conference.recording.recorder" in command:
            return int(child)
    pytest.fail("the server has no recorder process", pytrace=False)


async def record(mediator: Person, server: ServerProcess) -> None:
    await mediator.come_in(server.demo()["sessions"][0]["join_urls"]["马晓燕"])
    await mediator.press("record")
    await mediator.wait_for_text("recording-state", "录音录像中", timeout=5)


def events(server: ServerProcess, kind: str) -> list[dict[str, object]]:
    return [entry["data"] for entry in journal_entries(server.data) if entry["kind"] == kind]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
async def test_the_host_reads_that_nothing_was_written(
    browser: Browser, server: ServerProcess, how: signal.Signals
) -> None:
    async with person(browser, "马晓燕") as mediator:
        await record(mediator, server)
        before = writer_of(server)
        os.kill(before, how)

        async def said() -> str | None:
            found = await mediator.page.get_by_test_id("banner-gap").count()
            chip = await mediator.text("recording-state")
            return None if found or "录制故障" in chip else f"the host reads {chip!r}"

        await wait_until(said, timeout=SEEN_WITHIN_S)

        def restored() -> str | None:
            if not events(server, "recording:gap:noted"):
                return "no gap row"
            return None if events(server, "recording:writer:restored") else "no new writer"

        await wait_until(restored, timeout=10)
        await mediator.wait_for_text("recording-state", "录音录像中", timeout=5)
        assert writer_of(server) != before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A data directory that is a file system of 64 MB."""
    place = tmp_path / "data"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.root
async def test_a_full_disk_stops_the_recorder_not_the_session(
    browser: Browser, small_disk: Path, tmp_path: Path
) -> None:
    config = tmp_path / "conference.toml"
    config.write_text(f"[recording]\nreserve_bytes = {16 << 20}\n", encoding="utf-8")
    server = ServerProcess(small_disk, ("--demo", "--config", str(config)))
    try:
        await server.start()
        async with person(browser, "马晓燕") as mediator:
            await record(mediator, server)
            filler = small_disk / "filler"
            room = os.statvfs(small_disk)
            # Under the reserve, with enough left for the journal.
            filler.write_bytes(b"\0" * (room.f_bavail * room.f_frsize - (12 << 20)))
            await mediator.wait_for_text("recording-state", "录制故障", timeout=SEEN_WITHIN_S)
            # There is room for the journal: the session takes commands.
            await mediator.press("microphone")
            await wait_until(lambda: muted(server), timeout=5)
            filler.unlink()
            await mediator.press("record")
            await mediator.wait_for_text("recording-state", "录音录像中", timeout=5)
        assert await server.stop() == 0
        reasons = [each["reason"] for each in events(server, "recording:writer:failed")]
        assert reasons == ["disk_full"]
    finally:
        server.destroy()
        print(server.whole_log())


def muted(server: ServerProcess) -> str | None:
    return None if events(server, "room:mute:set") else "no mute in the journal"
