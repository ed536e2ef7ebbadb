"""https with the installation's own authority, in a network of the test's own: Chromium trusts the
root by its policy, Firefox takes any certificate, and both meet a third in the room."""

import base64
import hashlib
import json
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, async_playwright

from tests.e2e.conftest import SCREENSHOTS
from tests.support.accessibility import faults, keep_pictures
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
PATIENCE_S = 60
"""Two browsers and a decoding participant on two cores, which other tests may share."""

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


@contextmanager
def trusting(https_server: ServerProcess) -> Iterator[None]:
    """The root in Chromium's managed policy, as /ca tells an administrator to do it."""
    root = ssl.PEM_cert_to_DER_cert((https_server.data / "ca" / "root.crt").read_text())
    policy = POLICIES / f"conference-test-{os.getpid()}.json"
    missing = [folder for folder in (POLICIES, POLICIES.parent) if not folder.exists()]
    POLICIES.mkdir(parents=True, exist_ok=True)
    policy.write_text(json.dumps({"CACertificates": [base64.b64encode(root).decode()]}))
    try:
        yield
    finally:
        policy.unlink()
        for folder in missing:
            folder.rmdir()


@pytest.fixture
def trusted(https_server: ServerProcess) -> Iterator[None]:
    """For the whole test."""
    with trusting(https_server):
        yield


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
    run = inside.command("env", f"SSL_CERT_FILE={https_server.data / 'ca' / 'root.crt'}")
    async with AsyncExitStack() as stack:
        third = await stack.enter_async_context(crowd(tmp_path / "crowd", plan, run))
        one = await stack.enter_async_context(chromium(inside, chromium_path, tmp_path))
        other = await stack.enter_async_context(firefox(inside, FIREFOX, tmp_path))
        one.page.set_default_timeout(PATIENCE_S * 1000)
        await one.come_in(links[CHROMIUM])
        await other.come_in(links[FIREFOX])
        await third.ready(PATIENCE_S)
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


async def test_the_root_is_wanted_found_compared_and_fetched(
    https_server: ServerProcess, inside: Namespace, chromium_path: str, tmp_path: Path
) -> None:
    address = f"{https_server.base_url}/ca?lang=en"
    async with chromium(inside, chromium_path, tmp_path) as stranger:
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            await stranger.page.goto(address)
    with trusting(https_server):
        async with chromium(inside, chromium_path, tmp_path) as known:
            await known.page.goto(address)
            printed = await known.page.get_by_test_id("fingerprint").inner_text()
            assert f"SHA-256 {printed}" in https_server.log()
            for _ in range(5):  # two languages, two downloads, the first system
                await known.page.keyboard.press("Tab")
            await known.page.keyboard.press("Enter")
            assert await known.page.get_by_text("Install Certificate").is_visible()
            await keep_pictures(known.page, "root")
            assert await faults(known.page) == []
            async with known.page.expect_download() as coming:
                await known.page.get_by_role("link", name="Download").click()
            await (await coming.value).save_as(tmp_path / "root.cer")
    root = (tmp_path / "root.cer").read_bytes()
    assert hashlib.sha256(root).digest().hex(":").upper() == printed


async def test_firefox_goes_through_mutes_departures_and_a_restart(
    https_server: ServerProcess, inside: Namespace, tmp_path: Path
) -> None:
    links = https_server.demo()["sessions"][0]["join_urls"]
    run = inside.command("env", f"SSL_CERT_FILE={https_server.data / 'ca' / 'root.crt'}")

    def plan(name: str, script: str = "") -> dict[str, Any]:
        return {"seconds": 120, "participants": [participant(name, links[name], 1, script)]}

    async with AsyncExitStack() as stack:
        page = await stack.enter_async_context(firefox(inside, FIREFOX, tmp_path))
        await page.come_in(links[FIREFOX])
        mutes = "3 mute camera, 5 unmute camera"
        staying = crowd(tmp_path / "staying", plan(THIRD, mutes), run)
        third = await stack.enter_async_context(staying)
        async with crowd(tmp_path / "leaving", plan("刘卫东"), run) as leaving:
            await meets(page, (THIRD, "刘卫东"), 60)
            leaving.stop()
            await leaving.reports(20)
        # Whoever comes now gets the place of the one who left.
        coming = crowd(tmp_path / "coming", plan("陈志强"), run)
        await stack.enter_async_context(coming)
        await meets(page, (THIRD, "陈志强"), 60)
        await page.press("camera")
        await page.press("camera")
        sent = await frames_sent(page)
        await wait_until(lambda: sends_more(page, sent + 20), 10)

        made = await page.evaluate("window.probe.connections()")
        await https_server.kill()
        await https_server.start()
        await wait_until(lambda: has_more_connections(page, made), 15)
        await meets(page, (THIRD, "陈志强"), 20)
        sent = await frames_sent(page)
        await wait_until(lambda: sends_more(page, sent + 20), 10)
        assert third.running(), third.output()


async def meets(page: FirefoxPerson, others: tuple[str, ...], frames: int) -> None:
    await wait_until(lambda: page.sees_and_hears(others, frames), PATIENCE_S, interval=0.3)


async def has_more_connections(page: FirefoxPerson, made: int) -> str | None:
    """Both are built anew with a server that knows nothing of the old ones."""
    now = int(await page.evaluate("window.probe.connections()"))
    return None if now == made + 2 else f"{page.name} has made {now - made} new connections"


async def frames_sent(page: FirefoxPerson) -> int:
    rows = await page.evaluate("window.probe.outgoing()")
    return max(row["framesSent"] or 0 for row in rows)


async def sends_more(page: FirefoxPerson, wanted: int) -> str | None:
    sent = await frames_sent(page)
    return None if sent >= wanted else f"{page.name} has sent {sent} of {wanted} frames"


async def everybody(one: Person, other: FirefoxPerson, frames: int) -> None:
    """Each sees and hears the other and the third."""

    async def probe() -> str | None:
        why = await one.sees_and_hears((FIREFOX, THIRD), frames)
        return why or await other.sees_and_hears((CHROMIUM, THIRD), frames)

    await wait_until(probe, PATIENCE_S, interval=0.3)


async def decoded(one: Person, other: FirefoxPerson) -> list[int]:
    """Frames of every picture so far."""
    rows = [*await one.streams(), *await other.evaluate("window.probe.streams()")]
    return [row["frames"] for row in rows if row["kind"] == "video"]


async def keep(one: Person, other: FirefoxPerson) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await one.page.screenshot(path=SCREENSHOTS / "https-chromium.png")
    (SCREENSHOTS / "https-firefox.png").write_bytes(await other.screenshot())
