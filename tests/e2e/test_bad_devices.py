"""No camera, camera in use, microphone refused, a browser that cannot, a blocked line: each has its
own sentence and a way on."""

import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.person import HERE, Person, person
from tests.support.server import ServerProcess, free_port

DENIED, MISSING, BUSY = "NotAllowedError", "NotFoundError", "NotReadableError"
BLOCKED_WITHIN_MS = 20_000


@pytest.fixture
async def party(browser: Browser) -> AsyncIterator[Person]:
    async with person(browser, "王建国") as someone:
        yield someone


async def arrive(party: Person, link: str, poor: dict[str, str]) -> None:
    """Open the link with these devices; ends at the first screen behind the button."""
    await party.page.add_init_script(f"window.poorDevices = {json.dumps(poor)}")
    await party.page.add_init_script(path=HERE / "poor_devices.js")
    await party.page.goto(link)
    await party.page.locator("form button[type=submit]").click()


@pytest.mark.parametrize(
    ("poor", "screen", "words"),
    [
        ({"camera": DENIED}, "camera_denied", "摄像头没有打开"),
        ({"camera": MISSING}, "camera_missing", "没有找到摄像头"),
        ({"camera": BUSY}, "camera_busy", "摄像头被别的程序占用"),
        ({"microphone": DENIED}, "microphone_denied", "话筒没有打开"),
        ({"camera": DENIED, "microphone": DENIED}, "both_denied", "摄像头和话筒没有打开"),
    ],
)
async def test_one_comes_in_without_the_device(
    party: Person, links: dict[str, str], poor: dict[str, str], screen: str, words: str
) -> None:
    await arrive(party, links["王建国"], poor)
    assert words in await party.page.get_by_test_id(f"problem-{screen}").inner_text()
    await party.page.get_by_test_id("problem-without").click()
    await party.enter()
    assert not party.complaints


@pytest.mark.parametrize(
    ("browser_lacks", "words"), [("too_old", "浏览器太旧"), ("insecure", "这个网址不安全")]
)
async def test_the_browser_itself_cannot(
    party: Person, links: dict[str, str], browser_lacks: str, words: str
) -> None:
    await arrive(party, links["王建国"], {"browser": browser_lacks})
    screen = party.page.get_by_test_id(f"problem-{browser_lacks}")
    await screen.wait_for()
    assert words in await screen.inner_text()


async def test_a_blocked_line_is_said_and_tried_again(party: Person, tmp_path: Path) -> None:
    nobody = free_port(socket.SOCK_DGRAM)
    server = ServerProcess(
        tmp_path / "data", ("--demo", "--media-advertise", f"127.0.0.1:{nobody}")
    )
    try:
        await server.start()
        await party.come_in(server.demo()["sessions"][0]["join_urls"]["王建国"])
        banner = party.page.get_by_test_id("banner-blocked")
        await banner.wait_for(timeout=BLOCKED_WITHIN_MS)
        await banner.get_by_role("button").click()
        assert await party.text("session-state"), "the session goes on without media"
    finally:
        server.destroy()
