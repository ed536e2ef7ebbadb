"""Two pages with one link: the newer has the seat, and the older does not take it back."""

from playwright.async_api import Browser

from tests.support.person import person
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

SENTENCE = "你已在另一台设备打开本会"


async def test_the_newer_page_is_live_and_the_older_says_so(
    browser: Browser, server: ServerProcess, links: dict[str, str]
) -> None:
    async with person(browser, "王建国") as first, person(browser, "王建国") as second:
        await first.come_in(links["王建国"])
        await second.come_in(links["王建国"])
        await first.page.get_by_text(SENTENCE).wait_for(timeout=5000)
        # Ten seconds in which nothing may happen: counted by the page itself.
        await first.page.evaluate("new Promise((done) => setTimeout(done, 10000))")
        assert await first.page.get_by_text(SENTENCE).is_visible()
        assert await second.text("session-state")
        await first.page.get_by_test_id("come-back").click()
        await second.page.get_by_text(SENTENCE).wait_for(timeout=5000)
        await first.page.get_by_test_id("session-state").wait_for(timeout=5000)


async def test_a_reload_keeps_the_seat(browser: Browser, links: dict[str, str]) -> None:
    async with person(browser, "马晓燕") as mediator, person(browser, "王建国") as party:
        await mediator.come_in(links["马晓燕"])
        await party.come_in(links["王建国"])
        await party.page.reload()

        async def back() -> str | None:
            return await party.sees_and_hears(["马晓燕"], frames=5)

        await wait_until(back, timeout=15, interval=0.5)
        assert not await party.page.get_by_text(SENTENCE).count()
