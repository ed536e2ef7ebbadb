"""The one way a test waits for something real: poll a probe that says why it is not so yet.

A probe returns None or "" when it is content, otherwise a sentence for the failure report
("3 of 4 tiles show a picture"). Logic that has a clock of its own is tested with
`tests.support.virtual_clock` instead and does not wait at all.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

Probe = Callable[[], str | None]
AsyncProbe = Callable[[], Awaitable[str | None]]


async def wait_until(probe: Probe | AsyncProbe, timeout: float, interval: float = 0.05) -> None:
    """Poll `probe` every `interval` seconds; after `timeout` seconds fail with its sentence.

    The probe may be a plain function or a coroutine function; the loop runs between two calls.
    """
    ends = time.monotonic() + timeout
    while True:
        answer = probe()
        reason = answer if isinstance(answer, str) or answer is None else await answer
        if not reason:
            return
        if time.monotonic() >= ends:
            pytest.fail(_too_late(timeout, reason), pytrace=False)
        await asyncio.sleep(interval)


def block_until(probe: Probe, timeout: float, interval: float = 0.05) -> None:
    """The same for a test without an event loop, which waits for another process."""
    ends = time.monotonic() + timeout
    while reason := probe():
        if time.monotonic() >= ends:
            pytest.fail(_too_late(timeout, reason), pytrace=False)
        time.sleep(interval)


def _too_late(timeout: float, reason: str) -> str:
    return f"after {timeout:g} s still: {reason}"
