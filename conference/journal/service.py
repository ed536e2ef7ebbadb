"""The one writer of the journal.

Appends are queued; the writer task takes what waits, gives every event its place in its stream,
commits all of it in one transaction (group commit: one disk flush for many sessions) and only
then answers those who wait and hands the entries to the subscribers, in the order of the commit.

Overload: more than `max_waiting` appends refuse the next (`JournalBusy`). A subscriber whose
queue is full is told so once (`Subscription.next` raises `Overrun`), and reads on from the store.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from conference.events.base import Draft, Entry, place
from conference.events.codec import decode
from conference.ids import Randomness
from conference.journal.chain import SALT_BYTES, Head, head_after, seal
from conference.journal.ports import (
    JournalBusy,
    JournalFailed,
    JournalStore,
    Sealed,
    StreamMoved,
)
from conference.tasks import TaskOwner

_log = logging.getLogger(__name__)

MAX_BATCH = 256
"""Appends in one transaction; bounds the time that the first of them waits."""


READ_AT_ONCE = 500
"""Entries decoded before others get their turn; about 10 ms."""


class Overrun(Exception):
    """The subscriber was too slow and missed entries: read them from the store."""


class Subscription:
    """Committed entries in order, one list per append. One reader."""

    def __init__(self, max_waiting: int) -> None:
        self._queue: asyncio.Queue[list[Entry]] = asyncio.Queue(max_waiting)
        self._overrun = False

    async def next(self) -> list[Entry]:
        if self._overrun and self._queue.empty():
            self._overrun = False
            raise Overrun
        return await self._queue.get()

    def offer(self, entries: list[Entry]) -> None:
        """Called by the journal. After an overrun nothing is queued until the reader knows."""
        if not self._overrun:
            try:
                self._queue.put_nowait(entries)
            except asyncio.QueueFull:
                self._overrun = True


@dataclass(slots=True)
class _Append:
    stream: str
    drafts: Sequence[Draft]
    after: int | None
    done: "asyncio.Future[list[Entry]]"
    entries: list[Entry] = field(default_factory=list)


class JournalService:
    """Owned by the event loop it was made on; `start` spawns the writer, `close` lets it finish
    what was accepted and ends it."""

    def __init__(self, store: JournalStore, random: Randomness, max_waiting: int = 1024) -> None:
        self._store = store
        self._random = random
        self._inbox: asyncio.Queue[_Append | None] = asyncio.Queue(max_waiting)
        self._heads: dict[str, Head] = {}
        self._subscriptions: list[Subscription] = []
        self._tasks = TaskOwner("journal")
        self._writer: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        self._writer = self._tasks.spawn("writer", self._write_all())

    async def close(self) -> None:
        """What was accepted is committed or refused before this returns."""
        self._closing = True
        if self._writer is not None:
            await self._inbox.put(None)
            await asyncio.wait([self._writer])
        await self._tasks.close()

    @property
    def waiting(self) -> int:
        """Appends that the writer has not taken yet, for the metrics."""
        return self._inbox.qsize()

    def subscribe(self, max_waiting: int = 1024) -> Subscription:
        subscription = Subscription(max_waiting)
        self._subscriptions.append(subscription)
        return subscription

    async def append(
        self, stream: str, drafts: Sequence[Draft], after: int | None = None
    ) -> list[Entry]:
        """Put the drafts at the end of the stream, all or none; returns them in their places once
        they are durable. `after`: the number of the entry they were decided on; StreamMoved if
        that is not the last one. StorageFull, JournalBusy or JournalFailed: nothing was told to
        anyone, and the stream's end has to be read again before it is relied on."""
        if self._closing:
            raise JournalFailed("the journal is closed")
        done: asyncio.Future[list[Entry]] = asyncio.get_running_loop().create_future()
        try:
            self._inbox.put_nowait(_Append(stream, drafts, after, done))
        except asyncio.QueueFull:
            raise JournalBusy("too much waits to be written") from None
        return await done

    async def read(self, stream: str, after: int = 0) -> list[Entry]:
        """Entries with a number above `after`. UnreadableEntry when a newer version wrote there,
        JournalFailed when a payload was erased: such a stream is history, not to be continued."""
        entries = []
        for number, row in enumerate(await self._store.read(stream, after), 1):
            if number % READ_AT_ONCE == 0:
                await asyncio.sleep(0)
            if row.payload is None:
                raise JournalFailed(f"entry {row.seq} of {stream} was erased")
            entries.append(decode(row.payload))
        return entries

    async def _write_all(self) -> None:
        while (first := await self._inbox.get()) is not None:
            batch, last = self._take_waiting(first)
            await self._commit_or_split(batch)
            if last:
                return

    def _take_waiting(self, first: _Append) -> tuple[list[_Append], bool]:
        batch = [first]
        while len(batch) < MAX_BATCH and not self._inbox.empty():
            item = self._inbox.get_nowait()
            if item is None:
                return batch, True
            batch.append(item)
        return batch, False

    async def _commit_or_split(self, batch: list[_Append]) -> None:
        """A batch that fails is tried append by append, so that one stream's fault is its own."""
        error = await self._commit(batch)
        if error is not None and len(batch) > 1:
            for append in batch:
                self._answer([append], await self._commit([append]))
        else:
            self._answer(batch, error)

    async def _commit(self, batch: list[_Append]) -> JournalFailed | None:
        heads: dict[str, Head] = {}
        sealed: list[Sealed] = []
        try:
            for append in batch:
                head = heads.get(append.stream) or await self._head(append.stream)
                heads[append.stream] = self._seal(append, head, sealed)
            await self._store.append(sealed)
        except JournalFailed as error:
            self._forget(batch)
            return error
        except Exception as error:
            _log.exception("the journal's store failed")
            self._forget(batch)
            return JournalFailed(type(error).__name__)
        self._heads.update(heads)
        return None

    def _forget(self, batch: list[_Append]) -> None:
        """After a failure nobody knows where the streams end; the store is asked again."""
        for append in batch:
            self._heads.pop(append.stream, None)

    async def _head(self, stream: str) -> Head:
        known = self._heads.get(stream)
        return known if known is not None else await self._store.head(stream)

    def _seal(self, append: _Append, head: Head, into: list[Sealed]) -> Head:
        if append.after is not None and append.after != head.seq:
            raise StreamMoved(f"ends at entry {head.seq}, not {append.after}")
        append.entries = []
        for draft in append.drafts:
            entry = place(draft, append.stream, head.seq + 1)
            salt = self._random.getrandbits(8 * SALT_BYTES).to_bytes(SALT_BYTES, "big")
            row = seal(entry, head, salt)
            head = head_after(row)
            append.entries.append(entry)
            into.append(Sealed(entry, row))
        return head

    def _answer(self, batch: list[_Append], error: JournalFailed | None) -> None:
        for append in batch:
            if error is None:
                for subscription in self._subscriptions:
                    subscription.offer(append.entries)
            if append.done.done():
                continue
            if error is None:
                append.done.set_result(append.entries)
            else:
                append.done.set_exception(error)
