"""The only door to asyncio's tasks: every task has a name, an owner and an end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")
OnFailure = Callable[[str, BaseException], None]

_log = logging.getLogger(__name__)


class TaskOwner:
    """Owns the tasks it spawned: none outlives `close`, and no failure goes unheard.

    `on_failure(task name, exception)` is called on the loop when a task ends with an exception
    of its own; without it the failure goes to the log. Someone who awaits the task gets the
    exception as well. Used from one event loop; not thread-safe.
    """

    def __init__(self, name: str, on_failure: OnFailure | None = None) -> None:
        self.name = name
        self._on_failure = on_failure or _log_failure
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def spawn(self, name: str, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task named `owner/name`. After `close` this is a RuntimeError."""
        if self._closed:
            coro.close()
            raise RuntimeError(f"{self.name} is closed and starts no more tasks")
        task = asyncio.create_task(coro, name=f"{self.name}/{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Cancel what still runs and wait until all of it has ended. May be called twice."""
        self._closed = True
        me = asyncio.current_task()
        while running := [task for task in self._tasks if task is not me]:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            self._tasks.difference_update(running)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._on_failure(task.get_name(), error)


def _log_failure(name: str, error: BaseException) -> None:
    _log.error("task %s failed", name, exc_info=error)
