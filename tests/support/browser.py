"""A real Chromium, Debian's own, driven by playwright: no browser is ever downloaded.

Every test that uses one of these fixtures carries the marker `browser`. Without Chromium such
a test is skipped, which the last lines of the run say aloud; in CI (variable CI) it fails.
"""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

MISSING = "no Chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)"

# Camera and microphone are Chromium's own moving picture and beep. The loopback and mDNS
# switches let ICE work on 127.0.0.1 alone; the rest keeps Chromium from talking to the world.
# Never --disable-gpu: it halves the frame rate of four pages.
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def require_chromium() -> str:
    """The path of Chromium; skips the test without one, and fails it in CI."""
    path = shutil.which("chromium")
    if path is not None:
        return path
    if os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING)


@pytest.fixture
def chromium_path() -> str:
    """Where Chromium is, for a test that starts it itself."""
    return require_chromium()


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """One headless Chromium for the test; a person is one `browser.new_context()`.

    Four pages at 640×360 are what two cores carry (measured: 8 fall to 9 frames per second).
    """
    async with async_playwright() as playwright:
        # playwright adds --no-sandbox itself, which root needs.
        launched = await playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield launched
        await launched.close()
