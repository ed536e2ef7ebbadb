"""The demo's finished session: made in seconds, kept like any other."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from conference import __main__ as cli
from conference.app import FONTS, LOOPS
from conference.archive.timeline import timeline
from conference.clock import SystemClock
from conference.documents.render.fonts import coverage
from conference.documents.render.service import Renderer
from conference.events.base import Entry
from conference.events.document import DocumentRendered, DocumentSigned
from conference.events.recording import RecordingSealed, RecordingStopped
from conference.events.room import EndpointJoined, EndpointLost, EndpointRestored, SessionClosed
from conference.http_api.demo import stories
from conference.ids import EndpointId, SeatId, SessionId
from conference.recording.packager.manifest import Manifest
from conference.recording.packaging import PackagingService
from conference.rehearsal.score import BEGINS_US, PAUSED_S, RECORDED_S
from conference.rehearsal.service import ORIGIN, House, rehearse
from conference.rooms.recording_time import recording_time
from conference.storage.blobs import Blobs
from tests.support.journal import OpenJournal, open_journal
from tests.support.marker import marked
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

SECOND_US = 1_000_000
SAID = "finished session was made"


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
    told = timeline(entries)
    assert (told.r_end_us, told.recording) == (r_end_us, "stopped")
    assert [(each.r_from_us, each.ended_by) for each in told.intervals] == [
        (0, "session_paused"),
        (round((PAUSED_S - RECORDED_S) * SECOND_US), "stopped"),
    ]
    assert [cue.r_us for cue in told.cues if cue.kind == "signed"] == [e.r_us for e in signed]
    manifest = await packaged_there(tmp_path, session)
    assert (manifest.r_end_us, len(manifest.files), manifest.flaws) == (r_end_us, 7, ())
    for signature in signed:
        file = next(f for f in manifest.files if f.endpoint == inside(entries)[signature.actor])
        [(begins, ends)] = marked(tmp_path / "derived" / session / file.file)
        r_s = (signature.r_us or 0) / SECOND_US
        assert begins < r_s < ends and ends - begins < 3
    missing = {each.kind for file in manifest.files for each in file.filled}
    assert {"muted", "line_lost"} <= missing and "missing" not in missing


async def test_a_demo_makes_it_once_and_is_ready_before(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    server.rehearsed = True
    try:
        await server.start(timeout=10)
        assert SAID not in server.log()
        await wait_until(lambda: None if SAID in server.log() else "not made yet", 60)
        await server.stop()
        await server.start(timeout=10)
        await server.stop()
    finally:
        server.destroy()
    async with open_journal(server.data / "conference.db") as journal:
        lines = await journal.index.all()
    assert [line.origin for line in lines].count(ORIGIN) == 1 and len(lines) == 2
    assert server.whole_log().count(SAID) == 1


async def packaged_there(data: Path, session: SessionId) -> Manifest:
    """What the packager makes of it."""
    async with open_journal(data / "conference.db") as journal:
        packaging = PackagingService(data / "recordings", data / "derived", journal.service)
        await packaging.ensure(session)
        state = packaging.state

        def ready() -> str | None:
            return None if state(session).state == "ready" else f"it is {state(session)}"

        await wait_until(ready, 60)
        await packaging.close()
    manifest = state(session).manifest
    assert manifest is not None
    return manifest


def inside(entries: Sequence[Entry]) -> dict[SeatId | None, EndpointId]:
    """Each seat's endpoint."""
    joined = [e.event for e in entries if isinstance(e.event, EndpointJoined)]
    return {seat: event.endpoint for event in joined for seat in event.seats}
