"""A person before a real browser page: opens the link, presses the buttons, looks and listens."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.support.wait import wait_until

HERE = Path(__file__).parent
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Person:
    """One page in a browser context of its own. What went wrong on it stands in `complaints`."""

    def __init__(self, name: str, page: Page) -> None:
        self.name = name
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"{name}: {error}"))
        page.on("console", self._console)

    def _console(self, message: Any) -> None:
        # A killed server makes refused requests, which are no fault of the page.
        if message.type == "error" and "net::ERR" not in message.text:
            self.complaints.append(f"{self.name}: {message.text}")

    async def open(self, link: str) -> None:
        """The link page, and its one button; then the device check."""
        await self.page.goto(link)
        await self.page.locator("form button[type=submit]").click()
        await self.page.get_by_test_id("enter").wait_for()

    async def enter(self) -> None:
        """From the device check into the room; the page waits for its devices by itself."""
        await self.page.get_by_test_id("enter").click()
        await self.page.get_by_test_id("control-leave").wait_for()

    async def come_in(self, link: str) -> None:
        """From the link to the room."""
        await self.open(link)
        await self.enter()

    async def press(self, control: str) -> None:
        """One control of the bar: microphone, camera, record, record-stop, session, leave."""
        await self.page.get_by_test_id(f"control-{control}").click()

    async def text(self, testid: str) -> str:
        """The words of one element; empty where it is not shown."""
        found = self.page.get_by_test_id(testid)
        return (await found.first.inner_text()) if await found.count() else ""

    async def wait_for_text(self, testid: str, words: str, timeout: float) -> None:
        """Until an element says these words."""

        async def probe() -> str | None:
            shown = await self.text(testid)
            return None if words in shown else f"{self.name} reads {shown!r}, not {words!r}"

        await wait_until(probe, timeout)

    async def streams(self) -> list[dict[str, Any]]:
        """What arrives at the page now, a row for each stream (page_probe.js)."""
        found: list[dict[str, Any]] = await self.page.evaluate("probe.streams()")
        return found

    async def sees_and_hears(self, others: Sequence[str], frames: int) -> str | None:
        """Why not yet: everybody's picture, not uniform, `frames` decoded, and as many sounds."""
        rows = await self.streams()
        contrasts = await self.page.evaluate("probe.contrasts()")
        return why_not_in_contact(self.name, rows, contrasts, (others, frames))

    async def loaded_at(self) -> float:
        """When this document was loaded: another figure after a reload."""
        return float(await self.page.evaluate("probe.loadedAt"))


def why_not_in_contact(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    contrasts: Mapping[str, float],
    wanted: tuple[Sequence[str], int],
) -> str | None:
    """What of `wanted` (other people, decoded frames) is missing in the probe's figures."""
    others, frames = wanted
    decoded = {row["who"]: row["frames"] for row in rows if row["kind"] == "video"}
    for other in others:
        if decoded.get(other, 0) < frames:
            return f"{name} has {decoded.get(other, 0)} frames of {other}"
        if contrasts.get(other, 0) < 20:
            return f"{name} sees a plain area for {other}"
    heard = [row for row in rows if row["kind"] == "audio" and row["energy"] > 0]
    if len(heard) < len(others):
        return f"{name} hears {len(heard)} of {len(others)}"
    return None


@asynccontextmanager
async def person(
    browser: Browser, name: str, *, size: Mapping[str, int] = DESK, scripts: Sequence[str] = ()
) -> AsyncIterator[Person]:
    """A person with a browser context of their own; `scripts` are files beside this one."""
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale="zh-CN",
        permissions=["camera", "microphone"],
    )
    try:
        for script in ("page_probe.js", *scripts):
            await context.add_init_script(path=HERE / script)
        yield Person(name, await context.new_page())
    finally:
        await context.close()
