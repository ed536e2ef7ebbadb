"""Which sessions there are: a projection of the journal, kept in the same transaction."""

from dataclasses import dataclass

from sqlalchemy import Executable, select, update

from conference.events.base import Entry
from conference.events.room import (
    SessionClosed,
    SessionCreated,
    SessionOpened,
    SessionPaused,
    SessionResumed,
)
from conference.ids import SeatId, SessionId
from conference.storage.database import Database
from conference.storage.schema import sessions as table

_STATES: dict[type, str] = {
    SessionOpened: "open",
    SessionPaused: "paused",
    SessionResumed: "open",
    SessionClosed: "closed",
}


@dataclass(frozen=True, slots=True)
class IndexedSession:
    """One line of the list of sessions. `state`: scheduled, open, paused or closed. Instants
    are UTC µs. `origin`: the seed story it was made from, or None."""

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


def project(entry: Entry) -> list[Executable]:
    """What an entry changes in the index."""
    event = entry.event
    if isinstance(event, SessionCreated):
        values = {name: getattr(event, name) for name in _COPIED}
        return [table.insert().values(**values, state="scheduled", created_at_us=entry.wall_us)]
    state = _STATES.get(type(event))
    if state is None:
        return []
    return [update(table).where(table.c.session == entry.stream).values(state=state)]


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


class SqlSessionIndex:
    """Questions about the list of sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[IndexedSession]:
        """Every session, the newest first."""
        wanted = select(table).order_by(table.c.created_at_us.desc(), table.c.session.desc())
        async with self._database.read() as connection:
            rows = await connection.execute(wanted)
            return [IndexedSession(*row) for row in rows]

    async def find(self, session: SessionId) -> IndexedSession | None:
        wanted = select(table).where(table.c.session == session)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else IndexedSession(*row)

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
