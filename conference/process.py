"""A server as a process: from the command line's configuration to its exit code."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack

from conference.app import open_server
from conference.certificates.policy import CertificateFault
from conference.config import Configuration
from conference.documents.render.fonts import FontsMissing
from conference.journal.ports import JournalFailed, StorageFull
from conference.listening import PortTaken
from conference.storage.directory import DirectoryTaken, DirectoryUnusable
from conference.storage.migrate import NewerDatabase

CLOSE_S = 4.5


class CannotStart(Exception):
    """One sentence for the person at the terminal."""


def run(config: Configuration) -> int:
    """Serve until SIGTERM or Ctrl-C. Exit code 0, or 2 with one sentence when nothing could be
    served."""
    _log_to_stderr(config.log.level)
    try:
        asyncio.run(_serve(config))
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 2
    return 0


async def _serve(config: Configuration) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(open_server(config))
        except tuple(_SENTENCES) as error:
            told = next(tell for kind, tell in _SENTENCES.items() if isinstance(error, kind))
            raise CannotStart(told(error)) from None
        print(f"ready {url}", flush=True)
        await stop.wait()
        loop.call_later(CLOSE_S, _give_up)


def _give_up() -> None:
    """Something does not end; what is acknowledged is stored, and the writer seals by itself."""
    logging.getLogger(__name__).error("the server did not end in time")
    os._exit(1)


_SENTENCES: dict[type[Exception], Callable[[Exception], str]] = {
    DirectoryTaken: str,
    DirectoryUnusable: str,
    PortTaken: str,
    CertificateFault: str,
    FontsMissing: str,
    NewerDatabase: lambda error: f"the database was written by a newer version: {error}",
    StorageFull: lambda error: "the disk of the data directory is full",
    JournalFailed: lambda error: f"the database cannot be opened: {error}",
}


def _log_to_stderr(level: str) -> None:
    """Libraries say less: their lines may hold addresses."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    for library in ("aiohttp", "aiosqlite", "asyncio", "aioice", "aiortc", "alembic", "sqlalchemy"):
        logging.getLogger(library).setLevel(logging.WARNING)
