"""One person with one browser sees the whole product: `--demo --simulate`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from conference.simulation.figure import MARKER_RGB
from conference.tasks import TaskOwner
from tests.e2e.conftest import SCREENSHOTS
from tests.support.person import Person, person
from tests.support.server import ServerProcess
from tests.support.signing import (
    begin_draft,
    freeze,
    read_all_at_the_desk,
    submit,
    wait_signed,
    write_name,
)
from tests.support.wait import wait_until

MEDIATOR = "马晓燕"
OTHERS = ("刘卫东", "周婷", "王建国", "艾合买提·吐尔逊", "古丽娜尔", "陈志强")
PARTIES = ("王建国", "艾合买提·吐尔逊")
WHOLE_S = 180
WINDOW = 5
CLOSE_RGB = 60
WITHIN_S = 0.5

# Of each tape its time, and the colour of its picture where signers show the marker.
CORNERS = """() => [...document.querySelectorAll('video[data-endpoint]')].map((video) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth || 1, video.videoHeight || 1];
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  const [x, y] = [canvas.width * 0.05, canvas.height * 0.93].map(Math.floor);
  const colour = [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
  return { at: video.currentTime, seeking: video.seeking, colour };
})"""


@pytest.fixture
async def simulated(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server whose demo has its cast."""
    running = ServerProcess(tmp_path / "data", ("--demo", "--simulate"))
    try:
        await running.start()
        yield running
    finally:
        running.destroy()
        print(running.whole_log())


async def test_a_person_mediates_and_looks_at_it_afterwards(
    browser: Browser, simulated: ServerProcess
) -> None:
    async with person(browser, MEDIATOR) as host, TaskOwner("watch") as tasks:
        frames: list[int] = []
        async with asyncio.timeout(WHOLE_S):
            session = simulated.demo()["sessions"][0]
            await host.come_in(session["join_urls"][MEDIATOR])
            await wait_until(lambda: all_of_them(host), 60, interval=0.5)
            watching = tasks.spawn("frames", watch(host, frames))
            await lead_through(host)
            watching.cancel()
            await open_replay(host.page, session["id"])
        assert_grew_in_every_window(frames)
        await assert_jumps_show_the_marker(host.page)
        assert host.complaints == []


async def all_of_them(host: Person) -> str | None:
    return await host.sees_and_hears(OTHERS, frames=10)


async def lead_through(host: Person) -> None:
    """The person's steps; everybody waits for each."""
    await host.press("record")
    await begin_draft(host)
    await freeze(host)
    await read_all_at_the_desk(host)
    await wait_signed(host, PARTIES, 90)
    await host.page.get_by_test_id("round-sign").click()
    await write_name(host.page)
    await submit(host.page)
    await wait_signed(host, (*PARTIES, MEDIATOR), 10)
    await host.press("agreement")
    await host.press("record-stop")
    await host.page.get_by_test_id("stop-confirm").click()


async def watch(host: Person, frames: list[int]) -> None:
    """Each second the number of all decoded frames."""
    while True:
        rows = await host.streams()
        frames.append(sum(row["frames"] for row in rows if row["kind"] == "video"))
        await host.page.evaluate("new Promise((done) => setTimeout(done, 1000))")


def assert_grew_in_every_window(frames: list[int]) -> None:
    assert len(frames) > WINDOW
    windows = zip(frames, frames[WINDOW:], strict=False)
    still = [second for second, (before, after) in enumerate(windows) if after <= before]
    assert not still, f"no new frame from second {still} on: {frames}"


async def open_replay(page: Page, session: str) -> None:
    """The session's replay, playing."""
    base = "/".join(page.url.split("/")[:5])
    await page.goto(f"{base}/archive/{session}")
    await page.get_by_test_id("play").wait_for(timeout=60_000)
    await page.get_by_test_id("play").click()

    async def playing() -> str | None:
        now = await page.evaluate("({phase: __replay.phase, at: __replay.position})")
        return None if now["phase"] == "playing" and now["at"] > 0.5 else f"it is {now}"

    await wait_until(playing, 30)
    await page.get_by_test_id("play").click()


async def test_the_archive_of_a_demo_is_never_empty(browser: Browser, tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    server.rehearsed = True
    try:
        await server.start()
        people = server.demo()["people"]
        link = next(each["login_url"] for each in people if each["role"] == "archivist")
        made = "finished session was made"
        await wait_until(lambda: None if made in server.log() else "it is not made yet", 60)
        async with person(browser, "何静") as archivist:
            page = archivist.page
            await page.goto(link)
            await page.locator("form button[type=submit]").click()
            await page.get_by_test_id("archive").wait_for()
            open_one = server.demo()["sessions"][0]["id"]
            rows = page.locator(f'[data-testid^="row-"]:not([data-testid="row-{open_one}"])')
            await rows.wait_for()
            session = str(await rows.get_attribute("data-testid")).removeprefix("row-")
            await open_replay(page, session)
            await assert_jumps_show_the_marker(page, signatures=3)
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=SCREENSHOTS / "replay-finished.png")
            assert archivist.complaints == []
    finally:
        server.destroy()
        print(server.whole_log())


async def assert_jumps_show_the_marker(page: Page, signatures: int = 2) -> None:
    """Each signature in the list of events leads to its moment; so many of the three were given
    by participants."""
    signed = page.get_by_test_id("event-signed")
    assert await signed.count() == 3
    for row in (await signed.all())[:signatures]:
        await row.click()
        wanted = int(await row.get_attribute("data-at") or 0) / 1e6
        await wait_until(lambda at_s=wanted: shown(page, at_s), 10)


async def shown(page: Page, at_s: float) -> str | None:
    """Why not yet: one picture with the marker, all of them at this second."""
    tapes: list[dict[str, Any]] = await page.evaluate(CORNERS)
    there = [t for t in tapes if not t["seeking"] and abs(t["at"] - at_s) <= WITHIN_S]
    marked = [tape for tape in there if is_marker(tape["colour"])]
    if len(there) < len(tapes) or len(marked) != 1:
        return f"at {at_s}: {tapes}"
    return None


def is_marker(colour: list[int]) -> bool:
    return all(abs(a - b) <= CLOSE_RGB for a, b in zip(colour, MARKER_RGB, strict=True))
