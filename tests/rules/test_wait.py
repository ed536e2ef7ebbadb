"""The helper every other test leans on: it ends at once, and its failure carries the sentence."""

import asyncio

import pytest

from tests.support.wait import block_until, wait_until


async def test_waits_while_the_loop_runs_and_ends_when_content() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, done.set)
    await wait_until(lambda: None if done.is_set() else "not yet", 5.0, 0.01)
    assert done.is_set()


async def test_takes_a_probe_that_awaits() -> None:
    answers = iter(["two to go", "one to go", None])

    async def probe() -> str | None:
        return next(answers)

    await wait_until(probe, 5.0, 0.0)
    assert next(answers, "spent") == "spent"


async def test_says_why_not_when_time_is_up() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"after 0\.02 s still: 3 of 4 tiles"):
        await wait_until(lambda: "3 of 4 tiles", 0.02, 0.01)


def test_the_blocking_one_says_why_not_too() -> None:
    with pytest.raises(pytest.fail.Exception, match="after 0 s still: no file"):
        block_until(lambda: "no file", 0.0)
    block_until(lambda: "", 0.0)
