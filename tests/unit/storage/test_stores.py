"""Journal rows, the list of sessions, links and logins in the database."""

from random import Random

import pytest
from sqlalchemy import text, update

from conference.access.links import Link, Login
from conference.errors import Refused
from conference.events.base import Draft, Event
from conference.events.room import SessionClosed, SessionOpened, SessionPaused
from conference.ids import LinkId, SeatId, SessionId
from conference.journal.chain import genesis
from conference.journal.ports import JournalFailed
from conference.journal.service import JournalService
from conference.journal.verify import verify_journal
from conference.rooms.commands import SERVER
from conference.rooms.room import Room
from conference.storage.access_store import SqlAccessStore
from conference.storage.database import Database
from conference.storage.journal_store import SqlJournalStore
from conference.storage.schema import journal_entries
from conference.storage.session_index import SqlSessionIndex
from tests.support.story_a import MEDIATOR, SESSION, create_session
from tests.support.virtual_clock import START_WALL_US, VirtualClock

NOW = VirtualClock().now()


async def append(database: Database, stream: str, *events: Event) -> None:
    journal = JournalService(SqlJournalStore(database), Random(1))
    journal.start()
    try:
        await journal.append(stream, [Draft(event, NOW) for event in events])
    finally:
        await journal.close()


async def create(database: Database, session: SessionId = SESSION) -> None:
    await append(database, session, *Room().handle(create_session(session), SERVER, NOW))


async def test_an_empty_stream_ends_in_its_genesis(database: Database) -> None:
    store = SqlJournalStore(database)
    assert await store.head("none") == genesis("none")
    assert await store.streams() == []
    await store.append([])


async def test_streams_are_kept_apart(database: Database) -> None:
    store = SqlJournalStore(database)
    await append(database, "a", SessionOpened(), SessionClosed())
    await append(database, "b", SessionOpened())
    assert sorted(await store.streams()) == ["a", "b"]
    assert [row.seq for row in await store.read("a")] == [1, 2]
    assert [row.seq for row in await store.read("a", after=1)] == [2]
    assert (await store.head("a")).entry_hash == (await store.read("a"))[-1].entry_hash


async def test_a_row_changed_in_the_database_is_found(database: Database) -> None:
    await append(database, "a", SessionOpened(), SessionPaused("host"), SessionClosed())
    table = journal_entries
    async with database.write() as connection:
        chosen = update(table).where(table.c.stream == "a", table.c.seq == 2)
        changed = (await SqlJournalStore(database).read("a"))[1].payload or b""
        await connection.execute(chosen.values(payload=changed.replace(b"host", b"hose")))
    faults = await verify_journal(SqlJournalStore(database))
    assert {(f.stream, f.seq) for f in faults} == {("a", 2)}
    assert "hash" in {f.code for f in faults}


async def test_an_erased_stream_is_not_read_as_entries(database: Database) -> None:
    await append(database, "a", SessionOpened())
    async with database.write() as connection:
        await connection.execute(update(journal_entries).values(payload=None, salt=None))
    store = SqlJournalStore(database)
    assert await verify_journal(store) == []
    with pytest.raises(JournalFailed):
        await JournalService(store, Random(1)).read("a")


async def test_the_index_follows_the_journal(database: Database) -> None:
    index = SqlSessionIndex(database)
    await create(database)
    found = await index.find(SESSION)
    assert found is not None
    assert (found.title, found.origin, found.state) == ("九团五连灌溉用水纠纷", "A", "scheduled")
    assert (found.host_seat, found.created_at_us) == (MEDIATOR, START_WALL_US)
    assert await index.running() == []
    for event, state in (
        (SessionOpened(), "open"),
        (SessionPaused("host"), "paused"),
        (SessionClosed(), "closed"),
    ):
        await append(database, SESSION, event)
        assert [line.state for line in await index.all()] == [state]
        assert await index.running() == ([] if state == "closed" else [SESSION])
    assert await index.find(SessionId("none")) is None


async def test_two_sessions_never_share_a_dial_number(database: Database) -> None:
    await create(database)
    index = SqlSessionIndex(database)
    assert await index.dial_number_taken(create_session().dial_number)
    assert not await index.dial_number_taken("00000000")
    other = SessionId("other")
    events = Room().handle(create_session(other), SERVER, NOW)
    async with database.write() as connection:
        values = {"n": create_session(other).dial_number}
        await connection.execute(text("UPDATE sessions SET dial_number = :n"), values)
    with pytest.raises(JournalFailed):
        await append(database, other, *events)
    assert await SqlJournalStore(database).read(other) == []


LINK = Link(LinkId("link-1"), SESSION, MEDIATOR, "aa", issued_at_us=5, expires_at_us=100)


async def test_a_link_is_found_by_its_name_and_its_token_until_withdrawn(
    database: Database,
) -> None:
    store = SqlAccessStore(database)
    await store.add_link(LINK)
    other = Link(LinkId("link-2"), SESSION, SeatId("s"), "bb", 1, 100)
    await store.add_link(other)
    assert await store.link(LINK.link) == LINK
    assert await store.link_by_token("aa") == LINK
    assert await store.link_by_token("cc") is None
    assert await store.links_of(SESSION) == [other, LINK]
    await store.withdraw(LINK.link, 50)
    await store.withdraw(LINK.link, 60)
    withdrawn = await store.link(LINK.link)
    assert withdrawn is not None
    assert withdrawn.withdrawn_at_us == 50


async def test_a_link_keeps_its_newest_logins(database: Database) -> None:
    store = SqlAccessStore(database)
    await store.add_link(LINK)
    logins = [Login(f"login-{n}", f"cookie-{n}", LINK.link, opened_at_us=n) for n in range(5)]
    for login in logins:
        await store.add_login(login, most=3)
    found = [await store.login(login.login_hash) for login in logins]
    assert found == [None, None, *logins[2:]]


async def test_a_link_that_cannot_be_stored_is_refused(database: Database) -> None:
    store = SqlAccessStore(database)
    await store.add_link(LINK)
    with pytest.raises(Refused) as refusal:
        await store.add_link(LINK)
    assert refusal.value.code == "journal_failed"
    with pytest.raises(Refused):
        await store.add_login(Login("l", "c", LinkId("no such link"), 1), most=3)
