"""What a person does with the agreement on a page: fills, reads, acknowledges, writes the name."""

from collections.abc import Sequence

from playwright.async_api import Page

from tests.support.person import Person
from tests.support.wait import wait_until

CLAUSES = 7
NAME = (
    ((0.2, 0.3), (0.45, 0.28)),
    ((0.22, 0.5), (0.44, 0.48)),
    ((0.32, 0.3), (0.33, 0.7)),
    ((0.5, 0.3), (0.7, 0.35), (0.6, 0.6), (0.5, 0.7), (0.75, 0.72)),
)
"""Strokes of a name, as parts of the pad."""


async def begin_draft(host: Person) -> None:
    """The host makes the agreement from its template."""
    await host.press("agreement")
    await host.page.get_by_test_id("draft-begin").click()
    await host.page.get_by_test_id("draft-form").wait_for()


async def freeze(host: Person) -> None:
    """What stands in the form is saved and frozen."""
    await host.page.get_by_test_id("draft-freeze").click()
    await host.wait_for_text("version", "已冻结", 5)


async def read_all(person: Person) -> None:
    """A signer acknowledges each clause, one after the other."""
    for n in range(1, CLAUSES + 1):
        await person.wait_for_text("clause-count", f"第 {n} 条", 5)
        await person.page.locator('[data-testid=acknowledge][aria-disabled="false"]').click()
    await person.page.get_by_test_id("sign-here").wait_for()


async def read_all_at_the_desk(host: Person) -> None:
    """The host acknowledges in her own column."""
    for n in range(1, CLAUSES + 1):
        button = host.page.get_by_test_id(f"acknowledge-{n}")
        await button.scroll_into_view_if_needed()
        await host.page.locator(f'[data-testid=acknowledge-{n}][aria-disabled="false"]').click()
    await host.wait_for_text("acknowledged-马晓燕", f"{CLAUSES} / {CLAUSES}", 5)


async def write_name(
    page: Page, strokes: Sequence[Sequence[tuple[float, float]]] = NAME, *, lift: bool = True
) -> None:
    """By mouse on the pad; `lift` False leaves the last stroke under the hand."""
    box = await page.get_by_test_id("pad").bounding_box()
    assert box is not None
    for number, stroke in enumerate(strokes, 1):
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        await page.mouse.move(*points[0])
        await page.mouse.down()
        for x, y in points[1:]:
            await page.mouse.move(x, y, steps=8)
        if lift or number < len(strokes):
            await page.mouse.up()


async def submit(page: Page) -> None:
    """The name is sent, once there is enough of it."""
    await page.locator('[data-testid=sign-submit][aria-disabled="false"]').click()


async def strokes_on(page: Page) -> int:
    """Finished strokes on the pad."""
    return int(await page.get_by_test_id("pad").get_attribute("data-strokes") or 0)


async def wait_signed(witness: Person, names: Sequence[str], timeout: float) -> None:
    """Until a page shows exactly these as signed."""

    async def probe() -> str | None:
        rows = witness.page.locator('[data-testid=signer][data-state="signed"]')
        found = [await row.get_attribute("data-name") for row in await rows.all()]
        return None if found == list(names) else f"{witness.name} sees the signatures of {found}"

    await wait_until(probe, timeout)
