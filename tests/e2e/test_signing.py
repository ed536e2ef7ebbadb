"""The agreement in real browsers: filled, frozen, read, signed on the page and on a phone."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, ViewportSize, WebSocketRoute

from tests.e2e.conftest import SCREENSHOTS
from tests.support import signing
from tests.support.accessibility import faults
from tests.support.person import PHONE, Person, person
from tests.support.wait import wait_until

MA, WANG, AI, LIU = "马晓燕", "王建国", "艾合买提·吐尔逊", "刘卫东"
ACROSS = ViewportSize(width=844, height=390)


@pytest.fixture
async def table(browser: Browser, links: dict[str, str]) -> AsyncIterator[dict[str, Person]]:
    """Mediator, both parties and the judge, all in the room and recorded."""
    async with AsyncExitStack() as stack:
        people = {}
        for name in (MA, WANG, AI, LIU):
            people[name] = await stack.enter_async_context(person(browser, name))
            await people[name].come_in(links[name])
        await people[MA].press("record")
        await people[MA].wait_for_text("recording-state", "录音录像中", 10)
        yield people


async def frozen(table: dict[str, Person]) -> None:
    """The text stands, and everybody has it before their eyes."""
    await signing.begin_draft(table[MA])
    await signing.freeze(table[MA])
    for each in table.values():
        await each.wait_for_text("version", "第 1 版 已冻结", 5)


async def keep(who: Person, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await who.page.screenshot(path=SCREENSHOTS / f"signing-{name}.png")


async def test_a_round_from_the_form_to_the_pdf(browser: Browser, table: dict[str, Person]) -> None:
    ma, wang, ai, liu = table[MA], table[WANG], table[AI], table[LIU]
    await signing.begin_draft(ma)
    await ma.page.get_by_test_id("draft-amounts-first").fill("6,000")
    await ma.page.get_by_test_id("draft-save").click()
    await ma.wait_for_text("signing-refused", "600 元", 5)
    assert await ma.page.get_by_test_id("draft-amounts-total").get_attribute("aria-invalid") == (
        "true"
    )
    await ma.page.get_by_test_id("draft-amounts-first").fill("6,600")
    await signing.freeze(ma)
    await wang.wait_for_text("clause", "12,600 元（壹万贰仟陆佰元整）", 5)
    prints = {await each.text("fingerprint") for each in table.values()}
    assert len(prints) == 1 and prints != {""}
    assert await liu.page.get_by_test_id("acknowledge").count() == 0

    await signing.read_all(wang)
    await signing.read_all(ai)
    await signing.read_all_at_the_desk(ma)
    assert await ma.page.get_by_test_id("round-sign").get_attribute("aria-disabled") == "true"
    submit = wang.page.get_by_test_id("sign-submit")
    assert await submit.get_attribute("aria-disabled") == "true"
    await signing.write_name(wang.page)
    await keep(wang, "pad")
    await signing.submit(wang.page)
    await signing.wait_signed(ma, [WANG], 5)
    await wang.page.get_by_test_id("signed").wait_for()
    assert ":" in await wang.text("signed-place")

    await sign_by_phone(browser, ai, prints.pop())
    await signing.wait_signed(ma, [WANG, AI], 5)
    await ma.page.locator('[data-testid=round-sign][aria-disabled="false"]').click()
    await signing.write_name(ma.page)
    await signing.submit(ma.page)
    await signing.wait_signed(liu, [WANG, AI, MA], 5)
    await assert_pdf(liu)
    await keep(ma, "completed")
    assert [each.complaints for each in table.values()] == [[], [], [], []]


async def sign_by_phone(browser: Browser, ai: Person, fingerprint: str) -> None:
    """By the companion's page in the size of a phone; its link then opens nothing any more."""
    await ai.page.get_by_test_id("sign-by-phone").click()
    await ai.wait_for_text("companion-only-here", "只有这台机器", 5)
    assert await ai.page.get_by_test_id("qr").is_visible()
    link = await ai.page.get_by_test_id("companion-link").get_attribute("href")
    assert link is not None
    async with person(browser, "phone", size=PHONE) as phone:
        await phone.page.goto(f"{link[:-4]}AAAA")
        assert "不能用" in await phone.page.inner_text("main")
        phone.complaints.clear()
        await phone.page.goto(link)
        await phone.page.locator("form button[type=submit]").click()
        await phone.page.get_by_test_id("companion-sign").wait_for()
        await ai.wait_for_text("companion", "手机已接上", 5)
        assert await phone.text("companion-fingerprint") == fingerprint
        assert await faults(phone.page) == []
        await signing.write_name(phone.page, signing.NAME[:2])
        await phone.page.set_viewport_size(ACROSS)
        await signing.write_name(phone.page, signing.NAME[2:])
        assert await signing.strokes_on(phone.page) == len(signing.NAME)
        await keep(phone, "phone-across")
        await signing.submit(phone.page)
        await phone.page.get_by_test_id("companion-signed").wait_for()
        await keep(phone, "phone-signed")
        assert phone.complaints == []
        await phone.page.goto(link)
        assert "用过" in await phone.page.inner_text("main")
    # The seat's own page stayed where it was.
    await ai.page.get_by_test_id("signed").wait_for()


