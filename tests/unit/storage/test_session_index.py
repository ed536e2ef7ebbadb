"""The list of sessions: a projection that can be made again from the journal."""

from pathlib import Path

from sqlalchemy import text

from conference.archive.ports import Query
from conference.clock import read
from conference.events.base import Draft
from conference.events.document import DocumentCompleted
from conference.ids import DocumentId, SessionId
from conference.rooms import commands as c
from conference.storage.schema import sessions
from conference.storage.session_index import IndexedSession
from tests.support.journal import open_journal
from tests.support.rooms import Life, server_life
from tests.support.story_a import FATHER, MEDIATOR, SESSION, create_session, endpoint

OTHER = SessionId("019827f1-0000-7000-8000-00000000000b")
SECOND = 1_000_000
NEW = ("opened_at_us", "recording", "recorded_us", "gaps", "completed", "host_name", "host_unit")
"""And `names`: the columns that the third migration brought."""


async def recorded(life: Life) -> None:
    """Opened, recorded for 5 s, paused, 3 s more."""
    await life.says(MEDIATOR, c.JoinEndpoint(endpoint("desk"), "browser"))
    await life.says(FATHER, c.JoinEndpoint(endpoint("kiosk"), "terminal"))
    await life.says(MEDIATOR, c.StartRecording())
    life.clock.advance(5 * SECOND)
    await life.says(MEDIATOR, c.PauseRecording())
    life.clock.advance(60 * SECOND)
    await life.says(MEDIATOR, c.ResumeRecording())
    life.clock.advance(3 * SECOND)


async def lines(life: Life) -> dict[str, IndexedSession]:
    return {line.session: line for line in await life.journal.index.all()}


async def test_a_line_follows_the_recording(tmp_path: Path) -> None:
    async with server_life(tmp_path) as life:
        await life.created()
        before = (await lines(life))[SESSION]
        assert (before.recording, before.opened_at_us, before.recorded_us) == ("none", None, 0)
        assert before.names.split("\n")[:2] == ["马晓燕", "刘卫东"]
        began_us = life.clock.wall_us()
        await recorded(life)
        running = (await lines(life))[SESSION]
        assert (running.recording, running.recorded_us) == ("on", 5 * SECOND)
        assert (running.opened_at_us, running.state) == (began_us, "open")
        await life.says(c.SERVER, c.NoteGap(None, 0, SECOND, "writer_died", 0))
        await life.says(MEDIATOR, c.StopRecording())
        stopped = (await lines(life))[SESSION]
        assert (stopped.recording, stopped.recorded_us, stopped.gaps) == ("stopped", 8 * SECOND, 1)


async def test_a_server_that_died_leaves_a_paused_recording(tmp_path: Path) -> None:
    async with server_life(tmp_path) as life:
        await life.created()
        await recorded(life)
        sealed_us = life.clock.mono_us()
    async with server_life(tmp_path, "epoch-2", sealed_us) as life:
        line = (await lines(life))[SESSION]
        assert (line.recording, line.recorded_us, line.state) == ("paused", 8 * SECOND, "paused")


async def test_what_an_older_version_listed_is_read_again(tmp_path: Path) -> None:
    async with server_life(tmp_path) as life:
        await life.created()
        await life.rooms.submit(OTHER, create_session(OTHER), c.SERVER)
        await recorded(life)
        await life.says(c.SERVER, c.NoteGap(None, 0, SECOND, "writer_died", 0))
        sealed_us = life.clock.mono_us()
    async with server_life(tmp_path, "epoch-2", sealed_us) as life:
        signed = DocumentCompleted(DocumentId("document"), 2, "9" * 64)
        draft = Draft(signed, read(life.clock, "epoch-2"))
        await life.journal.service.append(SESSION, [draft])
        known = await lines(life)
        assert (known[SESSION].completed, known[SESSION].gaps) == (1, 1)
        async with life.journal.database.write() as connection:
            for name in (*NEW, "names"):
                await connection.execute(text(f"ALTER TABLE sessions DROP COLUMN {name}"))
            await connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    async with open_journal(tmp_path / "conference.db") as journal:
        assert {line.session: line for line in await journal.index.all()} == known
    assert {*NEW, "names"} < {column.name for column in sessions.columns}


async def test_pages_of_a_search(tmp_path: Path) -> None:
    async with server_life(tmp_path) as life:
        names = [SessionId(f"019827f1-0000-7000-8000-0000000000{n:02}") for n in range(7)]
        for name in names:
            life.clock.advance(SECOND)
            await life.rooms.submit(name, create_session(name), c.SERVER)
        index = life.journal.index
        found = await index.search(Query(limit=3, offset=3))
        assert ([line.session for line in found.lines], found.hits) == (names[3:0:-1], 7)
        one = await index.search(Query(session=names[4]))
        assert ([line.session for line in one.lines], one.hits) == ([names[4]], 1)
        for wild in ("%", "_", "\\", "' OR 1=1 --"):
            assert (await index.search(Query(text=wild))).hits == 0
