"""The replay page in Chromium: open and playing soon after the stop, all tapes in step, sound and
seeks in their places, used by keyboard, and with a sentence for whatever is wrong."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route

from tests.support.accessibility import faults, keep_pictures
from tests.support.packaged import packaged
from tests.support.participants import HOST, crowd, demo_plan
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

MUTED = "王建国"
SCRIPTS = {
    HOST: "1 record start, 31 record pause, 34 record resume, 64 record stop",
    MUTED: "6 mute microphone, 14 unmute microphone",
}
RECORDED_S = 60.0
OPEN_WITHIN_S = 10.0
STEP = "({phase: __replay.phase, at: __replay.position, errors: __replay.errors})"
PLACES = "[...document.querySelectorAll('video')].map(v => ({at: v.currentTime, seeking: v.seeking, ready: v.readyState, length: v.duration}))"  # noqa: E501
LISTEN = """endpoint => {
  const video = document.querySelector(`video[data-endpoint="${endpoint}"]`);
  const audio = new AudioContext();
  const meter = audio.createScriptProcessor(512, 2, 1);
  audio.createMediaElementSource(video).connect(meter);
  meter.connect(audio.destination);
  window.heard = [];
  meter.onaudioprocess = event => {
    const wave = event.inputBuffer.getChannelData(0);
    const level = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
    window.heard.push([__replay.position, level]);
  };
  return audio.resume();
}"""
RECORDING = """() => fetch(location.pathname.replace("/archive/", "/api/recordings/"))
  .then(answer => answer.json()).then(told => told.recording)"""
LOUD = 0.01


@asynccontextmanager
async def visit(browser: Browser, server: ServerProcess, link: str) -> AsyncIterator[Page]:
    """A page of its own behind a link; what went wrong on it is a failure."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(link)
        await page.locator("form button[type=submit]").click()
        await page.wait_for_url(f"{server.base_url}/u/**")
        yield page
    finally:
        await context.close()
    assert not complaints


def archive_link(server: ServerProcess) -> str:
    people = server.demo()["people"]
    return str(next(each["login_url"] for each in people if each["role"] == "archivist"))


async def replay_of(page: Page, session: str) -> None:
    base = "/".join(page.url.split("/")[:5])
    await page.goto(f"{base}/archive/{session}")


