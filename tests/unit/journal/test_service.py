"""The journal's writer: order, group commit, and what happens when the store fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from conference.events.base import Draft, Entry
from conference.events.room import SessionOpened, SessionPaused, SessionResumed
from conference.journal.ports import JournalBusy, JournalFailed, StorageFull, StreamMoved
from conference.journal.service import Overrun
from conference.journal.verify import verify_journal
from conference.tasks import TaskOwner
from tests.support.journal import OpenJournal, disk_error, open_journal
from tests.support.virtual_clock import VirtualClock
from tests.support.wait import wait_until

NOW = VirtualClock().now()
OPENED = Draft(SessionOpened(), NOW)
PAUSED = Draft(SessionPaused("host"), NOW)
RESUMED = Draft(SessionResumed(), NOW)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[OpenJournal]:
    async with open_journal(tmp_path / "journal.db", max_waiting=8) as opened:
        yield opened


@pytest.fixture
async def tasks() -> AsyncIterator[TaskOwner]:
    async with TaskOwner("test", lambda name, error: None) as owner:
        yield owner


async def outcome(append: Awaitable[list[Entry]]) -> list[int] | type[Exception]:
    try:
        return [entry.seq for entry in await append]
    except JournalFailed as error:
        return type(error)


async def held_back(
    journal: OpenJournal, tasks: TaskOwner, *streams: str, after: int | None = None
) -> "list[asyncio.Task[list[int] | type[Exception]]]":
    """One append per stream; the first is in the store's hands, the others wait in the inbox."""
    journal.store.gate.clear()
    waiting = []
    for behind, stream in enumerate(streams):
        append = outcome(journal.service.append(stream, [OPENED], after))
        waiting.append(tasks.spawn(stream, append))
        await wait_until(partial(held, journal, behind), timeout=5, interval=0.001)
    return waiting


def held(journal: OpenJournal, behind: int) -> str | None:
    found = (journal.store.waiting, journal.service.waiting)
    return None if found == (1, behind) else f"{found} appends in the store's hands and waiting"


async def test_entries_get_their_places_and_stay(journal: OpenJournal) -> None:
    first = await journal.service.append("a", [OPENED, PAUSED])
    other = await journal.service.append("b", [OPENED])
    more = await journal.service.append("a", [RESUMED])
    assert [(e.stream, e.seq) for e in [*first, *other, *more]] == [
        ("a", 1),
        ("a", 2),
        ("b", 1),
        ("a", 3),
    ]
    assert await journal.service.read("a") == [*first, *more]
    assert await journal.service.read("a", after=2) == more
    assert await journal.service.read("nothing") == []
    assert await verify_journal(journal.store) == []


async def test_a_new_life_goes_on_with_the_chain(tmp_path: Path) -> None:
    for _ in range(3):
        async with open_journal(tmp_path / "lives.db") as journal:
            await journal.service.append("a", [OPENED])
            assert await verify_journal(journal.store) == []
    async with open_journal(tmp_path / "lives.db") as journal:
        assert [entry.seq for entry in await journal.service.read("a")] == [1, 2, 3]


async def test_what_waits_is_committed_together(journal: OpenJournal, tasks: TaskOwner) -> None:
    waiting = await held_back(journal, tasks, "a", "b", "c", "a", "b")
    journal.store.gate.set()
    assert [await task for task in waiting] == [[1], [1], [1], [2], [2]]
    assert journal.store.batches == [1, 4]
    assert await verify_journal(journal.store) == []


async def test_nothing_is_told_before_it_is_stored(journal: OpenJournal, tasks: TaskOwner) -> None:
    subscription = journal.service.subscribe()
    heard = tasks.spawn("subscriber", subscription.next())
    (append,) = await held_back(journal, tasks, "a")
    assert not heard.done()
    assert not append.done()
    journal.store.gate.set()
    assert await append == [1]
    assert [entry.seq for entry in await heard] == [1]


