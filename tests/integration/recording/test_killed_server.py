"""SIGKILL of the server: the writer seals what it was given and goes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conference.recording.reading import read_packets
from conference.recording.recovery import await_writer, last_sealed, sealed_tracks
from conference.recording.verify import verify_recordings
from tests.support.recording import CAMERA, SESSION, Studio, packets_in
from tests.support.wait import block_until, wait_until

LOST_US = 500_000
"""The most that may be missing before the kill."""


class Server:
    """tests.support.recording_server as a process."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-m", "tests.support.recording_server", str(directory)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self._said = self.process.stdout
        self.writer = int(self._said.readline())
        self.first_us = int(self._said.readline())
        self.last_us = self.first_us

    def run_for(self, us: int) -> None:
        while self.last_us < self.first_us + us:
            self.last_us = int(self._said.readline())

    def kill(self) -> None:
        """SIGKILL; afterwards `last_us` is the last packet that it gave away for sure."""
        self.process.send_signal(signal.SIGKILL)
        whole = [line for line in self._said.read().splitlines(keepends=True) if line[-1] == "\n"]
        self.last_us = int(whole[-1]) if whole else self.last_us
        self.process.wait()
        self._said.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    if server.process.poll() is None:
        server.kill()


def gone(pid: int) -> str | None:
    """Ended, even if the machine's init has not yet taken note of it (state Z, proc(5))."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None
    return None if state == "Z" else f"the writer {pid} is in state {state}"


@pytest.mark.parametrize("run_us", [150_000, 1_300_000, 1_990_000])
def test_the_writer_seals_and_exits(server: Server, tmp_path: Path, run_us: int) -> None:
    server.run_for(run_us)
    server.kill()
    killed = time.monotonic()
    block_until(lambda: gone(server.writer), 3.0, interval=0.005)
    path = tmp_path / SESSION / "1" / f"{CAMERA.track}.rtpj"
    recorded = packets_in(path)
    lost_us = server.last_us - recorded[-1].arrival_us
    print(f"lost {lost_us / 1000:.0f} ms, sealed in {time.monotonic() - killed:.3f} s")
    assert lost_us <= LOST_US
    assert recorded[0].arrival_us <= server.first_us
    verdict = verify_recordings(tmp_path, {})
    assert (verdict.faults, verdict.notes) == ([], [])
    sealed_us = last_sealed(tmp_path, SESSION, "1")
    assert sealed_us is not None and recorded[-1].arrival_us <= sealed_us


async def test_the_next_life_waits_for_the_last_seal(tmp_path: Path) -> None:
    async with Studio(tmp_path) as studio:
        waiting = studio.tasks.spawn("next life", await_writer(tmp_path))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.3)
        await studio.service.close()
        await asyncio.wait_for(waiting, 1.0)


async def test_the_next_life_writes_the_heads_down(server: Server, tmp_path: Path) -> None:
    server.run_for(200_000)
    server.kill()
    async with Studio(tmp_path) as studio:
        sealed_us = await studio.service.last_sealed(SESSION, "1")
        await wait_until(lambda: None if studio.rooms.sealed("1") else "no heads told", 5.0)
        assert sealed_us is not None and sealed_us >= server.last_us - LOST_US
        (sealed,) = studio.rooms.sealed("1")
        assert sealed.tracks == sealed_tracks(tmp_path, SESSION, "1")


def test_a_writer_killed_while_it_writes_leaves_what_was_sealed(
    server: Server, tmp_path: Path
) -> None:
    server.run_for(2_500_000)
    os.kill(server.writer, signal.SIGKILL)
    server.kill()
    path = tmp_path / SESSION / "1" / f"{CAMERA.track}.rtpj"
    recorded = packets_in(path)
    assert recorded[-1].arrival_us >= server.last_us - 1_500_000
    assert verify_recordings(tmp_path, {}).faults == []
    assert list(read_packets(path))
