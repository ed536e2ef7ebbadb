"""The rooms of one life of a server, on a real database and with effects that take notes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from conference.events.base import Entry, Event
from conference.ids import SeatId, SessionId
from conference.rooms.commands import SERVER, Command
from conference.rooms.live import Ack
from conference.rooms.recording_time import RecordingTime
from conference.rooms.service import RoomsService
from tests.support.journal import OpenJournal, open_journal
from tests.support.story_a import SESSION, create_session
from tests.support.virtual_clock import VirtualClock


class Notes:
    """Effects and a subscriber: writes down in which order things were done, as
    ("tighten" | "loosen" | "told", kinds of the events). Asks the rooms for the recording time
    while it loosens, as the recording does."""

    def __init__(self) -> None:
        self.log: list[tuple[str, list[str]]] = []
        self.told: list[Entry] = []
        self.failure: dict[str, Exception] = {}
        self.hold: asyncio.Event | None = None
        self.held = 0
        self.rooms: RoomsService | None = None
        self.recording_times: list[RecordingTime] = []

    async def tighten(self, session: SessionId, events: Sequence[Event]) -> None:
        if self.hold is not None:
            self.held += 1
            await self.hold.wait()
        self._note("tighten", events)

    async def loosen(self, session: SessionId, events: Sequence[Event]) -> None:
        if self.rooms is not None:
            self.recording_times.append(await self.rooms.recording_time(session))
        self._note("loosen", events)

    def hear(self, session: SessionId, entries: Sequence[Entry]) -> None:
        self.told += entries
        self._note("told", [entry.event for entry in entries])

    def _note(self, what: str, events: Sequence[Event]) -> None:
        self.log.append((what, [event.KIND for event in events]))
        if what in self.failure:
            raise self.failure[what]


class SealedAt:
    """What the recording's recovery would find: the last instant on disk."""

    def __init__(self, mono_us: int | None) -> None:
        self.mono_us = mono_us
        self.asked: list[tuple[SessionId, str]] = []

    async def last_sealed(self, session: SessionId, take: str) -> int | None:
        self.asked.append((session, take))
        return self.mono_us


class Life:
    """One life of a server."""

    def __init__(self, journal: OpenJournal, epoch: str, sealed: SealedAt) -> None:
        self.journal = journal
        self.clock = VirtualClock()
        self.notes = Notes()
        self.sealed = sealed
        self.rooms = RoomsService(journal.service, self.notes, sealed, self.clock, epoch)
        self.rooms.subscribe(self.notes.hear)
        self.notes.rooms = self.rooms

    async def created(self) -> None:
        await self.rooms.submit(SESSION, create_session(), SERVER)
        self.notes.log.clear()
        self.notes.told.clear()

    async def says(self, actor: SeatId, command: Command) -> Ack:
        return await self.rooms.submit(SESSION, command, actor)


@asynccontextmanager
async def server_life(
    directory: Path, epoch: str = "epoch-1", sealed_mono_us: int | None = None
) -> AsyncIterator[Life]:
    async with open_journal(directory / "conference.db") as journal:
        life = Life(journal, epoch, SealedAt(sealed_mono_us))
        await life.rooms.start(journal.index)
        try:
            yield life
        finally:
            if life.notes.hold is not None:
                life.notes.hold.set()
            await life.rooms.close()
