"""axe-core on a page as it stands, and a picture of it at its three widths."""

from typing import Any

from playwright.async_api import Page

from tests.support.server import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / ".build" / "screenshots"
GRAVE = {"serious", "critical"}
WIDTHS = ((1920, 1080), (1440, 900), (390, 844))


async def faults(page: Page) -> list[str]:
    """What axe finds serious: rule, how often, and where first."""
    # Through the protocol, which the page's own security policy does not hinder.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url}: {each['id']} ×{len(each['nodes'])}, {each['nodes'][0]['target']}"
        for each in result["violations"]
        if each["impact"] in GRAVE
    ]


async def keep_pictures(page: Page, name: str) -> None:
    """NAME-WIDTH.png in the folder of screenshots; the page keeps its last size."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for width, height in WIDTHS:
        await page.set_viewport_size({"width": width, "height": height})
        await page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png")
    if before is not None:
        await page.set_viewport_size(before)
