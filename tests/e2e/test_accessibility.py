"""Every page: nothing serious for axe, pictures at three widths; used once by keyboard alone."""

from playwright.async_api import Browser, Page

from tests.support.accessibility import faults, keep_pictures
from tests.support.person import Person, person
from tests.support.server import ServerProcess
from tests.support.wait import wait_until


async def look(page: Page, name: str) -> list[str]:
    await keep_pictures(page, name)
    return await faults(page)


async def test_pages_on_the_way_in_and_the_room(
    browser: Browser, server: ServerProcess, links: dict[str, str]
) -> None:
    found: list[str] = []
    async with person(browser, "马晓燕") as mediator, person(browser, "王建国") as party:
        await mediator.page.goto(links["马晓燕"])
        found += await look(mediator.page, "link")
        await mediator.page.goto(f"{server.base_url}/j/{'x' * 32}")
        found += await look(mediator.page, "link-unknown")
        await mediator.page.goto(f"{server.base_url}/")
        found += await look(mediator.page, "home")
        await mediator.open(links["马晓燕"])
        found += await look(mediator.page, "prejoin")
        await mediator.enter()
        await party.come_in(links["王建国"])
        await wait_until(lambda: mediator.sees_and_hears(["王建国"], frames=5), 20, interval=0.5)
        found += await look(mediator.page, "room-host")
        found += await look(party.page, "room-party")
        await mediator.press("settings")
        found += await faults(mediator.page)
    assert not found, "\n".join(found)


async def test_from_the_link_to_leaving_by_keyboard_alone(
    browser: Browser, links: dict[str, str]
) -> None:
    async with person(browser, "马晓燕") as mediator:
        keys = mediator.page.keyboard
        await mediator.page.goto(links["马晓燕"])
        # The one button has the focus from the first frame on.
        await mediator.page.locator("form button[type=submit]:focus").wait_for()
        await keys.press("Enter")
        await mediator.page.get_by_test_id("enter").wait_for()
        await tab_to(mediator, "enter")
        await keys.press("Enter")
        await mediator.page.get_by_test_id("control-microphone").wait_for()
        await keys.press("m")
        await wait_until(lambda: muted(mediator, "microphone"), timeout=5)
        await keys.press("r")
        await mediator.wait_for_text("recording-state", "录音录像中", timeout=8)
        await tab_to(mediator, "control-leave")
        await keys.press("Enter")
        await tab_to(mediator, "leave-confirm")
        await keys.press("Enter")
        await mediator.page.get_by_test_id("enter-again").wait_for()
    assert not mediator.complaints


async def tab_to(who: Person, testid: str) -> None:
    """Press Tab until this element has the focus."""
    for _ in range(60):
        focused = "document.activeElement && document.activeElement.dataset.testid"
        if await who.page.evaluate(focused) == testid:
            return
        await who.page.keyboard.press("Tab")
    raise AssertionError(f"{testid} cannot be reached by Tab")


async def muted(who: Person, source: str) -> str | None:
    is_muted = await who.page.evaluate(f"__conference.muted.{source}")
    return None if is_muted else f"the {source} is on"
