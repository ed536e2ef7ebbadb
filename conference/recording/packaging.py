"""The server's hold on packagers: one process for each session that is recorded, and one whenever
files that were made are not there any more.

It reads the journal, tells the process where recording time runs (planning.py), and starts it anew
when it dies. A packager only reads what is evidence; no fault of it reaches the session.
"""

import asyncio
import contextlib
import json
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from conference.events.base import Entry
from conference.ids import SessionId
from conference.recording.packager.manifest import NAME, Manifest, read_manifest
from conference.recording.packager.plan import DISK_FULL, write_plan
from conference.recording.planning import RELEVANT, Planner
from conference.tasks import TaskOwner

BACKOFF = (0.2, 0.5, 1.0, 3.0, 10.0)
"""Seconds before the next packager, after so many that died without coming further."""
END_SECONDS = 1.0
_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


class Journal(Protocol):
    """The sessions' memory (journal/service.py)."""

    async def read(self, stream: str, after: int = 0) -> list[Entry]:
        """Entries with a number above `after`."""


@dataclass(frozen=True, slots=True)
class PackageState:
    """`state`: none (never recorded), following (the recording goes on), packaging (its files are
    being made), ready, failed (they cannot be made; it is tried again when asked for), missing
    (nobody makes them now; `ensure` does). `progress` from 0 to 1. `manifest` when ready."""

    state: Literal["none", "following", "packaging", "ready", "failed", "missing"]
    progress: float
    manifest: Manifest | None


@dataclass(slots=True)
class _Job:
    """What goes on for one session."""

    planner: Planner
    final: bool = False
    """Make the files of what there is, although the host has not stopped the recording."""
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    """Something new stands in the journal."""
    progress: float = 0.0
    deaths: int = 0
    busy: bool = False
    failed: bool = False
    task: "asyncio.Task[None] | None" = None
    process: Process | None = None


