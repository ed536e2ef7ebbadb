"""Which sessions there are: a projection of the journal, kept in the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, func, or_, select, update

from conference.archive.ports import Found, Query
from conference.events.base import Entry
from conference.events.document import DocumentCompleted
from conference.events.recording import (
    RecordingGap,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import (
    SessionClosed,
    SessionCreated,
    SessionOpened,
    SessionPaused,
    SessionResumed,
)
from conference.events.server import EpochStarted
from conference.ids import SeatId, SessionId
from conference.storage.database import Database
from conference.storage.schema import sessions as table


@dataclass(frozen=True, slots=True)
class IndexedSession:
    """One line of the list of sessions. `state`: scheduled, open, paused or closed. Instants
    are UTC µs. `origin`: the seed story it was made from, or None.

    `recording`: none (never begun), on, paused or stopped; `recorded_us`: its length up to the
    last pause or stop. `gaps`: gap rows; `completed`: documents that all have signed. `names`:
    everybody's, a line each, to be searched.
    """

    session: SessionId
    title: str
    case_number: str
    dial_number: str
    track: str
    host_seat: SeatId
    state: str
    origin: str | None
    scheduled_at_us: int
    created_at_us: int
    opened_at_us: int | None
    recording: str
    recorded_us: int
    gaps: int
    completed: int
    host_name: str
    host_unit: str
    names: str


def project(entry: Entry) -> list[Executable]:
    """What an entry changes in the index."""
    event = entry.event
    if isinstance(event, SessionCreated):
        return [table.insert().values(**_created(event), created_at_us=entry.wall_us)]
    change = _CHANGES.get(type(event))
    values = {} if change is None else change(entry)
    if not values:
        return []
    return [update(table).where(table.c.session == entry.stream).values(**values)]


def _created(event: SessionCreated) -> dict[str, Any]:
    copied = {name: getattr(event, name) for name in _COPIED}
    host = next(info for info in event.seats if info.seat == event.host_seat)
    names = "\n".join(info.name for info in event.seats)
    told = {"host_name": host.name, "host_unit": host.unit, "names": names}
    return {**copied, **told, "state": "scheduled", "recording": "none"}


_COPIED = (
    "session",
    "title",
    "case_number",
    "dial_number",
    "track",
    "host_seat",
    "origin",
    "scheduled_at_us",
)


def _begun(entry: Entry) -> dict[str, Any]:
    return {"recording": "on", "recorded_us": entry.r_us or 0}


def _epoch(entry: Entry) -> dict[str, Any]:
    if entry.r_us is None:  # nothing was being recorded
        return {}
    return {"recording": "paused", "recorded_us": entry.r_us}


_CHANGES: dict[type, Callable[[Entry], dict[str, Any]]] = {
    SessionOpened: lambda entry: {"state": "open", "opened_at_us": entry.wall_us},
    SessionPaused: lambda _: {"state": "paused"},
    SessionResumed: lambda _: {"state": "open"},
    SessionClosed: lambda _: {"state": "closed"},
    RecordingStarted: _begun,
    RecordingResumed: _begun,
    RecordingPaused: lambda entry: {"recording": "paused", "recorded_us": entry.r_us or 0},
    RecordingStopped: lambda entry: {"recording": "stopped", "recorded_us": entry.r_us or 0},
    EpochStarted: _epoch,
    RecordingGap: lambda _: {"gaps": table.c.gaps + 1},
    DocumentCompleted: lambda _: {"completed": table.c.completed + 1},
}


class SqlSessionIndex:
    """Questions about the list of sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[IndexedSession]:
        """Every session, the newest first."""
        return await self._read(select(table).order_by(*_NEWEST_FIRST))

    async def find(self, session: SessionId) -> IndexedSession | None:
        found = await self._read(select(table).where(table.c.session == session))
        return found[0] if found else None

    async def search(self, query: Query) -> Found:
        """A page of the sessions that fit, the newest first, and how many there are in all."""
        conditions = list(_conditions(query))
        count = select(func.count()).select_from(table).where(*conditions)
        wanted = select(table).where(*conditions).order_by(*_NEWEST_FIRST)
        async with self._database.read() as connection:
            hits = (await connection.execute(count)).scalar_one()
        lines = await self._read(wanted.limit(query.limit).offset(query.offset))
        return Found(lines, hits)

    async def dial_number_taken(self, dial_number: str) -> bool:
        wanted = select(table.c.session).where(table.c.dial_number == dial_number)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def running(self) -> list[SessionId]:
        """Those that are open or paused, which a restarted server has to rebuild."""
        wanted = select(table.c.session).where(table.c.state.in_(["open", "paused"]))
        async with self._database.read() as connection:
            found = (await connection.execute(wanted.order_by(table.c.session))).scalars()
            return [SessionId(session) for session in found]

    async def _read(self, wanted: Select[Any]) -> list[IndexedSession]:
        async with self._database.read() as connection:
            return [IndexedSession(*row) for row in await connection.execute(wanted)]


_WHEN = func.coalesce(table.c.opened_at_us, table.c.scheduled_at_us)
_NEWEST_FIRST = (table.c.created_at_us.desc(), table.c.session.desc())


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.session is not None:
        found.append(table.c.session == query.session)
    if query.state is not None:
        found.append(table.c.state == query.state)
    if query.recording is not None:
        found.append(table.c.recording == query.recording)
    if query.from_us is not None:
        found.append(query.from_us <= _WHEN)
    if query.to_us is not None:
        found.append(query.to_us > _WHEN)
    if query.text:
        columns = (table.c.title, table.c.case_number, table.c.names)
        found.append(or_(*(column.icontains(query.text, autoescape=True) for column in columns)))
    return found
