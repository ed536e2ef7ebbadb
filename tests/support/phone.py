"""A phone that has scanned a companion's QR code."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from conference.simulation.signaling import LineLost, Login, open_link
from tests.support.guest import Guest

HTML = {"Accept": "text/html"}


class Phone(Guest):
    """Presses the button of /c/{token} and speaks over the companion's socket."""

    async def scan(self, url: str) -> str:
        """The page that the code leads to, as text; fails unless it opens."""
        async with self.http.get(url, headers=HTML) as answer:
            page = await answer.text()
            assert answer.status == 200, page
            return page

    async def press(self, url: str) -> None:
        """The page's button, and the socket behind it."""
        opened = await open_link(self.http, url)
        assert opened.path.endswith("/companion")
        self.login = Login(opened.origin, opened.path.removesuffix("companion"))
        await self.connect()

    async def status(self, path: str, method: str = "GET") -> int:
        """The status that an address of this login answers with; `path` is below /u/{login}/."""
        assert self.login is not None
        url = self.login.origin + self.login.path + path
        async with self.http.request(method, url, allow_redirects=False) as answer:
            return answer.status


async def press_status(url: str) -> int:
    """The status of pressing the button of /c/{token} by somebody else."""
    async with aiohttp.ClientSession() as http, http.post(url, allow_redirects=False) as answer:
        return answer.status


@asynccontextmanager
async def phone() -> AsyncIterator[Phone]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        made = Phone("phone", http)
        yield made
        if made.line is not None:
            try:
                await made.line.close()
            except LineLost:
                return
