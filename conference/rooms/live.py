"""One live room and the one task that owns it: commands are taken one by one from its inbox.

    tighten → commit → apply → loosen → notify → answer

Nobody is told anything that is not stored, and what ends a route or a sink takes effect before
it is stored. If the commit fails, what was tightened stays so, the command is refused, and the
room reads its stream again before the next one, since a failure does not tell what was stored.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conference.clock import Clock, Now, read
from conference.errors import Fault, Refused
from conference.events.base import Draft, Entry
from conference.events.codec import UnreadableEntry
from conference.ids import SeatId, SessionId
from conference.journal.ports import JournalFailed, refusal
from conference.journal.service import JournalService
from conference.rooms.audience import Feeds
from conference.rooms.commands import SERVER, StartEpoch
from conference.rooms.ports import Asked, Effects, Matter, Sealed
from conference.rooms.room import Room

_log = logging.getLogger(__name__)

INBOX = 64
"""Commands that may wait for one room; one more is refused as `busy`."""


@dataclass(frozen=True, slots=True)
class Ack:
    """The command is done and stored; `feed`: each seat's number up to and with it."""

    feed: Mapping[SeatId, int]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all rooms of one life of the server share. `notify` is called after the commit, in
    the order of the entries; it must not wait. `matters`: what is dealt with in a session; made
    whenever its room is."""

    journal: JournalService
    effects: Effects
    sealed: Sealed
    clock: Clock
    epoch: str
    notify: Callable[[SessionId, Sequence[Entry]], None]
    matters: Callable[[SessionId], Sequence[Matter]]

    def now(self) -> Now:
        return read(self.clock, self.epoch)


@dataclass(frozen=True, slots=True)
class _Request:
    command: Asked
    actor: SeatId
    done: "asyncio.Future[Ack]"


class LiveRoom:
    """`run` is the owner task; anyone on the loop may read `room` and `feeds` between its steps."""

    def __init__(self, session: SessionId, around: Surroundings) -> None:
        self.session = session
        self.room = Room(around.matters(session))
        self.feeds = Feeds()
        self._around = around
        self._inbox: asyncio.Queue[_Request] = asyncio.Queue(INBOX)
        self._uncertain = False

    @property
    def waiting(self) -> int:
        return self._inbox.qsize()

    async def load(self) -> list[Entry]:
        """Rebuild from the journal, and begin a new epoch where the older one was another life.
        Returns all entries. Refused when it cannot be done now."""
        history = await self._read(0)
        self._take_in(history)
        state = self.room.state
        if state.created is None or state.session == "closed" or state.epoch == self._around.epoch:
            return history
        return [*history, *await self._begin_epoch()]

    async def announce(self, history: Sequence[Entry]) -> None:
        """Let the effects follow the whole history, and tell of what this life added to it."""
        if self.room.state.created is not None and self.room.state.session != "closed":
            await self._loosen(history)
            new = [entry for entry in history if entry.epoch == self._around.epoch]
            self._around.notify(self.session, new)

    async def _begin_epoch(self) -> list[Entry]:
        command = StartEpoch(await self._sealed())
        now = self._around.now()
        events = self.room.handle(command, SERVER, now)
        entries = await self._append(self.room.drafts(events, command, SERVER, now))
        self._take_in(entries)
        return entries

    async def run(self) -> None:
        """Own the room until cancelled; who still waits then is refused."""
        try:
            while True:
                await self._answer(await self._inbox.get())
        finally:
            while not self._inbox.empty():
                _fail(self._inbox.get_nowait(), Refused("stopping"))

    async def submit(self, command: Asked, actor: SeatId) -> Ack:
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        try:
            self._inbox.put_nowait(_Request(command, actor, done))
        except asyncio.QueueFull:
            raise Refused("busy") from None
        return await done

    async def _answer(self, request: _Request) -> None:
        try:
            ack = await self._execute(request.command, request.actor)
        except (Refused, Fault) as error:
            _fail(request, error)
        except asyncio.CancelledError:
            _fail(request, Refused("stopping"))
            raise
        except Exception as error:
            _log.exception("%s failed in a room", type(request.command).__name__)
            self._uncertain = True
            _fail(request, Fault(type(error).__name__))
        else:
            if not request.done.done():
                request.done.set_result(ack)

    async def _execute(self, command: Asked, actor: SeatId) -> Ack:
        if self._uncertain:
            await self._catch_up()
        before = self.room.answered(command, actor)
        if before is not None:
            return Ack(self.feeds.positions(before))
        now = self._around.now()
        events = self.room.handle(command, actor, now)
        if events:
            await self._around.effects.tighten(self.session, events)
            entries = await self._append(self.room.drafts(events, command, actor, now))
            self._take_in(entries)
            await self._loosen(entries)
            self._around.notify(self.session, entries)
        else:
            self.room.remember(command, actor)
        return Ack(self.feeds.positions(self.room.seq))

    async def _catch_up(self) -> None:
        """Whatever was stored after all is taken in and told like anything else."""
        missed = await self._read(self.room.seq)
        self._uncertain = False
        if missed:
            self._take_in(missed)
            await self._loosen(missed)
            self._around.notify(self.session, missed)

    def _take_in(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.room.apply(entry)
            self.feeds.add(entry)

    async def _append(self, drafts: Sequence[Draft]) -> list[Entry]:
        try:
            return await self._around.journal.append(self.session, drafts, self.room.seq)
        except JournalFailed as error:
            self._uncertain = True
            raise refusal(error) from error

    async def _read(self, after: int) -> list[Entry]:
        try:
            return await self._around.journal.read(self.session, after)
        except JournalFailed as error:
            raise refusal(error) from error
        except UnreadableEntry as error:
            _log.error("session %s cannot be continued: %s", self.session, error)
            raise Refused("session_unreadable") from error

    async def _sealed(self) -> int | None:
        state = self.room.state
        if state.recording not in ("on", "failed") or state.take is None:
            return None
        return await self._around.sealed.last_sealed(self.session, state.take)

    async def _loosen(self, entries: Sequence[Entry]) -> None:
        """What is stored is done: a fault here is ours alone and refuses nothing."""
        try:
            await self._around.effects.loosen(self.session, [entry.event for entry in entries])
        except Exception:
            _log.exception("effects of stored events failed")


def _fail(request: _Request, error: Exception) -> None:
    if not request.done.done():
        request.done.set_exception(error)
