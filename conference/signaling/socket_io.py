"""The one door to python-socketio: sockets in, checked messages out.

Everything that library does by guessing is kept away from it: handlers are coroutines that take
any arguments, `auth` is required, one message of a socket is handled after the other, and frames
pass the guard before it sees them (frames.py)."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any
from urllib.parse import urlsplit

import socketio
from aiohttp import web
from engineio.async_drivers.aiohttp import WebSocket

from conference.access.links import Visitor
from conference.errors import ProtocolViolation, Refused
from conference.signaling.connection import Connection
from conference.signaling.frames import FrameGuard
from conference.signaling.limits import MOST_VIOLATIONS
from conference.signaling.messages import MAX_MESSAGE_BYTES, ErrorDetail

PATH = "/u/{login}/socket.io/"
PING_INTERVAL_S = 15
PING_TIMEOUT_S = 20
MOST_SOCKETS = 8
"""Sockets one login may have open; tabs and half-dead lines of a bad network."""

BACKLOG = 512
"""Packets waiting inside the library for a page that does not read."""

LAST_WORDS_S = 1.0
"""How long a socket that is being closed may take to read what was still sent."""

HANG_UP_S = 10.0
"""How long after that it may stay open on the other side's part."""

_log = logging.getLogger(__name__)

OnConnect = Callable[[str, Visitor, Any], Awaitable[ErrorDetail | None]]
OnMessage = Callable[[str, str, tuple[Any, ...]], Awaitable[dict[str, Any] | None]]
OnDisconnect = Callable[[str], Awaitable[None]]


class _GuardedWebSocket(WebSocket):
    """A WebSocket that hands on sound frames only, and is closed after too many others."""

    async def wait(self) -> Any:
        guard = self.environ.setdefault("conference.guard", FrameGuard())
        while True:
            frame = await super().wait()
            try:
                guard.check(frame)
                return frame
            except ProtocolViolation as violation:
                guard.violations += 1
                _log.info("a frame was dropped: %s", violation)
            if guard.violations >= MOST_VIOLATIONS:
                raise OSError("too many frames that break the protocol")


class _OnlyFaults(logging.Filter):
    """The library logs origins, ids and whole messages; only its exceptions are ours to see."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None


class SocketIo:
    """The Socket.IO server at every login's own path. `names` are the messages that are known;
    any other name reaches `on_message` too, which answers it. `visitor_of` says who a request is
    from, once the application's middleware has let it pass."""

    def __init__(
        self,
        names: Collection[str],
        base_origin: str,
        visitor_of: Callable[[web.Request], Visitor],
    ) -> None:
        self._base_origin = base_origin
        self._visitor_of = visitor_of
        self._open: dict[str, int] = {}
        self._requests: dict[str, web.Request] = {}  # by sid, once connected
        logger = logging.getLogger("conference.signaling.library")
        logger.addFilter(_OnlyFaults())
        self._server = socketio.AsyncServer(
            async_mode="aiohttp",
            async_handlers=False,
            transports=["websocket"],
            cors_allowed_origins=[],  # checked in _enter, where the base URL is known
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            logger=logger,
            engineio_logger=logger,
        )
        self._engine = self._server.eio
        self._engine._async = {**self._engine._async, "websocket": _GuardedWebSocket}
        self._names = tuple(names)

    def serve(
        self, on_connect: OnConnect, on_message: OnMessage, on_disconnect: OnDisconnect
    ) -> None:
        """Register the handlers. `on_connect` returns the reason why it refuses a socket."""

        async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
            request: web.Request = environ["aiohttp.request"]
            refusal = await on_connect(sid, self._visitor_of(request), auth)
            if refusal is not None:
                told = {"code": refusal.code, "message": refusal.message}
                raise socketio.exceptions.ConnectionRefusedError(refusal.code, told)
            self._requests[sid] = request

        async def disconnect(sid: str, _reason: str) -> None:
            self._requests.pop(sid, None)
            await on_disconnect(sid)

        async def unknown(name: str, sid: str, *arguments: Any) -> dict[str, Any] | None:
            return await on_message(sid, name, arguments)

        self._server.on("connect", connect)
        self._server.on("disconnect", disconnect)
        self._server.on("*", unknown)
        for name in self._names:
            self._server.on(name, _bound(on_message, name))

    def attach(self, app: web.Application) -> None:
        """Add the route; the application's middleware has checked login and cookie before."""
        app.router.add_get(PATH, self._enter)

    async def write(self, connection: Connection) -> None:
        """Send what the connection's outbox gets, in order, until it ends."""
        while (message := await connection.outbox.get()) is not None:
            answered = message.answered
            callback = None if answered is None else _ignoring_arguments(answered)
            body = message.body.model_dump(mode="json")
            await self._server.emit(message.name, body, to=connection.sid, callback=callback)
            if self._backlog(connection.sid) > BACKLOG:
                _log.info("a socket that does not read is closed")
                connection.closing = True
                break
        await self._disconnect(connection.sid)

    async def close(self) -> None:
        """End every socket and the library's own task."""
        for request in list(self._requests.values()):
            _abort(request)
        await self._server.shutdown()

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        """One WebSocket, from its handshake to its end."""
        if request.query.get("sid") or request.query.get("transport") != "websocket":
            raise Refused("bad_request")
        if not web.WebSocketResponse().can_prepare(request).ok or not self._same_origin(request):
            raise Refused("bad_request")
        login = request.match_info["login"]
        if self._open.get(login, 0) >= MOST_SOCKETS:
            raise Refused("too_many_sockets")
        self._open[login] = self._open.get(login, 0) + 1
        try:
            response: web.StreamResponse = await self._server.handle_request(request)
            return response
        finally:
            self._open[login] -= 1
            if not self._open[login]:
                del self._open[login]

    def _same_origin(self, request: web.Request) -> bool:
        """Browsers always name the page's origin here; other clients have none."""
        origin = request.headers.get("Origin")
        if origin is None or origin == self._base_origin:
            return True
        return urlsplit(origin).netloc == request.host

    def _backlog(self, sid: str) -> int:
        socket = self._engine.sockets.get(self._server.manager.eio_sid_from_sid(sid, "/"))
        return 0 if socket is None else int(socket.queue.qsize())

    async def _disconnect(self, sid: str) -> None:
        """Say goodbye, leave a moment to read it, and hang up: the library would wait for ever."""
        request = self._requests.get(sid)
        if request is None:
            return
        engine_sid = self._server.manager.eio_sid_from_sid(sid, "/")
        await self._server.disconnect(sid)
        if engine_sid in self._engine.sockets:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._engine.disconnect(engine_sid)
            await asyncio.sleep(HANG_UP_S)
            _abort(request)


def _bound(on_message: OnMessage, name: str) -> Callable[..., Awaitable[dict[str, Any] | None]]:
    async def handler(sid: str, *arguments: Any) -> dict[str, Any] | None:
        return await on_message(sid, name, arguments)

    return handler


def _ignoring_arguments(answered: Callable[[], None]) -> Callable[..., None]:
    def acknowledged(*_: Any) -> None:
        answered()

    return acknowledged


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
