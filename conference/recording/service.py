"""The recording: a participant without a face. Follows the rooms' events, feeds the writer, and
tells the rooms what the writer really does.

The rooms call `tighten` before an event is stored and `loosen` behind it (rooms/ports.py, Effects);
the forwarder hands packets to `tap`. No fault in here reaches either of them.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from conference.clock import Clock
from conference.events.base import Event
from conference.events.recording import FailureReason, RecordingSealed
from conference.ids import SessionId
from conference.recording import wire
from conference.recording.capture import Capture, Surroundings
from conference.recording.ports import OnStatus, RecordingStatus, Rooms
from conference.recording.recovery import (
    await_writer,
    last_sealed,
    sealed_tracks,
    takes_of_order,
)
from conference.recording.reports import Reports
from conference.recording.tap import Tap
from conference.recording.writer import Supervisor
from conference.rooms.recording_time import RecordingTime
from conference.tasks import TaskOwner

FINISH_SECONDS = 1.0
"""How long the end of the server waits for takes to be finished and told."""

_log = logging.getLogger(__name__)


class RecordingService:
    """All captures of this life of the server (`epoch`), over one writer.

    `directory`: where the takes are kept. `reserve`: bytes of its disk that stay free.
    `on_status` is set by the wiring; it hears each second of every session that is recorded.
    """

    def __init__(self, directory: Path, reserve: int, clock: Clock, epoch: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.tap = Tap(lambda seconds, call: asyncio.get_running_loop().call_later(seconds, call))
        self.writer = Supervisor(directory, reserve, clock, self.tap)
        self.on_status: OnStatus = lambda session, status: None
        self._directory = directory
        self._tasks = TaskOwner("recording")
        self._reports = Reports()
        self._rooms: Rooms | None = None
        self._older: asyncio.Task[None] | None = None
        self._free_bytes: int | None = None
        self._captures: dict[SessionId, Capture] = {}
        self._shown: dict[SessionId, RecordingStatus] = {}
        self._writer_runs = False
        self._around = Surroundings(
            clock, epoch, self.tap, itertools.count(1),
            self._reports.put, self._reread,
        )  # fmt: skip

    async def start(self, rooms: Rooms) -> None:
        """Start the writer and keep it warm; tell these rooms what it does."""
        self._rooms = rooms
        self._reports.start(rooms)
        await self._older_life()
        await self.writer.start(self)
        _ = self._tasks.spawn("tick", self._tick())

    async def close(self) -> None:
        """Finish every take in order, tell the rooms, and end the writer."""
        for capture in self._captures.values():
            self._safely(capture.finish)
        ends = asyncio.get_running_loop().time() + FINISH_SECONDS
        while self._writer_runs and not all(c.finished for c in self._captures.values()):
            if asyncio.get_running_loop().time() > ends:
                _log.error("the recording writer did not finish all takes in time")
                break
            await asyncio.sleep(0.01)
        await self.writer.close()
        await self._reports.drain(FINISH_SECONDS)
        await self._reports.close()
        await self._tasks.close()

    # --- Effects ----------------------------------------------------------------------------

    async def tighten(self, session: SessionId, events: Sequence[Event]) -> None:
        """Nothing that the events forbid is handed over any more once this returned."""
        capture = self._capture(session)
        if not self._safely(partial(capture.tighten, events)):
            for track in capture.roster.tracks:
                self.tap.close(track)

    async def loosen(self, session: SessionId, events: Sequence[Event]) -> None:
        """The events are stored: begin, go on or end as they say."""
        capture = self._capture(session)
        time = None
        if capture.changes_order(events):
            self._collect_drops()
            time = await self._recording_time(session)
        self._safely(partial(capture.loosen, events, time))

    async def _recording_time(self, session: SessionId) -> RecordingTime | None:
        try:
            return await self._rooms.recording_time(session) if self._rooms is not None else None
        except Exception:
            _log.exception("the room does not tell its recording time")
            return None

    # --- Sealed (rooms/ports.py) ------------------------------------------------------------

    async def last_sealed(self, session: SessionId, take: str) -> int | None:
        """How far a take of an older life of the server is on disk, mono µs of that life. The
        heads of its files go into the journal."""
        await self._older_life()
        for name in await asyncio.to_thread(takes_of_order, self._directory, session, take):
            self._reread(session, name)
        return await asyncio.to_thread(last_sealed, self._directory, session, take)

    async def _older_life(self) -> None:
        """Wait, once, for a writer that still seals what a killed server gave it."""
        if self._older is None:
            self._older = self._tasks.spawn("older writer", await_writer(self._directory))
        await asyncio.shield(self._older)

    # ----------------------------------------------------------------------------------------

    def status(self, session: SessionId) -> RecordingStatus:
        """What the session's screens show now."""
        return self._capture(session).status(self._free_bytes)

    # --- WriterListener ---------------------------------------------------------------------

    def writer_started(self) -> None:
        self._writer_runs = True
        for capture in self._captures.values():
            self._safely(capture.writer_started)

    def writer_said(self, message: wire.Control) -> None:
        if message["type"] != "sealed":
            return
        self._free_bytes = message["free_bytes"]
        self._collect_drops()
        capture = self._captures.get(SessionId(message["take"].partition("/")[0]))
        if capture is not None:
            self._safely(partial(capture.sealed, message))

    def writer_failed(self, reason: FailureReason) -> None:
        self._writer_runs = False
        for capture in self._captures.values():
            self._safely(partial(capture.writer_failed, reason))
        self._collect_drops()

    # ----------------------------------------------------------------------------------------

    def _capture(self, session: SessionId) -> Capture:
        capture = self._captures.get(session)
        if capture is None:
            capture = self._captures[session] = Capture(session, self._around)
            if self._writer_runs:
                capture.writer_started()
        return capture

    def _safely(self, act: Callable[[], object]) -> bool:
        """A fault of the recording stays in the recording."""
        try:
            act()
        except Exception:
            _log.exception("the recording failed inside")
            return False
        return True

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._safely(self._mark)
            self._collect_drops()
            for session, capture in self._captures.items():
                self._safely(capture.second)
                self._show(session, capture)

    def _mark(self) -> None:
        """The writer's word on what is on disk goes as far as ours on what it was given."""
        self.tap.order({"type": "mark", "mono_us": self._around.clock.mono_us()})

    def _show(self, session: SessionId, capture: Capture) -> None:
        status = capture.status(self._free_bytes)
        if status.state in ("on", "failed") or status != self._shown.get(session):
            self._shown[session] = status
            self._safely(partial(self.on_status, session, status))

    def _collect_drops(self) -> None:
        for drop in self.tap.take_dropped():
            for capture in self._captures.values():
                if drop.track in capture.roster.tracks:
                    capture.dropped(drop)

    def _reread(self, session: SessionId, take: str) -> None:
        _ = self._tasks.spawn(f"reread {take}", self._tell_files(session, take))

    async def _tell_files(self, session: SessionId, take: str) -> None:
        """Report what a dead writer sealed, from its files."""
        tracks = await asyncio.to_thread(sealed_tracks, self._directory, session, take)
        if tracks:
            self._reports.put(session, RecordingSealed(take, tracks))
