"""Links and logins in the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conference.access.links import Link, Login
from conference.errors import Refused
from conference.ids import LinkId, SessionId
from conference.journal.ports import JournalFailed, StorageFull
from conference.storage.database import Database
from conference.storage.schema import links, logins


class SqlAccessStore:
    """conference.access.ports.AccessStore. A full or failing database refuses the person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_link(self, link: Link) -> None:
        values = {column.name: getattr(link, column.name) for column in links.columns}
        async with self._write() as connection:
            await connection.execute(links.insert().values(**values))

    async def link(self, link: LinkId) -> Link | None:
        return await self._one_link(links.c.link == link)

    async def link_by_token(self, token_hash: str) -> Link | None:
        return await self._one_link(links.c.token_hash == token_hash)

    async def links_of(self, session: SessionId) -> list[Link]:
        wanted = select(links).where(links.c.session == session, links.c.scope != "companion")
        async with self._database.read() as connection:
            rows = await connection.execute(wanted.order_by(links.c.issued_at_us, links.c.link))
            return [Link(*row) for row in rows]

    async def withdraw(self, link: LinkId, at_us: int) -> None:
        async with self._write() as connection:
            await connection.execute(
                update(links)
                .where(links.c.link == link, links.c.withdrawn_at_us.is_(None))
                .values(withdrawn_at_us=at_us)
            )

    async def add_login(self, login: Login, most: int) -> None:
        newest = (
            select(logins.c.login_hash)
            .where(logins.c.link == login.link)
            .order_by(logins.c.opened_at_us.desc(), logins.c.login_hash)
            .limit(most)
        )
        values = {column.name: getattr(login, column.name) for column in logins.columns}
        async with self._write() as connection:
            await connection.execute(logins.insert().values(**values))
            await connection.execute(
                delete(logins).where(
                    logins.c.link == login.link, logins.c.login_hash.not_in(newest)
                )
            )

    async def login(self, login_hash: str) -> Login | None:
        wanted = select(logins).where(logins.c.login_hash == login_hash)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else Login(*row)

    async def _one_link(self, condition: ColumnElement[bool]) -> Link | None:
        async with self._database.read() as connection:
            rows = await connection.execute(select(links).where(condition))
            row = rows.one_or_none()
        return None if row is None else Link(*row)

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.write() as connection:
                yield connection
        except StorageFull:
            raise Refused("storage_full") from None
        except JournalFailed as error:
            raise Refused("journal_failed") from error