async def step(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate(STEP)
    return found


async def playing(page: Page, beyond_s: float, timeout: float) -> None:
    async def probe() -> str | None:
        now = await step(page)
        return None if now["phase"] == "playing" and now["at"] > beyond_s else f"it is {now}"

    await wait_until(probe, timeout)


async def tapes(page: Page, count: int, timeout: float, length_s: float = 0.0) -> None:
    """Until so many can be played, of a recording at least as long."""

    async def probe() -> str | None:
        if not await page.get_by_test_id("replay").count():
            return "there is no replay"
        there = len(await page.evaluate(PLACES))
        end_s = await page.evaluate("__replay.replay.end_us / 1e6")
        return None if there == count and end_s >= length_s else f"{there} tapes, {end_s} s"

    await wait_until(probe, timeout)


async def test_replay_of_a_minute_with_four_people(
    browser: Browser, server: ServerProcess, tmp_path: Path
) -> None:
    session = server.demo()["sessions"][0]["id"]
    plan = demo_plan(server.demo(), 4, 68, lambda name: SCRIPTS.get(name, ""))
    async with (
        visit(browser, server, archive_link(server)) as page,
        crowd(tmp_path / "crowd", plan) as people,
    ):
        await replay_of(page, session)
        await page.get_by_test_id("packaging").wait_for()
        await people.ready(60)
        await page.locator('[data-testid="packaging"][data-state="following"]').wait_for()
        await stopped(page)
        await opens_soon(page)
        await in_step(page)
        await lands_where_it_is_sent(page)
        await is_heard_in_its_place(page)
        await is_used_by_keyboard(page)
        assert not await faults(page)
        await keep_pictures(page, "replay")
    await what_is_gone_or_changed(browser, server, session)


async def stopped(page: Page) -> None:
    """Until the host has stopped the recording; the page has been open all the time."""

    async def probe() -> str | None:
        told = await page.evaluate(RECORDING)
        return None if told == "stopped" else f"the recording is {told}"

    await wait_until(probe, 110, interval=0.5)


async def opens_soon(page: Page) -> None:
    """The page that was open all the time needs no help but a press on play."""
    began = time.monotonic()
    await tapes(page, 4, OPEN_WITHIN_S, RECORDED_S - 2)
    await page.get_by_test_id("play").click()
    await playing(page, 0.5, OPEN_WITHIN_S)
    took = time.monotonic() - began
    print(f"open and playing {took:.1f} s after the stop")
    assert took <= OPEN_WITHIN_S
    end_s = await page.evaluate("__replay.replay.end_us / 1e6")
    assert abs(end_s - RECORDED_S) < 2
    lengths = [place["length"] for place in await page.evaluate(PLACES)]
    assert all(abs(length - end_s) <= 0.5 for length in lengths), (lengths, end_s)


async def in_step(page: Page) -> None:
    """After twenty seconds of playing all are within 0.2 s of each other."""
    await playing(page, 20.5, 40)
    places = [place["at"] for place in await page.evaluate(PLACES)]
    print("places after 20 s", places)
    assert max(places) - min(places) <= 0.2
    where = (await step(page))["at"]
    assert all(abs(place - where) <= 0.3 for place in places)


async def lands_where_it_is_sent(page: Page) -> None:
    """By the timeline, while it plays and while it stands."""
    await page.get_by_test_id("play").click()
    box = await page.get_by_test_id("track").bounding_box()
    assert box is not None
    end_s = await page.evaluate("__replay.replay.end_us / 1e6")
    for part in (0.8, 0.25, 0.5):
        await page.mouse.click(box["x"] + box["width"] * part, box["y"] + box["height"] - 12)
        await settled(page)
        for place in await page.evaluate(PLACES):
            assert abs(place["at"] - end_s * part) <= 0.5
    mark = page.locator('[data-testid="event-unmuted_microphone"]').first
    await mark.click()
    await settled(page)
    at_s = float(await mark.get_attribute("data-at") or 0) / 1e6
    assert all(abs(place["at"] - at_s) <= 0.5 for place in await page.evaluate(PLACES))


async def settled(page: Page) -> None:
    async def probe() -> str | None:
        places = await page.evaluate(PLACES)
        busy = [place for place in places if place["seeking"] or place["ready"] < 2]
        return f"{busy} seek" if busy else None

    await wait_until(probe, 5)


async def is_heard_in_its_place(page: Page) -> None:
    """What follows a mute sounds where the mark of its end stands."""
    at_s, endpoint = await page.evaluate(
        """() => {
          const marks = __replay.replay.marks.filter(m => m.kind === 'unmuted_microphone');
          const person = __replay.replay.people.find(p => marks[0].seats.includes(p.seat));
          return [marks[0].at_us / 1e6, person.endpoints[0]];
        }"""
    )
    await page.evaluate(LISTEN, endpoint)
    await page.evaluate(f"location.hash = '#t={at_s - 3:.2f}'")
    await page.get_by_test_id("play").click()
    await playing(page, at_s + 1.5, 15)
    heard = [at for at, level in await page.evaluate("heard") if level > LOUD]
    print(f"unmuted at {at_s:.2f}, heard from {min(heard):.2f}")
    assert abs(min(heard) - at_s) <= 0.3
    await page.get_by_test_id("play").click()


async def is_used_by_keyboard(page: Page) -> None:
    """Space, arrows, Home, marks and speed, and the slider says where it is."""
    playhead = page.get_by_test_id("playhead")
    await playhead.focus()
    await page.keyboard.press("Home")
    assert (await step(page))["at"] == 0
    await page.keyboard.press("ArrowRight")
    assert (await step(page))["at"] == 1
    await page.keyboard.press("l")
    assert (await step(page))["at"] == 11
    assert "00:00:11" in (await playhead.get_attribute("aria-valuetext") or "")
    await page.keyboard.press("Shift+ArrowRight")
    assert (await step(page))["at"] > 11
    await page.keyboard.press(">")
    await page.keyboard.press(" ")
    await playing(page, 12, 10)
    assert await page.evaluate("__replay.rate") == 1.5
    await page.keyboard.press("k")
    assert (await step(page))["phase"] == "paused"


async def what_is_gone_or_changed(browser: Browser, server: ServerProcess, session: str) -> None:
    """A changed file is named, the rest plays; files that are gone are made again."""
    folder = server.data / "derived" / session
    changed, gone = sorted(folder.glob("*.webm"))[:2]
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    async with visit(browser, server, archive_link(server)) as page:
        await replay_of(page, session)
        await page.get_by_test_id("flaws").wait_for()
        assert "变了" in await page.get_by_test_id("flaws").inner_text()
        tile = page.get_by_test_id(f"tape-{changed.stem}")
        assert await tile.get_attribute("data-state") == "unusable"
        await page.get_by_test_id("play").click()
        await playing(page, 1, 10)
        assert len(await page.evaluate(PLACES)) == 3
        await page.get_by_test_id("make-again").click()
        await tapes(page, 4, 15)
        gone.unlink()
        await replay_of(page, session)
        await tapes(page, 4, 15)
    await packaged(server.data, session, 10)


async def test_what_cannot_be_played_is_said(
    browser: Browser, server: ServerProcess, links: dict[str, str]
) -> None:
    session = server.demo()["sessions"][0]["id"]
    async with visit(browser, server, archive_link(server)) as page:
        await page.get_by_test_id("archive").wait_for()
        await page.locator(f'[data-session="{session}"]').wait_for()
        assert not await faults(page)
        await keep_pictures(page, "archive")
        await replay_of(page, session)
        await page.locator('[data-testid="packaging"][data-state="none"]').wait_for()
        assert not await faults(page)
        await replay_of(page, "01980000-0000-7000-8000-000000000000")
        await page.get_by_test_id("problem-unknown").wait_for()
        assert not await faults(page)
        await page.route("**/api/**", lambda route: unreachable(route))
        await replay_of(page, session)
        await page.get_by_test_id("problem-unreachable").wait_for()
        await page.unroute_all()
        await page.get_by_test_id("again").click()
        await page.get_by_test_id("replay").wait_for()
    async with visit(browser, server, links["陈志强"]) as page:
        await replay_of(page, session)
        await page.get_by_test_id("problem-forbidden").wait_for()


async def unreachable(route: Route) -> None:
    await route.abort()


async def test_the_list_is_searched_and_opened_by_keyboard(
    browser: Browser, server: ServerProcess
) -> None:
    session = server.demo()["sessions"][0]
    async with visit(browser, server, archive_link(server)) as page:
        row = page.locator(f'[data-session="{session["id"]}"]')
        await row.wait_for()
        await page.keyboard.press("/")
        await page.keyboard.type("没有这样的案子")
        await page.get_by_test_id("empty").wait_for()
        assert "text=" in page.url
        await page.get_by_test_id("clear").click()
        await row.wait_for()
        await page.get_by_test_id("search").fill(session["title"][:4])
        await row.focus()
        await page.get_by_test_id("preview").wait_for()
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/archive/{session['id']}")
        await page.get_by_test_id("replay").wait_for()
