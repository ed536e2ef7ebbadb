"""The database's settings, its schema, and what it says when it cannot write."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, text

from conference.journal.ports import JournalFailed, StorageFull
from conference.storage.database import Database
from conference.storage.migrate import NewerDatabase
from conference.storage.schema import links, metadata, write_probe


async def pragma(database: Database, name: str) -> object:
    async with database.write() as connection:
        return (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()


async def test_what_is_committed_survives_a_loss_of_power(database: Database) -> None:
    assert await pragma(database, "journal_mode") == "wal"
    assert await pragma(database, "synchronous") == 2  # FULL
    assert await pragma(database, "foreign_keys") == 1


async def test_the_migrations_make_exactly_the_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    for expected in (1, 2):
        database = await Database.open(tmp_path / "again.db")
        await database.probe_write()
        async with database.read() as connection:
            count = (await connection.execute(write_probe.select())).one().writes
        await database.close()
        assert count == expected


async def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "newer.db")
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(NewerDatabase):
        await Database.open(tmp_path / "newer.db")


async def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(KeyError):
        async with database.write() as connection:
            await connection.execute(insert(write_probe).values(id=7, writes=1))
            raise KeyError
    async with database.read() as connection:
        assert (await connection.execute(write_probe.select())).all() == []


async def test_two_writers_take_turns_and_none_fails_half_way(
    database: Database, tmp_path: Path
) -> None:
    """Both read before they write: begun without IMMEDIATE, the second one's view would be old
    by the time it writes, which SQLite refuses."""
    other = await Database.open(tmp_path / "conference.db")
    await asyncio.gather(*(each.probe_write() for each in (database, other) * 10))
    await other.close()
    async with database.read() as connection:
        assert (await connection.execute(write_probe.select())).one().writes == 20


async def test_a_full_database_says_so_and_recovers(database: Database) -> None:
    pages = await pragma(database, "page_count")
    await pragma(database, f"max_page_count={pages}")
    row = {"session": "s", "seat": "s", "issued_at_us": 1, "expires_at_us": 2}
    many = [{**row, "link": f"{i:064}", "token_hash": f"{i:064}"} for i in range(2000)]
    with pytest.raises(StorageFull):
        async with database.write() as connection:
            await connection.execute(links.insert(), many)
    await pragma(database, "max_page_count=1000000")
    await database.probe_write()
    async with database.read() as connection:
        assert (await connection.execute(links.select())).all() == []


async def test_other_failures_do_not_quote_the_data(database: Database) -> None:
    with pytest.raises(JournalFailed) as failure:
        async with database.write() as connection:
            for _ in range(2):
                await connection.execute(insert(write_probe).values(id=424242, writes=1))
    assert not isinstance(failure.value, StorageFull)
    assert "424242" not in str(failure.value)
    assert "CONSTRAINT" in str(failure.value)


async def test_reading_only_changes_nothing_and_needs_the_file(
    database: Database, tmp_path: Path
) -> None:
    await database.probe_write()
    reader = Database.open_for_reading(tmp_path / "conference.db")
    async with reader.read() as connection:
        assert (await connection.execute(write_probe.select())).one().writes == 1
    with pytest.raises(JournalFailed):
        await reader.probe_write()
    await reader.close()
    with pytest.raises(FileNotFoundError):
        Database.open_for_reading(tmp_path / "absent.db")
