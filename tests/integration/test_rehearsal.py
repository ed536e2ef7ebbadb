"""The demo's finished session: made in seconds, kept like any other."""

from pathlib import Path

import pytest

from conference import __main__ as cli
from conference.app import FONTS, LOOPS
from conference.clock import SystemClock
from conference.documents.render.fonts import coverage
from conference.documents.render.service import Renderer
from conference.events.base import Entry
from conference.events.document import DocumentRendered, DocumentSigned
from conference.events.recording import RecordingSealed, RecordingStopped
from conference.events.room import EndpointLost, EndpointRestored, SessionClosed
from conference.http_api.demo import stories
from conference.ids import SessionId
from conference.rehearsal.score import BEGINS_US
from conference.rehearsal.service import ORIGIN, House, rehearse
from conference.rooms.recording_time import recording_time
from conference.storage.blobs import Blobs
from tests.support.journal import OpenJournal, open_journal

SECOND_US = 1_000_000


async def held(data: Path) -> tuple[SessionId, float]:
    """One rehearsal into an empty data directory: its session, and how long it took (s)."""
    clock = SystemClock()
    renderer = Renderer([FONTS])
    (data / "recordings").mkdir()
    await renderer.start()
    async with open_journal(data / "conference.db") as journal:
        before_us = clock.mono_us()
        session = await rehearse(stories()[0], house(data, journal, renderer))
        took_s = (clock.mono_us() - before_us) / SECOND_US
    await renderer.close()
    return session, took_s


def house(data: Path, journal: OpenJournal, renderer: Renderer) -> House:
    return House(
        journal.service,
        Blobs(data / "blobs"),
        renderer,
        coverage([FONTS]).first_missing,
        data / "recordings",
        LOOPS,
    )


async def entries_of(data: Path, session: SessionId) -> list[Entry]:
    async with open_journal(data / "conference.db") as journal:
        return await journal.service.read(session)


async def test_a_whole_session_in_under_ten_seconds_that_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, took_s = await held(tmp_path)
    assert took_s < 10

    entries = await entries_of(tmp_path, session)
    assert isinstance(entries[-1].event, SessionClosed)
    r_end_us = recording_time(entries).base_us
    assert 60 * SECOND_US <= r_end_us <= 90 * SECOND_US
    signed = [e for e in entries if isinstance(e.event, DocumentSigned)]
    assert len(signed) == 3 and all(e.r_us is not None and e.r_us < r_end_us for e in signed)
    kinds = [type(e.event) for e in entries]
    for once in (RecordingStopped, EndpointLost, EndpointRestored, DocumentRendered):
        assert kinds.count(once) == 1
    assert all(
        BEGINS_US - 60 * SECOND_US < e.wall_us < BEGINS_US + 300 * SECOND_US for e in entries
    )
    takes = [e.event for e in entries if isinstance(e.event, RecordingSealed)]
    assert [take.take for take in takes] == ["1", "2"] and len(takes[1].tracks) == 14

    async with open_journal(tmp_path / "conference.db") as journal:
        [line] = await journal.index.all()
    assert (line.session, line.origin, line.state) == (session, ORIGIN, "closed")
    assert await cli._verify(tmp_path) == 0, capsys.readouterr().out
