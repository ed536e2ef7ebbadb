"""A real Firefox, Debian's own, driven by its marionette; a person before it.

The browser runs inside a network namespace, and so does the one thread that speaks with it.
Without Firefox the test is skipped, which the last lines of the run say aloud; in CI it fails."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from marionette_driver.marionette import Marionette

from tests.support.netns import Namespace
from tests.support.person import HERE, why_not_in_contact
from tests.support.wait import wait_until

MISSING = "no Firefox on this machine (Debian: apt-get install firefox-esr)"
PORT = 2828
STARTED_S = 60
SCRIPT_S = 30

PREFERENCES: dict[str, bool | int | str] = {
    "marionette.port": PORT,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "privacy.reduceTimerPrecision": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "intl.accept_languages": "zh-CN",
}


def require_firefox() -> str:
    """The path of Firefox; skips the test without one, and fails it in CI."""
    path = shutil.which("firefox-esr")
    if path is not None:
        return path
    if os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING)


class FirefoxPerson:
    """What a `Person` does (tests/support/person.py), before Firefox."""

    def __init__(self, name: str, driver: Marionette, thread: ThreadPoolExecutor) -> None:
        self.name = name
        self._driver = driver
        self._thread = thread

    async def open(self, link: str) -> None:
        """The link page, and its one button; then the device check, with both devices found."""
        await self._do(self._driver.navigate, link)
        await self._click("form button[type=submit]")
        await self._shown('[data-testid="enter"]')
        # The page makes its connections when it enters: the probe is there before.
        await self._do(self._run, (HERE / "page_probe.js").read_text("utf-8"))

    async def enter(self) -> None:
        """From the device check into the room."""
        await self._click('[data-testid="enter"]')
        await self._shown('[data-testid="control-leave"]')

    async def come_in(self, link: str) -> None:
        """From the link to the room."""
        await self.open(link)
        await self.enter()

    async def press(self, control: str) -> None:
        """One control of the bar, as `Person.press`."""
        await self._click(f'[data-testid="control-{control}"]')

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression of the page; a promise is waited for."""
        script = (
            "const done = arguments[arguments.length - 1];"
            f"Promise.resolve({expression}).then((value) => done({{ value }}),"
            " (error) => done({ error: String(error) }));"
        )
        answer = await self._do(self._run_async, script)
        assert "error" not in answer, answer
        return answer.get("value")

    async def sees_and_hears(self, others: Sequence[str], frames: int) -> str | None:
        """Why not yet, as `Person.sees_and_hears`."""
        rows = await self.evaluate("window.probe.streams()")
        contrasts = await self.evaluate("window.probe.contrasts()")
        return why_not_in_contact(self.name, rows, contrasts, (others, frames))

    async def screenshot(self) -> bytes:
        """What the page looks like, as PNG."""
        picture: bytes = await self._do(lambda: self._driver.screenshot(format="binary"))
        return picture

    async def _shown(self, selector: str) -> None:
        async def probe() -> str | None:
            found = await self.evaluate(f"!!document.querySelector('{selector}')")
            if found:
                return None
            text = await self.evaluate("document.body.innerText.slice(0, 600)")
            return f"{self.name} has no {selector}; the page says: {text}"

        await wait_until(probe, 60)

    async def _click(self, selector: str) -> None:
        await self._shown(selector)
        await self.evaluate(f"document.querySelector('{selector}').click()")

    async def _do(self, call: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    def _run(self, script: str) -> Any:
        return self._driver.execute_script(script, sandbox=None)

    def _run_async(self, script: str) -> Any:
        return self._driver.execute_async_script(script, sandbox=None)


@asynccontextmanager
async def firefox(inside: Namespace, name: str, folder: Path) -> AsyncIterator[FirefoxPerson]:
    """A person before a Firefox with a profile of its own, which takes any certificate."""
    process = await asyncio.to_thread(_launch, inside, folder)
    thread = ThreadPoolExecutor(1, "firefox", inside.enter)
    loop = asyncio.get_running_loop()
    driver = Marionette(host="127.0.0.1", port=PORT, socket_timeout=60)
    try:
        await loop.run_in_executor(thread, _begin, driver)
        yield FirefoxPerson(name, driver, thread)
        await loop.run_in_executor(thread, driver.delete_session)
    finally:
        thread.shutdown(wait=False, cancel_futures=True)
        os.killpg(process.pid, signal.SIGKILL)  # its profile is thrown away
        await asyncio.to_thread(process.wait, 10)


def _launch(inside: Namespace, folder: Path) -> subprocess.Popen[bytes]:
    line = [require_firefox(), "-headless", "-marionette", "-no-remote"]
    line += ["-profile", str(_profile(folder))]
    with (folder / "firefox.log").open("wb") as log:
        return subprocess.Popen(
            inside.command(*line),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder)},
            start_new_session=True,
        )


def _begin(driver: Marionette) -> None:
    driver.raise_for_port(timeout=STARTED_S, check_process_status=False)
    driver.start_session({"acceptInsecureCerts": True})
    driver.timeout.script = SCRIPT_S


def _profile(folder: Path) -> Path:
    profile = folder / "firefox"
    profile.mkdir(parents=True)
    lines = (f'user_pref("{key}", {_literal(value)});' for key, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return profile


def _literal(value: bool | int | str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