class PackagingService:
    """`recordings`, `derived`: folders with one folder for each session; `keep_free`: bytes of
    their disk that packagers leave to others. Used from one loop."""

    def __init__(
        self, recordings: Path, derived: Path, journal: Journal, keep_free: int = 0
    ) -> None:
        self._keep_free = keep_free
        self._recordings = recordings.resolve()
        self._derived = derived.resolve()
        self._journal = journal
        self._jobs: dict[SessionId, _Job] = {}
        self._tasks = TaskOwner("packaging")
        self._closed = False
        self.deaths = 0
        """Packagers that died since the start."""

    async def close(self) -> None:
        """End every packager; what is not ready is made in another life."""
        self._closed = True
        for job in self._jobs.values():
            if job.process is not None and job.process.stdin is not None:
                job.process.stdin.close()
        await self._tasks.close()
        for job in self._jobs.values():
            await _end(job.process)

    def on_entries(self, session: SessionId, entries: Sequence[Entry]) -> None:
        """Subscriber of the rooms: a session's packager learns what concerns it."""
        if self._closed or not any(isinstance(entry.event, RELEVANT) for entry in entries):
            return
        job = self._jobs.setdefault(session, _Job(Planner(session)))
        job.wanted.set()
        self._run(session, job)

    def state(self, session: SessionId) -> PackageState:
        """What is known without asking the journal."""
        job = self._jobs.get(session)
        if job is not None and job.failed:
            return PackageState("failed", 0.0, None)
        if job is not None and job.busy:
            going_on = job.planner.ordered and not job.final
            return PackageState("following" if going_on else "packaging", job.progress, None)
        manifest = self._whole(session)
        if manifest is not None:
            return PackageState("ready", 1.0, manifest)
        return PackageState("missing", 0.0, None)

    def pid(self, session: SessionId) -> int | None:
        """The process id of the session's packager, None when none runs."""
        job = self._jobs.get(session)
        return None if job is None or job.process is None else job.process.pid

    async def ensure(self, session: SessionId) -> PackageState:
        """See to it that the files of a recording that stands are made; gives the state now, and
        does not wait for them."""
        job = self._jobs.setdefault(session, _Job(Planner(session)))
        await self._catch_up(session, job)
        if not job.planner.started:
            return PackageState("none", 0.0, None)
        if job.planner.running or self._fresh(session, job):
            return self.state(session)
        job.final, job.failed = True, False
        job.wanted.set()
        self._run(session, job)
        return PackageState("packaging", job.progress, None)

    # ----------------------------------------------------------------------------------------

    def _run(self, session: SessionId, job: _Job) -> None:
        if not self._closed and (job.task is None or job.task.done()):
            job.task = self._tasks.spawn(session, self._keep(session, job))

    async def _keep(self, session: SessionId, job: _Job) -> None:
        """Until the journal has been followed and, when the recording has ended, all is ready."""
        try:
            while job.wanted.is_set():
                job.wanted.clear()
                await self._catch_up(session, job)
                planner = job.planner
                due = planner.running or not planner.ordered or job.final
                job.busy = due and planner.started and not self._fresh(session, job)
                if job.busy and not job.failed:
                    await self._one_life(session, job)
        finally:
            job.busy = False

    async def _one_life(self, session: SessionId, job: _Job) -> None:
        """One packager from its start to its exit."""
        progress, job.progress = job.progress, 0.0
        try:
            process = job.process = await self._spawn(session)
        except OSError:
            _log.exception("the packager cannot be started")
            await self._died(job, progress)
            return
        told = self._tasks.spawn(f"tell {session}", self._tell(session, job, process))
        try:
            await self._listen(job, process)
            code = await process.wait()
        finally:
            told.cancel()
        job.process = None
        if code == 0:  # ready; who knows what has happened meanwhile
            job.deaths, job.final = 0, False
            job.wanted.set()
            return
        if code == DISK_FULL:
            _log.error("too little of the disk is free to package a recording")
            job.failed = True
            return
        _log.error("the packager of a session ended with %s", code)
        await self._died(job, progress)

    async def _died(self, job: _Job, progress: float) -> None:
        self.deaths += 1
        job.deaths = 0 if job.progress > progress else job.deaths + 1
        if job.deaths > len(BACKOFF):
            job.failed, job.deaths = True, 0
            return
        await asyncio.sleep(BACKOFF[max(0, job.deaths - 1)])
        job.wanted.set()

    async def _spawn(self, session: SessionId) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "conference.recording.packager",
            str(self._recordings / session), str(self._derived / session),
            str(self._keep_free),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT, start_new_session=True,
        )  # fmt: skip

    async def _tell(self, session: SessionId, job: _Job, process: Process) -> None:
        """The plan, and again whenever the journal says more."""
        assert process.stdin is not None
        with contextlib.suppress(ConnectionError):
            while True:
                job.final = job.final and not job.planner.running
                final = job.final or not job.planner.ordered
                process.stdin.write(write_plan(job.planner.plan(final)))
                await process.stdin.drain()
                await job.wanted.wait()
                job.wanted.clear()
                await self._catch_up(session, job)

    async def _listen(self, job: _Job, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if line.endswith(b"\n") and (said := json.loads(line))["type"] == "progress":
                job.progress = said["progress"]

    async def _catch_up(self, session: SessionId, job: _Job) -> None:
        """Read what the journal holds behind what is known."""
        for entry in await self._journal.read(session, job.planner.seq):
            if entry.seq == job.planner.seq + 1:
                job.planner.apply(entry)

    def _fresh(self, session: SessionId, job: _Job) -> bool:
        """Whether the files that there are hold all that was recorded."""
        if job.planner.running:
            return False
        manifest = self._whole(session)
        return manifest is not None and manifest.r_end_us == job.planner.r_end_us

    def _whole(self, session: SessionId) -> Manifest | None:
        """The manifest, when all its files are there."""
        folder = self._derived / session
        try:
            manifest = read_manifest((folder / NAME).read_bytes())
            sizes = [(folder / file.file).stat().st_size == file.bytes for file in manifest.files]
        except (OSError, ValueError):
            return None
        return manifest if manifest.state == "ready" and all(sizes) else None


async def _end(process: Process | None) -> None:
    """A packager whose input is closed ends by itself; one that hangs is ended."""
    if process is None:
        return
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
