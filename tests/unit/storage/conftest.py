from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conference.storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "conference.db")
    yield opened
    await opened.close()
