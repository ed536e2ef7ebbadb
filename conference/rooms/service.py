"""All live rooms of one life of the server: the door through which everyone speaks to them."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from conference.clock import Clock, read
from conference.errors import Refused
from conference.events.base import Entry
from conference.ids import SeatId, SessionId
from conference.journal.service import JournalService
from conference.rooms.audience import FeedItem
from conference.rooms.commands import CreateSession
from conference.rooms.live import Ack, LiveRoom, Surroundings
from conference.rooms.ports import Asked, Effects, Matter, Sealed, SessionIndex
from conference.rooms.recording_time import RecordingTime
from conference.rooms.snapshot import snapshot
from conference.rooms.state import RoomState
from conference.tasks import TaskOwner

_log = logging.getLogger(__name__)

Subscriber = Callable[[SessionId, Sequence[Entry]], None]


class RoomsService:
    """Rooms are loaded when first asked for and then live until `close`. Used from one loop."""

    def __init__(
        self, journal: JournalService, effects: Effects, sealed: Sealed, clock: Clock, epoch: str
    ) -> None:
        self._makers: list[Callable[[SessionId], Matter]] = []
        self._around = Surroundings(
            journal, effects, sealed, clock, epoch, self._notify, self._matters
        )
        self._tasks = TaskOwner("rooms", _log_task)
        self._loading: dict[SessionId, asyncio.Task[LiveRoom]] = {}
        self._live: dict[SessionId, LiveRoom] = {}
        self._subscribers: list[Subscriber] = []
        self._closed = False

    def deal_with(self, make: Callable[[SessionId], Matter]) -> None:
        """Every room has a matter of this kind from now on; said before `start`."""
        self._makers.append(make)

    async def start(self, index: SessionIndex) -> None:
        """Rebuild every session that was running. One that cannot be rebuilt now is logged and
        tried again when somebody asks for it."""
        for session in await index.running():
            try:
                await self._find(session)
            except Refused as refusal:
                _log.error("session %s not rebuilt: %s", session, refusal.code)

    async def close(self) -> None:
        """End all rooms; commands that still wait are refused as `stopping`."""
        self._closed = True
        await self._tasks.close()
        self._live.clear()

    def subscribe(self, subscriber: Subscriber) -> None:
        """`subscriber(session, entries)` is called after each commit, in order, and must not
        wait; an exception of it is logged."""
        self._subscribers.append(subscriber)

    def live(self) -> list[SessionId]:
        """The sessions whose rooms are loaded."""
        return list(self._live)

    def waiting(self, session: SessionId) -> int:
        """Commands that the room has not taken yet, for the metrics."""
        live = self._live.get(session)
        return 0 if live is None else live.waiting

    async def submit(self, session: SessionId, command: Asked, actor: SeatId) -> Ack:
        """Do it, and return when it is stored and told. Refused, or Fault for our own failure."""
        live = await self._find(session, may_be_new=isinstance(command, CreateSession))
        return await live.submit(command, actor)

    async def state(self, session: SessionId) -> RoomState:
        """The room's state, to read; it is the living object, not a copy."""
        return (await self._rebuilt(session)).room.state

    async def recording_time(self, session: SessionId) -> RecordingTime:
        """Where recording time stands and whether it runs."""
        return (await self._rebuilt(session)).room.time

    async def snapshot(self, session: SessionId, seat: SeatId) -> dict[str, Any]:
        """The room as the seat may see it; with `position` taken in the same step of the loop,
        nothing lies between the two."""
        live = await self._find(session)
        return snapshot(live.room, seat, read(self._around.clock, self._around.epoch))

    async def feed(self, session: SessionId, seat: SeatId, after: int) -> list[FeedItem]:
        """The seat's feed from number `after` + 1 on."""
        live = await self._find(session)
        if seat not in live.room.state.seats:
            raise Refused("seat_unknown")
        return live.feeds.items(seat, after)

    async def position(self, session: SessionId, seat: SeatId) -> int:
        """The number of the last item of the seat's feed."""
        live = await self._find(session)
        if seat not in live.room.state.seats:
            raise Refused("seat_unknown")
        return live.feeds.positions(live.room.seq)[seat]

    async def _find(self, session: SessionId, may_be_new: bool = False) -> LiveRoom:
        """The room, once its effects have followed its history."""
        live = self._live.get(session)
        if live is None or session in self._loading:
            live = await asyncio.shield(self._load_once(session, may_be_new))
        if live.room.state.created is None and not may_be_new:
            raise Refused("session_unknown")
        return live

    async def _rebuilt(self, session: SessionId) -> LiveRoom:
        """The room as soon as it stands: the effects that follow its history may ask for it."""
        return self._live.get(session) or await self._find(session)

    def _load_once(self, session: SessionId, may_be_new: bool) -> "asyncio.Task[LiveRoom]":
        loading = self._loading.get(session)
        if loading is None:
            if self._closed:
                raise Refused("stopping")
            loading = self._tasks.spawn(f"load {session}", self._load(session, may_be_new))
            self._loading[session] = loading
        return loading

    async def _load(self, session: SessionId, may_be_new: bool) -> LiveRoom:
        live = LiveRoom(session, self._around)
        try:
            history = await live.load()
            if not history and not may_be_new:
                raise Refused("session_unknown")
            self._live[session] = live
            await live.announce(history)
        except Refused:
            raise
        except Exception as error:
            _log.exception("session %s cannot be rebuilt", session)
            raise Refused("session_unreadable") from error
        finally:
            del self._loading[session]
        self._tasks.spawn(f"room {session}", live.run())
        return live

    def _matters(self, session: SessionId) -> list[Matter]:
        return [make(session) for make in self._makers]

    def _notify(self, session: SessionId, entries: Sequence[Entry]) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(session, entries)
            except Exception:
                _log.exception("a subscriber of the rooms failed")


def _log_task(name: str, error: BaseException) -> None:
    """A load that was refused has been told to those who asked."""
    if not isinstance(error, Refused):
        _log.error("task %s failed", name, exc_info=error)