async def test_subscribers_hear_all_in_the_order_of_the_commit(journal: OpenJournal) -> None:
    subscription = journal.service.subscribe()
    appended = [await journal.service.append(stream, [OPENED, PAUSED]) for stream in "abab"]
    assert [await subscription.next() for _ in range(4)] == appended


async def test_a_slow_subscriber_is_told_once_that_it_missed_something(
    journal: OpenJournal,
) -> None:
    slow = journal.service.subscribe(max_waiting=2)
    for _ in range(4):
        await journal.service.append("a", [OPENED])
    heard = [(await slow.next())[0].seq for _ in range(2)]
    with pytest.raises(Overrun):
        await slow.next()
    assert heard == [1, 2]
    await journal.service.append("a", [OPENED])
    assert [entry.seq for entry in await slow.next()] == [5]


async def test_too_much_at_once_is_refused_and_the_rest_goes_on(
    journal: OpenJournal, tasks: TaskOwner
) -> None:
    waiting = await held_back(journal, tasks, *("abcdefghi"[i] for i in range(9)))
    assert await outcome(journal.service.append("z", [OPENED])) is JournalBusy
    journal.store.gate.set()
    assert [await task for task in waiting] == [[1]] * 9


@pytest.mark.parametrize("failure", [StorageFull("full"), disk_error(), RuntimeError("bug")])
async def test_a_failed_commit_is_told_and_the_next_one_goes_on(
    journal: OpenJournal, failure: Exception
) -> None:
    subscription = journal.service.subscribe()
    await journal.service.append("a", [OPENED])
    journal.store.failures = [failure]
    told = type(failure) if isinstance(failure, JournalFailed) else JournalFailed
    assert await outcome(journal.service.append("a", [PAUSED])) is told
    assert await outcome(journal.service.append("a", [RESUMED])) == [2]
    assert [(await subscription.next())[0].event for _ in range(2)] == [
        OPENED.event,
        RESUMED.event,
    ]
    assert await verify_journal(journal.store) == []


async def test_a_commit_that_failed_after_the_fact_makes_no_fork(journal: OpenJournal) -> None:
    journal.store.failures = [disk_error()]
    journal.store.stored_all_the_same = True
    assert await outcome(journal.service.append("a", [OPENED])) is JournalFailed
    assert await outcome(journal.service.append("a", [PAUSED])) == [2]
    assert await verify_journal(journal.store) == []


async def test_one_streams_fault_is_its_own(journal: OpenJournal, tasks: TaskOwner) -> None:
    """Another process writes to stream b, so that its next place is taken."""
    for stream in "abc":
        await journal.service.append(stream, [OPENED])
    waiting = await held_back(journal, tasks, "a", "b", "c", after=1)
    async with beside(journal) as other:
        await other.service.append("b", [PAUSED])
    journal.store.gate.set()
    assert [await task for task in waiting] == [[2], StreamMoved, [2]]
    assert await outcome(journal.service.append("b", [RESUMED], after=2)) == [3]
    assert await verify_journal(journal.store) == []


@asynccontextmanager
async def beside(journal: OpenJournal) -> AsyncIterator[OpenJournal]:
    """A second writer on the same database."""
    other = OpenJournal(journal.database)
    other.service.start()
    yield other
    await other.service.close()


async def test_closing_finishes_what_was_accepted(journal: OpenJournal, tasks: TaskOwner) -> None:
    waiting = await held_back(journal, tasks, "a", "b")
    closing = tasks.spawn("close", journal.service.close())
    journal.store.gate.set()
    await closing
    assert [await task for task in waiting] == [[1], [1]]
    assert await outcome(journal.service.append("a", [PAUSED])) is JournalFailed


async def test_who_gave_up_waiting_harms_nobody(journal: OpenJournal, tasks: TaskOwner) -> None:
    waiting = await held_back(journal, tasks, "a", "b")
    waiting[0].cancel()
    journal.store.gate.set()
    assert await waiting[1] == [1]
    assert [entry.seq for entry in await journal.service.read("a")] == [1]
