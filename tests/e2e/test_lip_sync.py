"""Flash and beep of one real page, recorded and packaged: they stay together."""

import statistics

from playwright.async_api import Browser

from tests.support.packaged import packaged
from tests.support.person import person
from tests.support.rushes import beeps, flashes
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

PAIRS = 15
MEDIAN_MS = 80
MATCH_S = 0.5
READY_S = 10.0


async def test_flash_and_beep_stay_together(
    browser: Browser, server: ServerProcess, links: dict[str, str]
) -> None:
    async with person(browser, "马晓燕", scripts=("clapper.js",)) as mediator:
        await mediator.come_in(links["马晓燕"])
        await mediator.press("record")
        await mediator.wait_for_text("recording-state", "录音录像中", timeout=5)

        async def long_enough() -> str | None:
            shown = (await mediator.text("recording-state"))[-8:]
            seconds = sum(
                int(part) * 60**n
                for n, part in enumerate(reversed(shown.split(":")))
                if part.isdigit()
            )
            return None if seconds >= 2 * PAIRS + 4 else f"{seconds} s are recorded"

        await wait_until(long_enough, timeout=60, interval=0.5)
        await mediator.press("record-stop")
        await mediator.page.get_by_test_id("stop-confirm").click()
        manifest = await packaged(server.data, server.demo()["sessions"][0]["id"], READY_S)
        assert mediator.complaints == []
    (file,) = manifest.files
    path = server.data / "derived" / manifest.session / file.file
    seen, heard = flashes(path), beeps(path)
    pairs = [
        1000 * (beep - flash) for flash in seen for beep in heard if abs(beep - flash) < MATCH_S
    ]
    worst = max(pairs, key=abs)
    print(f"{len(pairs)} pairs, beep − flash: median {statistics.median(pairs):.0f} ms, worst "
          f"{worst:.0f} ms; {[round(each) for each in pairs]}")  # fmt: skip
    assert len(pairs) >= PAIRS
    assert abs(statistics.median(pairs)) <= MEDIAN_MS
