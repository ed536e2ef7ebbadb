"""Brings reports into the sessions' journals, in order within a session, without anyone waiting.

Policy under overload: a session holds at most WAITING reports; beyond that the heads of running
takes are given up first (the next ones say more), then the oldest report, with a log line. A report
that cannot be stored now (the room is busy, the disk is full) is tried again each second.
"""

import asyncio
import logging
from collections import deque

from conference.errors import Refused
from conference.events.recording import (
    RecordingFailed,
    RecordingGap,
    RecordingRestored,
    RecordingSealed,
)
from conference.ids import SessionId
from conference.recording.ports import Report, Rooms
from conference.rooms.commands import (
    SERVER,
    Command,
    NoteGap,
    NoteSealed,
    ReportWriterFailed,
    ReportWriterRestored,
)
from conference.tasks import TaskOwner

WAITING = 200
RETRY_SECONDS = 1.0
NOT_NOW = {"busy", "storage_full", "journal_failed"}
_log = logging.getLogger(__name__)


class Reports:
    """One queue and, while it is not empty, one task for each session."""

    def __init__(self) -> None:
        self._rooms: Rooms | None = None
        self._started = asyncio.Event()
        self._tasks = TaskOwner("recording reports")
        self._queues: dict[SessionId, deque[Report]] = {}
        self._running: dict[SessionId, asyncio.Task[None]] = {}

    def start(self, rooms: Rooms) -> None:
        """Whom to tell; what was put before has waited for it."""
        self._rooms = rooms
        self._started.set()

    def put(self, session: SessionId, event: Report) -> None:
        """Tell the session's room, soon."""
        queue = self._queues.setdefault(session, deque())
        queue.append(event)
        if len(queue) > WAITING:
            _shorten(queue)
        if session not in self._running:
            self._running[session] = self._tasks.spawn(session, self._bring(session, queue))

    async def drain(self, seconds: float) -> None:
        """Wait until everything has been told, at most so long."""
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=seconds)

    async def close(self) -> None:
        await self._tasks.close()

    async def _bring(self, session: SessionId, queue: deque[Report]) -> None:
        try:
            await self._started.wait()
            while queue:
                event = queue.popleft()
                while not await self._accepted(session, event):
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            del self._running[session]
            if not queue:
                self._queues.pop(session, None)

    async def _accepted(self, session: SessionId, event: Report) -> bool:
        """Whether it need not be tried again."""
        assert self._rooms is not None
        try:
            await self._rooms.submit(session, command_of(event), SERVER)
        except Refused as refusal:
            _log.warning("%s was refused: %s", event.KIND, refusal.code)
            return refusal.code not in NOT_NOW
        except Exception:
            _log.exception("%s could not be told", event.KIND)
        return True


def command_of(event: Report) -> Command:
    """The server's command that puts this event into a room's journal."""
    match event:
        case RecordingFailed():
            return ReportWriterFailed(event.reason, event.since_us)
        case RecordingRestored():
            return ReportWriterRestored(event.since_us, event.take)
        case RecordingGap():
            span = (event.from_r_us, event.to_r_us)
            return NoteGap(event.track, *span, event.reason, event.packets)
        case RecordingSealed():
            return NoteSealed(event.take, event.tracks)


def _shorten(queue: deque[Report]) -> None:
    for event in queue:
        if isinstance(event, RecordingSealed):
            queue.remove(event)
            return
    _log.error("%s is given up: too much waits for the room", queue.popleft().KIND)
