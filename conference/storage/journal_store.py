"""The journal's rows in the database, with the projections of the same transaction."""

from collections.abc import Sequence

from sqlalchemy import func, select

from conference.journal.chain import Head, Row, genesis
from conference.journal.ports import Sealed
from conference.storage.database import Database
from conference.storage.schema import journal_entries as table
from conference.storage.session_index import project


class SqlJournalStore:
    """conference.journal.ports.JournalStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def head(self, stream: str) -> Head:
        wanted = (
            select(table.c.seq, table.c.entry_hash)
            .where(table.c.stream == stream)
            .order_by(table.c.seq.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            last = (await connection.execute(wanted)).one_or_none()
        return genesis(stream) if last is None else Head(last.seq, last.entry_hash)

    async def append(self, batch: Sequence[Sealed]) -> None:
        if not batch:
            return
        rows = [_values(sealed.row) for sealed in batch]
        async with self._database.write() as connection:
            await connection.execute(table.insert(), rows)
            for sealed in batch:
                for statement in project(sealed.entry):
                    await connection.execute(statement)

    async def read(self, stream: str, after: int = 0) -> list[Row]:
        wanted = (
            select(table).where(table.c.stream == stream, table.c.seq > after).order_by(table.c.seq)
        )
        async with self._database.read() as connection:
            return [Row(*found) for found in await connection.execute(wanted)]

    async def streams(self) -> list[str]:
        wanted = select(table.c.stream).group_by(table.c.stream).having(func.count() > 0)
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())


def _values(row: Row) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in table.columns}
