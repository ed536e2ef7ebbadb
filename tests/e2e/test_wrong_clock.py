"""A device whose clock is a day late: it takes part, and is told."""

from playwright.async_api import Browser

from tests.support.person import person

A_DAY_LATE = "{ const now = Date.now; Date.now = () => now() - 86_400_000; }"


async def test_a_clock_that_is_off_is_told(browser: Browser, links: dict[str, str]) -> None:
    async with person(browser, "王建国") as late:
        await late.page.add_init_script(A_DAY_LATE)
        await late.come_in(links["王建国"])
        banner = late.page.get_by_test_id("banner-clock")
        await banner.wait_for(timeout=10_000)
        assert "24:00:00" in await banner.inner_text()
        await banner.get_by_role("button").click()
        await banner.wait_for(state="detached", timeout=2_000)
        assert late.complaints == []
