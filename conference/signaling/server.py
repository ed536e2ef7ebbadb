"""The signaling door as a whole: the one file that says which message goes to which handler."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from conference.access.links import Visitor
from conference.errors import ProtocolViolation, Refused
from conference.ids import EndpointId, SessionId
from conference.recording.ports import RecordingStatus
from conference.rooms import commands as c
from conference.signaling.connection import Connection, Connections
from conference.signaling.document_handlers import DocumentHandlers
from conference.signaling.handlers import Handlers
from conference.signaling.limits import MOST_VIOLATIONS, Allowance
from conference.signaling.messages import (
    CLIENT_MESSAGES,
    COMPANION_MAY,
    PROTOCOL_VERSION,
    Auth,
    ErrorDetail,
    Wire,
)
from conference.signaling.notify import Notifier
from conference.signaling.ports import Parts
from conference.signaling.socket_io import SocketIo
from conference.signaling.watch import Watch
from conference.signaling.wire_errors import failure
from conference.tasks import TaskOwner

Handler = Callable[[Connection, Any], Awaitable[Wire]]
_log = logging.getLogger(__name__)


class SignalingDoor:
    """`attach` before the application starts, `start` when the services behind run."""

    def __init__(
        self, parts: Parts, base_origin: str, visitor_of: Callable[[web.Request], Visitor]
    ) -> None:
        self._parts = parts
        self.connections = Connections()
        self.messages = 0
        self.violations = 0
        self._watch = Watch(parts, self.connections)
        self._notifier = Notifier(parts, self.connections)
        self._tasks = TaskOwner("signaling")
        self._sockets = SocketIo(CLIENT_MESSAGES, base_origin, visitor_of)
        self._sockets.serve(self._connected, self._received, self._disconnected)
        handlers = Handlers(parts, self.connections, self._watch)
        documents = DocumentHandlers(parts)
        self._table: dict[str, Handler] = {
            "join": handlers.join,
            "resume": handlers.resume,
            "mute": handlers.mute,
            "layout": handlers.layout,
            "record": handlers.record,
            "session": handlers.session,
            "leave": handlers.leave,
            "publish": handlers.publish,
            "subscribe": handlers.subscribe,
            "subscribe_answer": handlers.subscribe_answer,
            "document_draft": documents.draft,
            "document_freeze": documents.freeze,
            "document_reopen": documents.reopen,
            "document_acknowledge": documents.acknowledge,
            "document_sign": documents.sign,
            "companion_issue": documents.issue,
            "companion_join": documents.companion_join,
        }

    def attach(self, app: web.Application) -> None:
        self._sockets.attach(app)

    def start(self) -> None:
        self._parts.media.on_closed = self._media_closed
        self._notifier.start()
        self._watch.start()

    async def close(self) -> None:
        await self._watch.close()
        await self._notifier.close()
        await self._sockets.close()
        await self._tasks.close()

    def counts(self) -> dict[str, int]:
        """For /metrics."""
        return {
            "sockets": len(self.connections),
            "messages": self.messages,
            "violations": self.violations,
        }

    def recording_status(self, session: SessionId, status: RecordingStatus) -> None:
        """Called by recording each second and at every change."""
        self._notifier.status(session, status)

    # --- sockets

    async def _connected(self, sid: str, visitor: Visitor, auth: Any) -> ErrorDetail | None:
        """Take a socket in, or say why not. The login's cookie was checked with the request."""
        try:
            greeting = Auth.model_validate(auth)
        except ValidationError:
            return self._refusal("zh-CN", "bad_message")
        if greeting.protocol != PROTOCOL_VERSION:
            return self._refusal(greeting.locale, "protocol_version")
        if visitor.scope not in ("session", "companion"):
            return self._refusal(greeting.locale, "not_allowed")
        allowance = Allowance(self._parts.clock.mono_us())
        connection = Connection(sid, visitor, greeting.locale, allowance)
        self.connections.add(connection)
        self._tasks.spawn("outbox", self._sockets.write(connection))
        return None

    async def _disconnected(self, sid: str) -> None:
        connection = self.connections.get(sid)
        if connection is not None:
            if connection.endpoint is not None:
                self._watch.closed(connection.endpoint)
            self.connections.remove(sid)
            connection.end()

    async def _received(
        self, sid: str, name: str, arguments: tuple[Any, ...]
    ) -> dict[str, Any] | None:
        """Every message is answered; too many bad ones end the socket."""
        connection = self.connections.get(sid)
        if connection is None or connection.closing:
            return None
        self.messages += 1
        try:
            answer = await self._handle(connection, name, arguments)
        except Exception as error:
            answer = failure(self._parts.words, connection.locale, error)
            self._count(connection, error)
        return answer.model_dump(mode="json")

    async def _handle(self, connection: Connection, name: str, arguments: tuple[Any, ...]) -> Wire:
        if not connection.allowance.take(self._parts.clock.mono_us()):
            raise Refused("slow_down")
        if connection.endpoint is not None:
            self._watch.heard(connection.endpoint)
        handler = self._table.get(name)
        if handler is None or len(arguments) != 1:
            raise ProtocolViolation("bad_message", "unknown message or number of arguments")
        if not _may_say(connection, name):
            raise Refused("not_allowed")
        try:
            message = CLIENT_MESSAGES[name].model_validate(arguments[0])
        except ValidationError as error:
            raise ProtocolViolation("bad_message", _places(name, error)) from None
        return await handler(connection, message)

    def _count(self, connection: Connection, error: Exception) -> None:
        if isinstance(error, ProtocolViolation) or _is(error, "slow_down"):
            connection.violations += 1
            self.violations += 1
            if connection.violations >= MOST_VIOLATIONS:
                connection.end()

    def _refusal(self, locale: str, code: str) -> ErrorDetail:
        return ErrorDetail(code=code, message=self._parts.words(locale, code, None))

    # --- media

    def _media_closed(self, endpoint: EndpointId, what: str, reason: str) -> None:
        """A peer that said goodbye or fell silent sends nothing more: its tracks are over."""
        _log.info("the %s of endpoint %s closed: %s", what, endpoint, reason)
        if what == "publisher":
            self._tasks.spawn("end tracks", self._end_tracks(endpoint))

    async def _end_tracks(self, endpoint: EndpointId) -> None:
        for session in self._parts.rooms.live():
            found = (await self._parts.rooms.state(session)).endpoints.get(endpoint)
            if found is not None and found.tracks:
                command = c.EndTracks(endpoint, tuple(found.tracks))
                try:
                    await self._parts.rooms.submit(session, command, c.SERVER)
                except Refused as refused:
                    _log.warning("tracks of endpoint %s not ended: %s", endpoint, refused.code)


def _may_say(connection: Connection, name: str) -> bool:
    if connection.visitor.scope == "companion":
        return name in COMPANION_MAY
    return name != "companion_join"


def _places(name: str, error: ValidationError) -> str:
    """Where a message is wrong; field names only, never what was sent."""
    fields = CLIENT_MESSAGES[name].model_fields
    places = {str(fault["loc"][0]) for fault in error.errors(include_input=False) if fault["loc"]}
    return f"{name}: {', '.join(sorted(places & fields.keys())) or 'shape'}"


def _is(error: Exception, code: str) -> bool:
    return isinstance(error, Refused) and error.code == code