async def assert_pdf(who: Person) -> None:
    link = who.page.get_by_test_id("pdf-link")
    await link.wait_for(timeout=30_000)
    answer = await who.page.request.get(await link.evaluate("link => link.href"))
    assert answer.status == 200
    assert (await answer.body()).startswith(b"%PDF-")


async def test_a_reload_in_mid_stroke_leaves_nothing_half_done(table: dict[str, Person]) -> None:
    await frozen(table)
    wang = table[WANG]
    await signing.read_all(wang)
    await signing.write_name(wang.page, lift=False)
    await wang.page.reload()
    await wang.page.get_by_test_id("sign-here").wait_for()
    await wang.page.mouse.up()
    assert await signing.strokes_on(wang.page) == 0
    await signing.wait_signed(table[MA], [], 5)
    await signing.write_name(wang.page)
    await signing.submit(wang.page)
    await signing.wait_signed(table[MA], [WANG], 5)


async def test_a_turned_screen_keeps_finished_strokes(table: dict[str, Person]) -> None:
    await frozen(table)
    wang = table[WANG]
    await signing.read_all(wang)
    await signing.write_name(wang.page, lift=False)
    await wang.page.set_viewport_size(ACROSS)

    async def dropped() -> str | None:
        count = await signing.strokes_on(wang.page)
        return None if count == len(signing.NAME) - 1 else f"{count} strokes"

    await wait_until(dropped, 5)
    await wang.wait_for_text("pad-note", "没有留下", 5)
    await wang.page.mouse.up()
    assert await dropped() is None
    await signing.write_name(wang.page, signing.NAME[-1:])
    await signing.submit(wang.page)
    await signing.wait_signed(table[MA], [WANG], 5)


