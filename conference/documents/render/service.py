"""Makes the PDF of a completed document in a process of its own: typst holds its thread for up to
300 ms, and packets do not wait."""

import asyncio
import contextlib
import logging
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conference.documents.render.job import RenderJob
from conference.documents.render.wire import FAILED, LENGTH, PDF, frame
from conference.tasks import TaskOwner

WAITING = 16
"""Jobs in the queue; who brings one more waits until one is done."""
PATIENCE_S = 30.0
"""How long one PDF may take before its process counts as stuck."""
LIVES = 2
"""Processes that one job may cost; the second death is the job's fault."""

_WORKER = "conference.documents.render.worker"
_ROOT = Path(__file__).resolve().parents[3]
_log = logging.getLogger(__name__)


class RenderFailed(Exception):
    """No PDF. The message is for the log: it names no person."""


@dataclass(slots=True)
class _Order:
    job: RenderJob
    pdf: asyncio.Future[bytes]


class Renderer:
    """One process, started with the first job and again when it died. `folders`: the fonts."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = list(folders)
        self._orders: asyncio.Queue[_Order] = asyncio.Queue(WAITING)
        self._tasks = TaskOwner("renderer")
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Take jobs from now on."""
        self._tasks.spawn("press", self._work())

    async def close(self) -> None:
        """End the process at once; a job under way is RenderFailed."""
        await self._tasks.close()
        await self._end_process()
        while not self._orders.empty():
            _fail(self._orders.get_nowait(), "the renderer is closed")

    async def render(self, job: RenderJob) -> bytes:
        """PDF/A-3b; the same job gives the same bytes with the same fonts and typst. RenderFailed
        when it cannot be made: a character no font has, a process that dies or hangs twice."""
        order = _Order(job, asyncio.get_running_loop().create_future())
        await self._orders.put(order)
        return await order.pdf

    async def _work(self) -> None:
        while True:
            order = await self._orders.get()
            try:
                await self._serve(order)
            except asyncio.CancelledError:
                _fail(order, "the renderer is closed")
                raise

    async def _serve(self, order: _Order) -> None:
        reason = ""
        for _ in range(LIVES):
            try:
                async with asyncio.timeout(PATIENCE_S):
                    answer = await self._ask(order.job)
            except (OSError, EOFError, TimeoutError) as error:
                reason = f"its process ended: {type(error).__name__}"
                _log.warning("the renderer's process failed (%s)", type(error).__name__)
                await self._end_process()
                continue
            if order.pdf.done():  # nobody waits any more
                return
            if answer.startswith(PDF):
                order.pdf.set_result(answer[len(PDF) :])
            else:
                _fail(order, answer[len(FAILED) :].decode())
            return
        _fail(order, reason)

    async def _ask(self, job: RenderJob) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", _WORKER, *map(str, self._folders),
                stdin=PIPE, stdout=PIPE, cwd=_ROOT,
            )  # fmt: skip
        sink, source = self._process.stdin, self._process.stdout
        assert sink is not None and source is not None
        sink.write(frame(pickle.dumps(job)))
        await sink.drain()
        head = await source.readexactly(LENGTH.size)
        return await source.readexactly(*LENGTH.unpack(head))

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _fail(order: _Order, reason: str) -> None:
    if not order.pdf.done():
        order.pdf.set_exception(RenderFailed(reason))
