"""https with the installation's own authority, in a network of the test's own: Chromium trusts the
root by its policy, Firefox takes any certificate, and both meet a third in the room."""

import base64
import json
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.e2e.conftest import SCREENSHOTS
from tests.support.browser import FLAGS
from tests.support.firefox import FirefoxPerson, firefox
from tests.support.netns import Namespace, namespace
from tests.support.participants import crowd, not_left
from tests.support.participants import person as participant
from tests.support.person import Person, person
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

pytestmark = [pytest.mark.root, pytest.mark.browser]

POLICIES = Path("/etc/chromium/policies/managed")
THIRD, CHROMIUM, FIREFOX = "马晓燕", "刘卫东", "王建国"
SWITCHES = [flag for flag in FLAGS if "loopback" not in flag and "Mdns" not in flag]


@pytest.fixture
def inside() -> Iterator[Namespace]:
    with namespace() as made:
        yield made


@pytest.fixture
async def https_server(inside: Namespace, tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """The demo on the namespace's address."""
    arguments = ("--demo", "--host", inside.address)
    server = ServerProcess(tmp_path / "data", arguments, inside.command())
    try:
        await server.start()
        yield server
    finally:
        server.destroy()
        print(server.whole_log())


@pytest.fixture
def trusted(https_server: ServerProcess) -> Iterator[None]:
    """The root in Chromium's managed policy, as /ca tells an administrator to do it."""
    root = ssl.PEM_cert_to_DER_cert((https_server.data / "ca" / "root.crt").read_text())
    policy = POLICIES / f"conference-test-{os.getpid()}.json"
    missing = [folder for folder in (POLICIES, POLICIES.parent) if not folder.exists()]
    POLICIES.mkdir(parents=True, exist_ok=True)
    policy.write_text(json.dumps({"CACertificates": [base64.b64encode(root).decode()]}))
    yield
    policy.unlink()
    for folder in missing:
        folder.rmdir()


@asynccontextmanager
async def chromium(inside: Namespace, path: str, folder: Path) -> AsyncIterator[Person]:
    """A person before a Chromium in the namespace."""
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=inside.wrapper(path, folder), args=SWITCHES
        )
        stack.push_async_callback(browser.close)
        yield await stack.enter_async_context(person(browser, CHROMIUM))


async def test_chromium_and_firefox_meet_over_https(
    https_server: ServerProcess,
    trusted: None,
    inside: Namespace,
    chromium_path: str,
    tmp_path: Path,
) -> None:
    links = https_server.demo()["sessions"][0]["join_urls"]
    assert links[FIREFOX].startswith(f"https://{inside.address}:{https_server.port}/j/")
    watching = participant(THIRD, links[THIRD], 1, watch=True)
    plan = {"seconds": 120, "participants": [watching]}
    root = https_server.data / "ca" / "root.crt"
    trusting = inside.command("env", f"SSL_CERT_FILE={root}")
    async with AsyncExitStack() as stack:
        third = await stack.enter_async_context(crowd(tmp_path / "crowd", plan, trusting))
        one = await stack.enter_async_context(chromium(inside, chromium_path, tmp_path))
        other = await stack.enter_async_context(firefox(inside, FIREFOX, tmp_path))
        await one.come_in(links[CHROMIUM])
        await other.come_in(links[FIREFOX])
        await third.ready()
        await everybody(one, other, 30)
        seen = await decoded(one, other)
        # Counted anew, so that the pictures go on and were not the first second's.
        await everybody(one, other, max(seen) + 60)
        assert one.complaints == []
        await keep(one, other)
        third.stop()
        reports = await third.reports(30)
    assert not not_left(reports)
    # The third decodes both: two pictures that are no plain area, two sounds that are no silence.
    came = reports[0]["decoded"].values()
    pictures = [each for each in came if each.get("frames", 0) > 60 and each["shades"] > 4]
    sounds = [each for each in came if each.get("packets", 0) > 100 and each["peak"] > 100]
    assert (len(pictures), len(sounds)) == (2, 2), reports[0]["decoded"]


async def everybody(one: Person, other: FirefoxPerson, frames: int) -> None:
    """Each sees and hears the other and the third."""

    async def probe() -> str | None:
        why = await one.sees_and_hears((FIREFOX, THIRD), frames)
        return why or await other.sees_and_hears((CHROMIUM, THIRD), frames)

    await wait_until(probe, 30, interval=0.3)


async def decoded(one: Person, other: FirefoxPerson) -> list[int]:
    """Frames of every picture so far."""
    rows = [*await one.streams(), *await other.evaluate("window.probe.streams()")]
    return [row["frames"] for row in rows if row["kind"] == "video"]


async def keep(one: Person, other: FirefoxPerson) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await one.page.screenshot(path=SCREENSHOTS / "https-chromium.png")
    (SCREENSHOTS / "https-firefox.png").write_bytes(await other.screenshot())