class Line:
    """Between a page and its server; while it is `deaf` the page hears nothing."""

    def __init__(self) -> None:
        self.deaf = False
        self.sent: list[str] = []

    def carry(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        page.on_message(lambda message: self._up(server, message))
        server.on_message(lambda message: None if self.deaf else page.send(message))

    def _up(self, server: WebSocketRoute, message: str | bytes) -> None:
        if isinstance(message, str) and "document_sign" in message:
            self.sent.append("document_sign")
        server.send(message)


async def test_a_lost_answer_is_asked_for_and_counts_once(table: dict[str, Person]) -> None:
    line, wang = Line(), table[WANG]
    await wang.page.route_web_socket("**/socket.io/**", line.carry)
    await wang.page.reload()
    await frozen(table)
    await signing.read_all(wang)
    await signing.write_name(wang.page)
    line.deaf = True
    await signing.submit(wang.page)
    await signing.wait_signed(table[MA], [WANG], 5)
    assert await wang.page.get_by_test_id("signed").count() == 0
    line.deaf = False
    await wang.page.get_by_test_id("signed").wait_for(timeout=20_000)
    assert [name for name in line.sent if name == "document_sign"] == ["document_sign"] * 2
    assert await wang.text("signing-refused") == ""


async def test_taking_the_text_back_voids_what_was_given(table: dict[str, Person]) -> None:
    await frozen(table)
    ma, wang = table[MA], table[WANG]
    await signing.read_all(wang)
    await signing.write_name(wang.page)
    await signing.submit(wang.page)
    await signing.wait_signed(ma, [WANG], 5)
    await ma.page.get_by_test_id("round-reopen").click()
    dialog = ma.page.get_by_role("dialog")
    assert f"{WANG}的签名和 {signing.CLAUSES} 次" in await dialog.inner_text()
    await ma.page.get_by_test_id("reopen-confirm").click()
    await ma.page.get_by_test_id("draft-form").wait_for()
    await wang.wait_for_text("signing", "作废", 5)
    await signing.freeze(ma)
    await wang.wait_for_text("version", "第 2 版 已冻结", 5)
    await wang.wait_for_text("headline", "还差 21 条确认", 5)


async def test_reading_by_keyboard_alone(table: dict[str, Person]) -> None:
    await frozen(table)
    wang = table[WANG]
    for n in range(1, signing.CLAUSES + 1):
        await wang.wait_for_text("clause-count", f"第 {n} 条", 5)
        await wang.page.locator('[data-testid=acknowledge][aria-disabled="false"]').wait_for()
        await tab_to(wang, "acknowledge")
        await wang.page.keyboard.press("Enter")
    await wang.page.get_by_test_id("sign-here").wait_for()
    await tab_to(wang, "sign-by-phone")
    await wang.page.keyboard.press("Enter")
    await wang.page.get_by_test_id("companion").wait_for()


async def tab_to(who: Person, testid: str) -> None:
    for _ in range(30):
        here = "document.activeElement && document.activeElement.dataset.testid"
        if await who.page.evaluate(here) == testid:
            return
        await who.page.keyboard.press("Tab")
    pytest.fail(f"{testid} is not reached by 30 tabs", pytrace=False)


@pytest.mark.parametrize("size", [(1920, 1080), (1440, 900), (390, 844), (844, 390)])
async def test_every_face_fits_its_screen_and_pleases_axe(
    table: dict[str, Person], size: tuple[int, int]
) -> None:
    ma, wang, liu = table[MA], table[WANG], table[LIU]
    for each in (ma, wang, liu):
        await each.page.set_viewport_size({"width": size[0], "height": size[1]})
    await signing.begin_draft(ma)
    await look(ma, f"draft-{size[0]}")
    await signing.freeze(ma)
    await wang.page.get_by_test_id("reading").wait_for()
    await look(ma, f"round-{size[0]}")
    await look(wang, f"read-{size[0]}")
    await look(liu, f"watch-{size[0]}")
    await signing.read_all(wang)
    await look(wang, f"sign-{size[0]}")
    await wang.page.get_by_test_id("sign-by-phone").click()
    await wang.page.get_by_test_id("companion").wait_for()
    await look(wang, f"code-{size[0]}")


async def look(who: Person, name: str) -> None:
    await keep(who, name)
    wider = "document.documentElement.scrollWidth > window.innerWidth"
    assert not await who.page.evaluate(wider), f"{name} is wider than the screen"
    cut = """[...document.querySelectorAll('[data-testid=signing] button, [data-testid=signing] a')]
      .filter(each => each.getBoundingClientRect().right > window.innerWidth + 1)
      .filter(each => !each.closest('.strip')).map(each => each.innerText)"""
    assert await who.page.evaluate(cut) == [], f"{name}: beyond the right edge"
    assert await faults(who.page) == [], name
