"""One person of the demo without media: logs in by a link, speaks docs/protocol.md, and keeps what
the server says."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any, Protocol

import aiohttp

from conference.simulation.signaling import Line, LineLost, Login, open_link
from tests.support.wait import wait_until

NOTHING_OFF = {"microphone": False, "camera": False}
_numbers = count(1)


def command_id() -> str:
    """A fresh command id."""
    return f"command-{next(_numbers):08d}"


class Demo(Protocol):
    """A server with the demo stories, in a process of its own or in this one."""

    def demo(self) -> dict[str, Any]: ...


class Guest:
    """`said`: every server message as (name, payload), over all lines. `last`: the number up to
    which the feed is known."""

    def __init__(self, name: str, http: aiohttp.ClientSession) -> None:
        self.name = name
        self.http = http
        self.login: Login | None = None
        self.line: Line | None = None
        self.said: list[tuple[str, Mapping[str, Any]]] = []
        self.welcome: Mapping[str, Any] = {}

    async def log_in(self, url: str) -> None:
        """Press the button of the link."""
        self.login = await open_link(self.http, url)

    async def connect(self, locale: str = "en") -> None:
        """A new socket; an older one is left as it is."""
        assert self.login is not None
        self.line = Line(self.http, self.login)
        self.line.listen(lambda name, body: self.said.append((name, body)))
        await self.line.open(locale)

    async def ask(self, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a message; its acknowledgement."""
        assert self.line is not None
        return await self.line.request(name, payload)

    async def command(self, name: str, **fields: Any) -> Mapping[str, Any]:
        """A message with a fresh command id; fails unless it is done."""
        answer = await self.ask(name, {"command_id": command_id(), **fields})
        assert answer["ok"], answer
        return answer

    async def join(self) -> Mapping[str, Any]:
        """Take the seat."""
        joined = {"command_id": command_id(), "device": "participant", "muted": NOTHING_OFF}
        self.welcome = await self.ask("join", joined)
        assert self.welcome["ok"], self.welcome
        return self.welcome

    async def resume(self) -> Mapping[str, Any]:
        """Go on with the key of the last Welcome."""
        keys = {key: self.welcome[key] for key in ("endpoint", "key", "epoch")}
        answer = await self.ask("resume", {**keys, "last": self.last})
        if answer["ok"]:
            self.welcome = answer
        return answer

    @property
    def last(self) -> int:
        told = [int(body["n"]) for name, body in self.said if name == "event"]
        return max([int(self.welcome.get("feed", 0)), *told])

    def events(self, kind: str) -> list[Mapping[str, Any]]:
        """The data of all feed items of this kind that were pushed."""
        return [b["data"] for name, b in self.said if name == "event" and b["kind"] == kind]

    def messages(self, name: str) -> list[Mapping[str, Any]]:
        """All server messages of this name."""
        return [body for said, body in self.said if said == name]

    async def hears(self, what: str, timeout: float = 5.0, times: int = 1) -> None:
        """Wait for so many messages, or feed items, of this name."""

        def missing() -> str | None:
            found = len(self.events(what)) if ":" in what else len(self.messages(what))
            return None if found >= times else f"{self.name} heard {found} of {times} {what}"

        await wait_until(missing, timeout)

    async def cut(self) -> None:
        """Lose the socket without a word to the room."""
        assert self.line is not None
        await self.line.close()

    async def is_cut(self, timeout: float = 5.0) -> None:
        """Wait until the server has closed the socket."""
        line = self.line
        assert line is not None

        def connected() -> str | None:
            return None if line.lost.is_set() else f"{self.name} is still connected"

        await wait_until(connected, timeout)


@asynccontextmanager
async def guests(server: Demo, *names: str) -> AsyncIterator[list[Guest]]:
    """People of the demo, logged in and connected, each with cookies of their own."""
    urls = server.demo()["sessions"][0]["join_urls"]
    async with AsyncExitStack() as stack:
        people = []
        for name in names:
            jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name too
            http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
            guest = Guest(name, http)
            await guest.log_in(urls[name])
            await guest.connect()
            people.append(guest)
        yield people
        for guest in people:
            if guest.line is not None:
                try:
                    await guest.line.close()
                except LineLost:
                    continue
