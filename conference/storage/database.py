"""Opens the database and says what went wrong in the words of the journal's ports."""

import errno
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import event, select, update
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from conference.journal.ports import JournalFailed, StorageFull
from conference.storage.migrate import migrate
from conference.storage.schema import write_probe

BUSY_MS = 5_000
"""How long a writer waits for another process's transaction."""

NEARLY_NOTHING = 256 * 1024
"""Free bytes below which an I/O error of SQLite is taken for a full disk: it reports some of
them, as of its shared memory file, not as SQLITE_FULL."""

POSTGRESQL_DISK_FULL = "53100"


class Database:
    """One database of one server. SQLite runs in WAL mode with synchronous=FULL: what was
    committed survives a loss of power. Every writing transaction begins IMMEDIATE, so that it
    waits for its turn at the start and never fails half-way for a lock."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(conference_write=True)

    @classmethod
    async def open(cls, where: Path | str) -> Self:
        """A path of a SQLite file, or an URL as SQLAlchemy writes it. Makes and migrates the
        schema; NewerDatabase when that is newer than this program."""
        url = _url(where)
        engine = create_async_engine(url)
        if url.get_backend_name() == "sqlite":
            event.listen(engine.sync_engine, "connect", _set_up_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
        database = cls(engine)
        try:
            async with database.write() as connection:
                await connection.run_sync(migrate)
        except BaseException:
            await engine.dispose()
            raise
        return database

    @classmethod
    def open_for_reading(cls, path: Path) -> Self:
        """A SQLite file that nobody changes through this object, as `verify` needs it."""
        if not path.is_file():
            raise FileNotFoundError(errno.ENOENT, "no such database", str(path))
        name = f"file:{path.resolve()}"
        query = {"mode": "ro", "uri": "true"}
        return cls(create_async_engine(URL.create("sqlite+aiosqlite", database=name, query=query)))

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view."""
        async with self._translating(), self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, durable when the block has been left without an exception.
        StorageFull: no space; JournalFailed: anything else that the database did not like."""
        async with self._translating(), self._writing.begin() as connection:
            yield connection

    async def probe_write(self) -> None:
        """Commit something small, for /healthz; StorageFull or JournalFailed when it cannot."""
        async with self.write() as connection:
            known = (await connection.execute(select(write_probe.c.writes))).scalar_one_or_none()
            if known is None:
                await connection.execute(write_probe.insert().values(id=1, writes=1))
            else:
                await connection.execute(update(write_probe).values(writes=known + 1))

    @asynccontextmanager
    async def _translating(self) -> AsyncIterator[None]:
        try:
            yield
        except DBAPIError as error:
            full = _means_full(error.orig, self._engine.url)
            raise (StorageFull if full else JournalFailed)(_words(error)) from error
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise (StorageFull if full else JournalFailed)(type(error).__name__) from error


def _url(where: Path | str) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite+aiosqlite", database=str(where))
    return make_url(where)


def _set_up_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("conference_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _means_full(cause: BaseException | None, url: URL) -> bool:
    if getattr(cause, "sqlstate", None) == POSTGRESQL_DISK_FULL:
        return True
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return False
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return True
    return primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _no_space(url)


def _no_space(url: URL) -> bool:
    try:
        state = os.statvfs(Path(url.database or ".").parent)
    except OSError:
        return False
    return state.f_bavail * state.f_frsize < NEARLY_NOTHING


def _words(error: DBAPIError) -> str:
    """The driver's sentence without statement and parameters, which hold people's names."""
    cause = error.orig
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__} {name or ''}".strip()
