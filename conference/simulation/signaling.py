"""The participant's line to the server: the join link, the cookie, the Socket.IO connection."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import socketio

PROTOCOL_VERSION = 1
CONNECT_S = 5.0
REQUEST_S = 10.0

SERVER_MESSAGES = (
    "event",
    "subscribe_offer",
    "streams",
    "heartbeat",
    "presence",
    "recording_status",
    "replaced",
    "ended",
    "companion_ended",
)

OnMessage = Callable[[str, Mapping[str, Any]], None]


class LineLost(Exception):
    """The socket is gone, or the server did not answer in time: the same request may be asked
    again over the next line."""


class LinkRefused(Exception):
    """The join link does not open."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a join link gave: where the server is and the path prefix of this login."""

    origin: str
    path: str  # /u/{login}/


async def open_link(http: aiohttp.ClientSession, url: str) -> Login:
    """Press the button of the link page. The cookie stays in `http`. LinkRefused if it fails,
    LineLost if nobody answers."""
    try:
        async with http.post(url, allow_redirects=False) as response:
            location = response.headers.get("Location", "")
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise LineLost(type(error).__name__) from error
    path = urlsplit(urljoin(url, location)).path
    if status != 303 or not path.startswith("/u/"):
        raise LinkRefused(f"the link answered {status}")
    parts = urlsplit(url)
    return Login(f"{parts.scheme}://{parts.netloc}", path)


class Line:
    """One Socket.IO connection, from its opening to its loss. It never connects again."""

    def __init__(self, http: aiohttp.ClientSession, login: Login) -> None:
        self._login = login
        self._waiting: set[asyncio.Future[Mapping[str, Any]]] = set()
        self.lost = asyncio.Event()
        self._client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=http
        )
        self._client.on("disconnect", self._disconnected)

    def listen(self, on_message: OnMessage) -> None:
        """Hand every message of the server to `on_message(name, payload)`; before `open`."""
        for name in SERVER_MESSAGES:
            self._client.on(name, _receiver(name, on_message))

    async def open(self, locale: str = "zh-CN") -> None:
        """Connect by WebSocket; LineLost if that fails."""
        try:
            await self._client.connect(
                self._login.origin,
                socketio_path=f"{self._login.path.strip('/')}/socket.io",
                transports=["websocket"],
                auth={"protocol": PROTOCOL_VERSION, "locale": locale},
                wait_timeout=CONNECT_S,
            )
        except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError) as error:
            raise LineLost(type(error).__name__) from error

    async def request(self, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a message and wait for its acknowledgement."""
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()

        def acknowledged(*arguments: Mapping[str, Any]) -> None:
            if not answer.done():
                answer.set_result(arguments[0] if arguments else {})

        self._waiting.add(answer)
        try:
            await self._client.emit(name, payload, callback=acknowledged)
            async with asyncio.timeout(REQUEST_S):
                return await answer
        except (socketio.exceptions.SocketIOError, aiohttp.ClientError, TimeoutError) as error:
            raise LineLost(type(error).__name__) from error
        finally:
            self._waiting.discard(answer)

    async def close(self) -> None:
        """Disconnect, if still connected."""
        await self._client.disconnect()
        self._disconnected()

    def _disconnected(self, *_: object) -> None:
        self.lost.set()
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(LineLost("disconnected"))


def _receiver(name: str, on_message: OnMessage) -> Callable[..., None]:
    def received(payload: Mapping[str, Any] | None = None) -> None:
        on_message(name, payload or {})

    return received
