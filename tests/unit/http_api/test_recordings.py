"""Recordings over HTTP: for whom, in what order, what is said of damage, and ranges."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from conference.archive.desk.service import LOOK_US
from conference.archive.policy import VIEW
from conference.events.archive import STREAM, RecordingOpened, RecordingRefused
from conference.events.room import SeatRole
from conference.recording.packager.manifest import FlawFound
from conference.recording.packaging import PackageState
from conference.rooms import commands as c
from tests.support.archive import KEEPER, OTHER, PDF, SEAT_OF, ArchiveHouse, Visit, archive_house
from tests.support.journal import disk_error
from tests.support.story_a import MEDIATOR, SESSION
from tests.support.wait import wait_until

ONE = f"api/recordings/{SESSION}"
FILE = f"media/{SESSION}/desk.webm"
FILM = bytes(range(256)) * 8
MAY = ("archivist", "judge", "mediator", "clerk", "party", "agent")
MAY_NOT = ("department", "witness", "interpreter", "observer")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[ArchiveHouse]:
    async with archive_house(tmp_path) as opened:
        await opened.recorded()
        opened.shelf.put(SESSION, desk=FILM)
        yield opened


async def statuses(visit: Visit, session: str = SESSION) -> set[int]:
    """Of every route that hands something out."""
    one = f"api/recordings/{session}"
    answers = [
        await visit.get(one),
        await visit.get(f"media/{session}/desk.webm"),
        await visit.get(f"media/{session}/agreement/1.pdf"),
        await visit.post(f"{one}/package"),
    ]
    return {answer.status for answer in answers}


def test_every_role_has_its_line() -> None:
    assert set(VIEW) == {*get_args(SeatRole), "archivist"}
    assert {*MAY, *MAY_NOT} == set(VIEW)


@pytest.mark.parametrize("role", MAY)
async def test_who_may_gets_the_list_the_recording_and_the_file(
    house: ArchiveHouse, role: str
) -> None:
    visit = await house.enter(role)
    listed = await visit.json("api/recordings")
    own = {each["session"] for each in listed["recordings"]}
    assert own == ({SESSION, OTHER} if role == "archivist" else {SESSION})
    assert await statuses(visit) == {200, 202}
    assert (await visit.json("api/me"))["recordings"] is True


@pytest.mark.parametrize("role", MAY_NOT)
async def test_who_may_not_gets_nothing_and_the_attempt_is_stored(
    house: ArchiveHouse, role: str
) -> None:
    visit = await house.enter(role)
    assert (await visit.get("api/recordings")).status == 403
    answer = await visit.get(ONE)
    assert answer.status == 403
    assert (await answer.json())["error"]["code"] == "replay_not_allowed"
    assert await statuses(visit) == {403}
    assert (await visit.json("api/me"))["recordings"] is False
    (refused,) = await house.told(RecordingRefused, RecordingOpened)
    assert isinstance(refused, RecordingRefused)
    assert (refused.session, refused.role) == (SESSION, role)


@pytest.mark.parametrize("role", sorted({*MAY, *MAY_NOT} - {"archivist"}))
async def test_nobody_but_the_archivist_gets_another_session(
    house: ArchiveHouse, role: str
) -> None:
    await house.recorded(OTHER)
    visit = await house.enter(role)
    assert await statuses(visit, OTHER) == {403}
    assert await statuses(visit, "no-such-session") == {403}
    (refused,) = await house.told(RecordingRefused, RecordingOpened)
    assert refused.session == OTHER  # type: ignore[attr-defined]


async def test_the_archivist_of_a_session_that_is_not_there(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    assert await statuses(visit, "no-such-session") == {404}
    assert await statuses(visit, STREAM) == {404}
    assert await house.told(RecordingOpened, RecordingRefused) == []


async def test_an_archivists_login_opens_nothing_else(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    me = await visit.json("api/me")
    assert me["person"] == {
        "name": "何静", "role": "archivist", "standing": None, "unit": "师市综治中心",
    }  # fmt: skip
    assert (me["session"], me["seat"]) == (None, None)
    for path in ("", "companion", "documents/d/1.pdf", "documents/d/1/s.json"):
        assert (await visit.get(path)).status == 403, path
    party = await house.enter("party")
    stolen = Visit(house.client, visit.base, party.cookie)
    assert (await stolen.get(ONE)).status == 401


async def test_an_archivist_whose_link_was_withdrawn_is_out(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    (link,) = await house.access.links(STREAM)
    await house.access.withdraw(link.link)
    assert await statuses(visit) == {401}


async def test_the_archivists_link_says_whose_it_is(house: ArchiveHouse) -> None:
    link = await house.access.issue(STREAM, KEEPER.person, 30, "archive")
    path = f"/j/{house.access.token(link.link)}"
    text = await (await house.client.get(path, headers={"Accept": "text/html"})).text()
    assert "何静" in text and "灌溉" not in text
    answer = await house.client.post(path, allow_redirects=False)
    assert answer.headers["Location"].endswith("/archive")


async def test_a_look_is_stored_before_anything_is_sent(house: ArchiveHouse) -> None:
    for path in (ONE, FILE):
        visit = await house.enter("archivist")
        house.life.journal.store.failures.append(disk_error())
        answer = await visit.get(path)
        assert answer.status == 503
        assert FILM not in await answer.read()
        assert await house.told(RecordingOpened) == []
        assert house.life.journal.store.failures == []
    visit = await house.enter("archivist")
    await visit.json(ONE)
    (opened,) = await house.told(RecordingOpened)
    assert isinstance(opened, RecordingOpened)
    assert (opened.session, opened.person, opened.role) == (SESSION, KEEPER.person, "archivist")


async def test_requests_that_follow_each_other_are_one_look(house: ArchiveHouse) -> None:
    visit = await house.enter("party")
    for _ in range(3):
        await visit.json(ONE)
        assert (await visit.get(FILE)).status == 200
        house.life.clock.advance(LOOK_US)
    assert len(await house.told(RecordingOpened)) == 1
    house.life.clock.advance(1)
    assert (await visit.get(FILE)).status == 200
    assert len(await house.told(RecordingOpened)) == 2
    again = await house.enter("party")
    await again.json(ONE)
    assert len(await house.told(RecordingOpened)) == 3


async def test_a_file_comes_in_ranges_and_is_kept_by_nobody(house: ArchiveHouse) -> None:
    visit = await house.enter("judge")
    whole = await visit.get(FILE)
    assert (whole.status, await whole.read()) == (200, FILM)
    assert whole.headers["Content-Type"] == "video/webm"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "no-store" in whole.headers["Cache-Control"]
    part = await visit.get(FILE, Range="bytes=100-199")
    assert (part.status, await part.read()) == (206, FILM[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    end = await visit.get(FILE, Range="bytes=-10")
    assert (end.status, await end.read()) == (206, FILM[-10:])
    beyond = await visit.get(FILE, Range=f"bytes={len(FILM)}-")
    assert beyond.status == 416


@pytest.mark.parametrize(
    "name", ["manifest.json", "other.webm", "..", "%2e%2e%2fderived", "desk.webm%00", "x" * 300]
)
async def test_only_packaged_files_are_served(house: ArchiveHouse, name: str) -> None:
    (house.shelf.derived / SESSION / "other.webm").write_bytes(b"of nobody")
    (house.shelf.derived / SESSION / "manifest.json").write_bytes(b"{}")
    visit = await house.enter("archivist")
    assert (await visit.get(f"media/{SESSION}/{name}")).status in (400, 403, 404)


async def test_the_agreement_comes_with_the_recording(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    paper = await visit.get(f"media/{SESSION}/agreement/1.pdf")
    assert (paper.status, await paper.read()) == (200, PDF)
    assert paper.headers["Content-Type"] == "application/pdf"
    assert "no-store" in paper.headers["Cache-Control"]
    assert len(await house.told(RecordingOpened)) == 1
    for wrong in (f"{SESSION}/agreement/2.pdf", f"{SESSION}/x/1.pdf", f"{OTHER}/agreement/1.pdf"):
        assert (await visit.get(f"media/{wrong}")).status == 404
    other = await house.enter("observer")
    assert (await other.get(f"media/{SESSION}/agreement/1.pdf")).status == 403


async def test_a_changed_copy_is_told_and_made_again(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    (file,) = (await visit.json(ONE))["files"]
    assert (file["usable"], file["url"]) == (True, FILE)
    path = house.shelf.derived / SESSION / "desk.webm"
    path.write_bytes(FILM[:-1] + b"!")
    told = await visit.json(ONE)
    assert told["files"][0]["usable"] is False
    assert told["flaws"] == [{"kind": "copy_changed", "endpoint": "desk", "at_us": None}]
    house.shelf.asked.clear()
    answer = await visit.post(f"{ONE}/package")
    assert answer.status == 202 and not path.exists()
    assert house.shelf.asked == [SESSION]


async def test_damaged_evidence_is_told_with_its_place(house: ArchiveHouse) -> None:
    manifest = house.shelf.put(SESSION, desk=FILM)
    damaged = (FlawFound("1/track-9", "torn", 9_000_000), FlawFound("1/gone", "missing"))
    manifest = replace(manifest, flaws=damaged)
    house.shelf.packages[SESSION] = PackageState("ready", 1.0, manifest)
    told = await (await house.enter("archivist")).json(ONE)
    assert told["flaws"] == [
        {"kind": "torn", "endpoint": None, "at_us": 9_000_000},
        {"kind": "missing", "endpoint": None, "at_us": None},
    ]
    assert told["files"][0]["usable"] is True


async def test_what_is_not_ready_says_how_far_it_is(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    house.shelf.packages[SESSION] = PackageState("packaging", 0.4, None)
    told = await visit.json(ONE)
    assert (told["packaging"], told["files"]) == ({"state": "packaging", "progress": 0.4}, [])
    assert told["r_end_us"] == 10_000_000
    assert (await visit.get(FILE)).status == 404


async def test_what_cannot_be_made_is_tried_again_only_by_somebody(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    house.shelf.packages[SESSION] = PackageState("failed", 0.0, None)
    told = await visit.json(ONE)
    assert told["flaws"] == [{"kind": "packaging_failed", "endpoint": None, "at_us": None}]
    assert house.shelf.asked == []
    await visit.post(f"{ONE}/package")
    assert house.shelf.asked == [SESSION]


async def test_a_session_that_was_never_recorded(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")
    house.shelf.packages[OTHER] = PackageState("none", 0.0, None)
    told = await visit.json(f"api/recordings/{OTHER}")
    assert [flaw["kind"] for flaw in told["flaws"]] == ["never_recorded"]
    assert (await (await house.enter("party", OTHER)).json("api/me"))["recordings"] is False


async def test_the_list_is_filtered(house: ArchiveHouse) -> None:
    visit = await house.enter("archivist")

    async def found(query: str) -> list[str]:
        listed = await visit.json(f"api/recordings?{query}")
        assert listed["hits"] == len(listed["recordings"])
        return [each["session"] for each in listed["recordings"]]

    await house.life.rooms.submit(SESSION, c.PauseSession(), MEDIATOR)
    assert await found("state=paused") == [SESSION]
    assert await found("state=scheduled") == [OTHER]
    assert await found("recording=stopped") == [SESSION]
    assert await found("recording=none&state=scheduled") == [OTHER]
    assert await found("text=%E7%8E%8B%E5%BB%BA%E5%9B%BD") == [OTHER, SESSION]
    assert await found("text=037") == [OTHER, SESSION]
    assert await found("text=%E7%BA%A0%E7%BA%B7%201") == [OTHER]
    assert await found("text=%25") == []
    assert await found("since=2026-07-20&until=2026-07-20") == [OTHER, SESSION]
    assert await found("since=2026-07-21") == []
    assert await found("until=2026-07-19") == []
    second = await visit.json("api/recordings?page=2")
    assert (second["recordings"], second["hits"], second["pages"]) == ([], 2, 1)


@pytest.mark.parametrize(
    "query",
    ["state=lost", "since=2026-02-30", "since=9999-12-31", "until=x", "page=0", "page=x",
     "page=99999999999", "colour=red", f"text={'x' * 101}"],
)  # fmt: skip
async def test_a_filter_that_is_not_understood_is_named(house: ArchiveHouse, query: str) -> None:
    answer = await (await house.enter("archivist")).get(f"api/recordings?{query}")
    assert answer.status == 400
    error = (await answer.json())["error"]
    assert error["code"] == "bad_filter"
    name = query.split("=")[0]
    assert name in error["message"] or name == "colour"


async def test_a_line_of_the_list(house: ArchiveHouse) -> None:
    (line,) = (await (await house.enter("mediator")).json("api/recordings"))["recordings"]
    told = {name: line[name] for name in ("recording", "recorded_us", "gaps", "completed")}
    assert told == {"recording": "stopped", "recorded_us": 10_000_000, "gaps": 0, "completed": 0}
    assert (line["host_name"], line["state"]) == ("马晓燕", "open")
    assert line["packaging"] == {"state": "ready", "progress": 1.0}
    assert SEAT_OF["party"] not in str(line)


async def test_the_event_is_on_disk_while_the_file_waits(house: ArchiveHouse) -> None:
    visit, gate = await house.enter("clerk"), house.life.journal.store.gate
    gate.clear()
    asked = asyncio.gather(*(visit.get(FILE) for _ in range(3)))
    await wait_until(lambda: None if house.life.journal.store.waiting else "nothing waits", 5)
    assert not asked.done()
    gate.set()
    assert [answer.status for answer in await asked] == [200, 200, 200]
    assert len(await house.told(RecordingOpened)) == 1
