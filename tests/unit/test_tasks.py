"""Tasks have a name, an owner and an end."""

import asyncio
import logging

import pytest

from conference.tasks import TaskOwner


class Heard:
    """A failure callback that takes notes."""

    def __init__(self) -> None:
        self.failures: list[tuple[str, str]] = []

    def __call__(self, name: str, error: BaseException) -> None:
        self.failures.append((name, str(error)))


async def fail(words: str) -> None:
    raise ValueError(words)


async def for_ever(ended: list[str], words: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(words)


async def answer() -> int:
    return 42


async def test_a_task_has_its_owners_name_and_its_own_and_gives_its_result() -> None:
    async with TaskOwner("room") as owner:
        task = owner.spawn("loop", answer())
        assert task.get_name() == "room/loop"
        assert await task == 42


async def test_closing_ends_all_and_waits_for_their_ends() -> None:
    ended: list[str] = []
    heard = Heard()
    owner = TaskOwner("room", heard)
    for words in ("a", "b"):
        owner.spawn(words, for_ever(ended, words))
    await asyncio.sleep(0)
    await owner.close()
    await owner.close()
    assert sorted(ended) == ["a", "b"]
    assert heard.failures == []


async def test_a_failure_is_heard_once_and_by_who_waits_as_well() -> None:
    heard = Heard()
    async with TaskOwner("room", heard) as owner:
        with pytest.raises(ValueError, match="broken"):
            await owner.spawn("loop", fail("broken"))
    assert heard.failures == [("room/loop", "broken")]


async def test_a_failure_that_nobody_asks_for_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        async with TaskOwner("room") as owner:
            await asyncio.wait([owner.spawn("loop", fail("broken"))])
    assert "room/loop" in caplog.text
    assert "broken" in caplog.text


async def test_a_closed_owner_starts_nothing() -> None:
    owner = TaskOwner("room")
    await owner.close()
    with pytest.raises(RuntimeError, match="room is closed"):
        owner.spawn("loop", answer())


async def test_a_task_may_close_its_own_owner() -> None:
    ended: list[str] = []
    owner = TaskOwner("room")
    owner.spawn("other", for_ever(ended, "other"))
    await owner.spawn("closer", owner.close())
    assert ended == ["other"]


async def test_a_task_that_starts_another_while_it_is_cancelled_leaves_none_behind() -> None:
    owner = TaskOwner("room")
    refused: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            try:
                owner.spawn("late", answer())
            except RuntimeError as error:
                refused.append(str(error))

    owner.spawn("stubborn", stubborn())
    await asyncio.sleep(0)
    await owner.close()
    assert len(refused) == 1
