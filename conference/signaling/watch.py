"""Listens to every endpoint inside: heartbeats, presence, and who is lost.

Two tasks: one sends heartbeats each second, one looks four times a second at what was heard and
tells the room what changed."""

import asyncio
import logging
from dataclasses import dataclass, field

from conference.errors import Refused
from conference.ids import EndpointId, SessionId
from conference.rooms import commands as c
from conference.rooms.state import Endpoint, RoomState
from conference.signaling import messages as m
from conference.signaling.connection import Connection, Connections
from conference.signaling.ports import Parts
from conference.signaling.presence import (
    RESTART_US,
    Heard,
    is_lost,
    media_alive,
    socket_alive,
)
from conference.tasks import TaskOwner

HEARTBEAT_S = 1.0
LOOK_S = 0.25
MOST_UNANSWERED = 30
"""Heartbeats without an answer after which a socket that still pongs is closed."""

EXPIRY_US = 30 * 60 * 1_000_000
"""How long a lost endpoint keeps its seats."""

RETRY_US = 1_000_000
"""How long after a refusal (a full disk) the room is told again."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Line:
    socket_us: int | None = None
    socket_open: bool = False
    grace_until_us: int = 0


@dataclass(slots=True)
class _Watched:
    """One session: its lines by endpoint, and the presence that was sent last."""

    lines: dict[EndpointId, _Line] = field(default_factory=dict)
    told: m.Presence = field(default_factory=lambda: m.Presence(endpoints={}))
    not_before_us: int = 0


class Watch:
    """Instants are µs of CLOCK_MONOTONIC. Used from the event loop's thread."""

    def __init__(self, parts: Parts, connections: Connections) -> None:
        self._parts = parts
        self._connections = connections
        self._lines: dict[EndpointId, _Line] = {}
        self._sessions: dict[SessionId, _Watched] = {}
        self._tasks = TaskOwner("watch")

    def start(self) -> None:
        self._tasks.spawn("heartbeats", self._beat_forever())
        self._tasks.spawn("look", self._look_forever())

    async def close(self) -> None:
        await self._tasks.close()

    def attached(self, endpoint: EndpointId) -> None:
        """A socket speaks for the endpoint."""
        line = self._lines.setdefault(endpoint, _Line())
        line.socket_us, line.socket_open = self._parts.clock.mono_us(), True

    def heard(self, endpoint: EndpointId) -> None:
        """Something came over the endpoint's socket."""
        line = self._lines.get(endpoint)
        if line is not None:
            line.socket_us = self._parts.clock.mono_us()

    def closed(self, endpoint: EndpointId) -> None:
        """The endpoint's socket is gone."""
        line = self._lines.get(endpoint)
        if line is not None:
            line.socket_open = False

    def presence(self, session: SessionId) -> m.Presence:
        """What was told last."""
        watched = self._sessions.get(session)
        return watched.told if watched else m.Presence(endpoints={})

    # --- heartbeats

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            for connection in self._connections:
                if connection.endpoint is not None or connection.companion:
                    self._beat(connection)

    def _beat(self, connection: Connection) -> None:
        if connection.unanswered >= MOST_UNANSWERED:
            connection.end()
            return
        connection.beats += 1
        connection.unanswered += 1

        def answered() -> None:
            connection.unanswered = 0
            if connection.endpoint is not None:
                self.heard(connection.endpoint)

        connection.send("heartbeat", m.Heartbeat(n=connection.beats), answered)

    # --- lost and found

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for session in self._parts.rooms.live():
                try:
                    await self.look(session)
                except Exception:
                    _log.exception("session %s is not watched at this moment", session)

    async def look(self, session: SessionId) -> None:
        """Compare what is heard of a session's endpoints with what the room and the pages know."""
        try:
            state = await self._parts.rooms.state(session)
        except Refused:
            return
        watched = self._sessions.setdefault(session, _Watched())
        now_us = self._parts.clock.mono_us()
        self._follow(watched, state, now_us)
        heard = {endpoint: self._heard(endpoint) for endpoint in state.endpoints}
        self._tell_presence(session, watched, heard, now_us)
        for endpoint in list(state.endpoints.values()):
            if now_us >= watched.not_before_us:
                await self._tell_room(session, endpoint, heard[endpoint.endpoint], now_us)

    def _follow(self, watched: _Watched, state: RoomState, now_us: int) -> None:
        """An endpoint nobody has attached to yet was inside before a restart: it gets time."""
        for endpoint in state.endpoints:
            line = self._lines.setdefault(endpoint, _Line(grace_until_us=now_us + RESTART_US))
            watched.lines[endpoint] = line
        for endpoint in watched.lines.keys() - state.endpoints.keys():
            del watched.lines[endpoint]
            self._lines.pop(endpoint, None)

    def _heard(self, endpoint: EndpointId) -> Heard:
        line = self._lines[endpoint]
        return Heard(
            socket_us=line.socket_us,
            media_us=self._parts.media.last_heard_us(endpoint),
            socket_open=line.socket_open,
            grace_until_us=line.grace_until_us,
        )

    def _tell_presence(
        self, session: SessionId, watched: _Watched, heard: dict[EndpointId, Heard], now_us: int
    ) -> None:
        lines: dict[str, m.Line] = {
            endpoint: m.Line(socket=socket_alive(each, now_us), media=media_alive(each, now_us))
            for endpoint, each in heard.items()
        }
        if lines != watched.told.endpoints:
            watched.told = m.Presence(endpoints=lines)
            for connection in self._connections.inside(session):
                connection.send("presence", watched.told)

    async def _tell_room(
        self, session: SessionId, endpoint: Endpoint, heard: Heard, now_us: int
    ) -> None:
        command = self._due(endpoint, is_lost(heard, now_us))
        if command is None:
            return
        try:
            await self._parts.rooms.submit(session, command, c.SERVER)
        except Refused as refused:
            self._sessions[session].not_before_us = now_us + RETRY_US
            name = type(command).__name__
            _log.warning("session %s: %s refused: %s", session, name, refused.code)

    def _due(self, endpoint: Endpoint, lost: bool) -> c.Command | None:
        if lost != endpoint.lost:
            return (c.MarkLost if lost else c.MarkHeard)(endpoint.endpoint)
        if lost and self._parts.clock.wall_us() - endpoint.since_us >= EXPIRY_US:
            return c.LeaveEndpoint(endpoint.endpoint, "expired")
        return None
