"""A packaged file in Chromium: its length, what is heard behind a hole, and where a seek lands."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page

from conference.events.recording import RecordingStarted, RecordingStopped
from conference.events.room import MuteSet
from conference.ids import EndpointId, SeatId
from tests.support.packaging import SESSION, Diary, package
from tests.support.rushes import DELAY_US, Line, Reel, Sender

S = 1_000_000
START = 777 * S
SECONDS = 24
MUTED = (4, 13)
FIRST_BEEP_BEHIND = 14 + DELAY_US / S
LATE = 9.5
"""When the second person comes."""
PAGE = """<!doctype html><video id=v src="%s"></video><script>
const v = document.getElementById('v'), heard = [], shown = [];
const audio = new AudioContext();
const source = audio.createMediaElementSource(v), meter = audio.createScriptProcessor(1024, 2, 1);
source.connect(meter); meter.connect(audio.destination);
let loud = 0;
meter.onaudioprocess = e => {
  const wave = e.inputBuffer.getChannelData(0);
  const level = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
  if (level > 0.05 && audio.currentTime - loud > 0.5) heard.push(v.currentTime);
  if (level > 0.05) loud = audio.currentTime;
};
const look = (now, frame) => { shown.push(frame.mediaTime); v.requestVideoFrameCallback(look); };
v.requestVideoFrameCallback(look);
async function seek(to) {
  const began = performance.now();
  v.currentTime = to;
  await new Promise(done => v.addEventListener('seeked', done, {once: true}));
  return {took: performance.now() - began, at: v.currentTime};
}
</script>"""


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[str]:
    """Where a page for each packaged file is served: BASE/ma, BASE/wang."""
    derived = record(tmp_path)
    app = web.Application()
    app.router.add_static("/files", derived)

    async def page(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return web.Response(text=PAGE % f"/files/{name}.webm", content_type="text/html")

    app.router.add_get("/{name}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def record(directory: Path) -> Path:
    """Ma is muted for a while; Wang comes late."""
    folder, diary = directory / "recordings" / SESSION, Diary()
    diary.publish(START - S, "ma", "wang")
    diary.happen(START, RecordingStarted("1"))
    diary.happen(START + MUTED[0] * S, MuteSet(EndpointId("ma"), "microphone", True, SeatId("s")))
    diary.happen(START + MUTED[1] * S, MuteSet(EndpointId("ma"), "microphone", False, SeatId("s")))
    diary.happen(START + SECONDS * S, RecordingStopped("1"))
    late: list[tuple[float, float]] = [(LATE, SECONDS)]
    spans: dict[str, list[tuple[float, float]]] = {
        "ma-camera": [(0, SECONDS)], "ma-microphone": [(0, MUTED[0]), (MUTED[1], SECONDS)],
        "wang-camera": late, "wang-microphone": late,
    }  # fmt: skip
    for track, sent in spans.items():
        sender = Sender("camera" in track, Line(), START)
        reel = Reel(folder, "1", track, sender.video, "epoch-1")
        for begin, end in sent:
            reel.write(sender.between(START + int(begin * S), START + int(end * S) - 50_000))
        reel.end()
    package(folder, directory / "derived", diary)
    return directory / "derived"


async def opened(browser: Browser, url: str) -> Page:
    page = await browser.new_page()
    await page.goto(url)
    await page.wait_for_function("v.readyState >= 3", timeout=10_000)
    duration = await page.evaluate("v.duration")
    assert abs(duration - SECONDS) <= 0.5
    return page


async def play(page: Page, from_s: float, until_s: float) -> None:
    await page.evaluate("to => { audio.resume(); return seek(to).then(() => v.play()) }", from_s)
    await page.wait_for_function(
        "until => v.currentTime >= until || v.error || v.ended", arg=until_s, timeout=30_000
    )  # fmt: skip
    await page.evaluate("v.pause()")
    assert await page.evaluate("v.error && v.error.message") is None


async def test_what_follows_a_hole_is_heard_in_its_place(browser: Browser, files: str) -> None:
    page = await opened(browser, f"{files}/ma")
    await play(page, MUTED[0] - 1.5, FIRST_BEEP_BEHIND + 1.5)
    heard = await page.evaluate("heard")
    print("heard at", heard)
    behind = [at for at in heard if at > MUTED[0]]
    assert len(behind) == 1
    assert abs(behind[0] - FIRST_BEEP_BEHIND) <= 0.3
    shown = await page.evaluate("shown")
    assert len(shown) > 100, "the picture stands still while the sound is silent"


@pytest.mark.parametrize("name", ["ma", "wang"])
async def test_a_seek_lands_where_it_was_meant_to(browser: Browser, files: str, name: str) -> None:
    page = await opened(browser, f"{files}/{name}")
    for target in (20.2, 5.1, 12.7, 0.0):
        found: dict[str, Any] = await page.evaluate("to => seek(to)", target)
        await page.evaluate("shown.length = 0")
        print(name, target, found)
        assert abs(found["at"] - target) <= 0.5
        assert found["took"] <= 2000
        await play(page, target, target + 0.8)
        shown = await page.evaluate("shown")
        if name == "ma" or target > LATE:
            assert shown and abs(shown[-1] - target) <= 1.5


async def test_who_comes_late_is_seen_and_heard_late(browser: Browser, files: str) -> None:
    page = await opened(browser, f"{files}/wang")
    await play(page, LATE - 1.5, LATE + 2.0)
    shown = [at for at in await page.evaluate("shown") if at > 0]
    heard = await page.evaluate("heard")
    print("first seen at", min(shown), "heard at", heard)
    assert abs(min(shown) - (LATE + DELAY_US / S)) <= 0.3
    assert len(heard) == 1 and abs(heard[0] - 10.03) <= 0.3
