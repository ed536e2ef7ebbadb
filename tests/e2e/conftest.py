"""What the browser tests share: the four of story A, and a folder for what they looked like."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser

from tests.support.person import Person, person
from tests.support.server import ROOT, ServerProcess

FOUR = ("刘卫东", "马晓燕", "王建国", "陈志强")
SCREENSHOTS = ROOT / ".build" / "screenshots"


@pytest.fixture
async def links(server: ServerProcess) -> dict[str, str]:
    """The join links of the open demo session, by name."""
    found: dict[str, str] = server.demo()["sessions"][0]["join_urls"]
    return found


@pytest.fixture
async def four(browser: Browser, links: dict[str, str]) -> AsyncIterator[list[Person]]:
    """Judge, mediator, party and department, all in the room."""
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(person(browser, name)) for name in FOUR]
        for each in people:
            await each.come_in(links[each.name])
        yield people
