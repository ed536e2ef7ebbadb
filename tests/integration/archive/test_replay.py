"""A recording of a real server is found, opened, fetched in parts, taken away and made again."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from conference.simulation.signaling import open_link
from tests.support.evidence import journal_entries, verify
from tests.support.participants import HOST, PEOPLE, crowd, demo_plan, not_left
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

SECONDS, RECORDED_S, READY_S = 8.0, 5.0, 10.0
EBML = b"\x1a\x45\xdf\xa3"
PARTY, DEPARTMENT = PEOPLE[2], PEOPLE[3]


class Reader:
    """Somebody with a browser."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http = http
        self._base = base

    async def json(self, path: str) -> Any:
        async with self._http.get(self._base + path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def status(self, path: str, method: str = "GET") -> int:
        async with self._http.request(method, self._base + path) as answer:
            return answer.status

    async def part(self, path: str, wanted: str | None = None) -> tuple[int, bytes]:
        headers = {} if wanted is None else {"Range": wanted}
        async with self._http.get(self._base + path, headers=headers) as answer:
            return answer.status, await answer.read()

    async def ready(self, session: str) -> Any:
        """The recording, once its files are there."""
        found: Any = None

        async def probe() -> str | None:
            nonlocal found
            found = await self.json(f"api/recordings/{session}")
            packaging = found["packaging"]
            return None if packaging["state"] == "ready" else str(packaging)

        await wait_until(probe, READY_S)
        return found


@asynccontextmanager
async def reader(url: str) -> AsyncIterator[Reader]:
    """Who pressed the button of this link."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name too
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        login = await open_link(http, url)
        prefix = "/".join(login.path.split("/")[:3])
        yield Reader(http, f"{login.origin}{prefix}/")


def archivist_url(server: ServerProcess) -> str:
    (url,) = [p["login_url"] for p in server.demo()["people"] if p["role"] == "archivist"]
    assert url in server.log()
    return str(url)


def script(name: str) -> str:
    if name == HOST:
        return f"1 record start, {1 + RECORDED_S} record stop"
    return "2 mute microphone, 4 unmute microphone" if name == PARTY else ""


def looks(data: Path) -> list[tuple[str, str]]:
    """What the stream of the archive tells, as (kind, role)."""
    kinds = ("archive:recording:opened", "archive:recording:refused")
    entries = [entry for entry in journal_entries(data) if entry["kind"] in kinds]
    assert {entry["stream"] for entry in entries} <= {"archive"}
    return [(entry["kind"].split(":")[2], entry["data"]["role"]) for entry in entries]


async def test_a_recording_is_found_opened_and_made_again(
    server: ServerProcess, tmp_path: Path
) -> None:
    demo = server.demo()
    session, urls = demo["sessions"][0]["id"], demo["sessions"][0]["join_urls"]
    async with crowd(tmp_path / "crowd", demo_plan(demo, 3, SECONDS, script)) as people:
        reports = await people.reports(timeout=SECONDS + 45)
    assert not not_left(reports), people.output()
    async with reader(archivist_url(server)) as archivist:
        listed = await archivist.json("api/recordings?recording=stopped&text=%E7%81%8C%E6%BA%89")
        (line,) = [each for each in listed["recordings"] if each["session"] == session]
        assert abs(line["recorded_us"] / 1e6 - RECORDED_S) < 1
        assert looks(server.data) == []
        replay = await archivist.ready(session)
        check_replay(replay, line["recorded_us"])
        await check_files(archivist, replay)
        shutil.rmtree(server.data / "derived" / session)
        again = await archivist.json(f"api/recordings/{session}")
        assert (again["packaging"]["state"], again["files"]) == ("packaging", [])
        assert await archivist.status(replay["files"][0]["url"]) == 404
        again = await archivist.ready(session)
        assert again["cues"] == replay["cues"]
        await check_files(archivist, again)
    async with reader(urls[PARTY]) as party, reader(urls[DEPARTMENT]) as department:
        assert (await party.json("api/me"))["recordings"] is True
        assert (await party.ready(session))["r_end_us"] == replay["r_end_us"]
        assert (await department.json("api/me"))["recordings"] is False
        assert await department.status(f"api/recordings/{session}") == 403
    opened = [("opened", "archivist"), ("opened", "party"), ("refused", "department")]
    assert looks(server.data) == opened
    await server.stop()
    code, printed = verify(server.data)
    assert code == 0, printed
    await server.start()
    async with reader(archivist_url(server)) as archivist:
        later = await archivist.ready(session)
    before = {cue["seq"] for cue in replay["cues"]}
    assert [cue for cue in later["cues"] if cue["seq"] in before] == replay["cues"]
    for name in ("r_end_us", "intervals", "people", "files", "flaws"):
        assert later[name] == again[name], name


def check_replay(replay: Any, recorded_us: int) -> None:
    assert (replay["r_end_us"], replay["recording"]) == (recorded_us, "stopped")
    assert replay["flaws"] == []
    assert [each["ended_by"] for each in replay["intervals"]] == ["stopped"]
    kinds = [cue["kind"] for cue in replay["cues"]]
    assert kinds.count("joined") == 3
    assert kinds.index("recording_started") < kinds.index("muted") < kinds.index("unmuted")
    places = [cue["at_us"] for cue in replay["cues"]]
    assert places == sorted(places) and places[0] >= 0 and places[-1] <= recorded_us
    (muted,) = [cue for cue in replay["cues"] if cue["kind"] == "muted"]
    named = {person["seat"]: person for person in replay["people"]}
    assert named[muted["seats"][0]]["name"] == PARTY
    carriers = {name for person in replay["people"] for name in person["endpoints"]}
    assert carriers == {file["endpoint"] for file in replay["files"]}


async def check_files(reader: Reader, replay: Any) -> None:
    """Whole, in parts, and beyond the end."""
    assert len(replay["files"]) == 3
    for file in replay["files"]:
        assert (file["usable"], file["video"], file["audio"]) == (True, True, True)
        status, whole = await reader.part(file["url"])
        assert (status, len(whole), whole[:4]) == (200, file["bytes"], EBML)
        status, part = await reader.part(file["url"], "bytes=1000-2999")
        assert (status, part) == (206, whole[1000:3000])
        status, _ = await reader.part(file["url"], f"bytes={len(whole)}-")
        assert status == 416
