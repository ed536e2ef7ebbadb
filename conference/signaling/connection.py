"""Who is connected: one Connection per socket, and the list of them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel

from conference.access.links import Visitor
from conference.ids import EndpointId, SeatId, SessionId
from conference.signaling.limits import Allowance

OUTBOX = 512
"""Messages that may wait for one socket. When it is full the socket is closed: a page that does
not read comes back and resumes, and its feed is complete."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way; `answered` is called when the page acknowledges it."""

    name: str
    body: BaseModel
    answered: Callable[[], None] | None = None


@dataclass(eq=False)
class Connection:
    """One socket. `endpoint` is set while it speaks for an endpoint inside; `companion` once it
    has joined as a companion; `position` is the last number of the seat's feed that was sent."""

    sid: str
    visitor: Visitor
    locale: str
    allowance: Allowance
    endpoint: EndpointId | None = None
    companion: bool = False
    position: int = 0
    violations: int = 0
    beats: int = 0
    unanswered: int = 0
    closing: bool = False
    outbox: "asyncio.Queue[Outgoing | None]" = field(
        default_factory=lambda: asyncio.Queue(OUTBOX + 1)
    )

    @property
    def session(self) -> SessionId:
        return self.visitor.session

    @property
    def seat(self) -> SeatId:
        return self.visitor.seat

    def send(self, name: str, body: BaseModel, answered: Callable[[], None] | None = None) -> None:
        """Put a message into the outbox; an overfull outbox ends the socket."""
        if self.closing:
            return
        if self.outbox.qsize() >= OUTBOX:
            self.end()
        else:
            self.outbox.put_nowait(Outgoing(name, body, answered))

    def end(self) -> None:
        """Close the socket after what is in the outbox; nothing more is sent or heard."""
        if not self.closing:
            self.closing = True
            self.outbox.put_nowait(None)


class Connections:
    """All sockets by id, session and endpoint. Owned by the event loop's thread."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Connection] = {}
        self._by_session: dict[SessionId, set[Connection]] = defaultdict(set)
        self._by_endpoint: dict[EndpointId, Connection] = {}

    def add(self, connection: Connection) -> None:
        self._by_sid[connection.sid] = connection
        self._by_session[connection.session].add(connection)

    def remove(self, sid: str) -> Connection | None:
        connection = self._by_sid.pop(sid, None)
        if connection is not None:
            self.detach(connection)
            others = self._by_session[connection.session]
            others.discard(connection)
            if not others:
                del self._by_session[connection.session]
        return connection

    def get(self, sid: str) -> Connection | None:
        return self._by_sid.get(sid)

    def of_endpoint(self, endpoint: EndpointId) -> Connection | None:
        """The socket that speaks for an endpoint now."""
        return self._by_endpoint.get(endpoint)

    def attach(self, connection: Connection, endpoint: EndpointId) -> Connection | None:
        """Let a socket speak for an endpoint; returns the socket that did so before."""
        self.detach(connection)
        older = self._by_endpoint.get(endpoint)
        if older is not None:
            self.detach(older)
        connection.endpoint = endpoint
        self._by_endpoint[endpoint] = connection
        return older

    def detach(self, connection: Connection) -> None:
        """The socket speaks for nobody any more."""
        if connection.endpoint is not None:
            self._by_endpoint.pop(connection.endpoint, None)
            connection.endpoint = None

    def inside(self, session: SessionId) -> list[Connection]:
        """The sockets of a session that speak for an endpoint."""
        return [one for one in self._by_session.get(session, ()) if one.endpoint is not None]

    def listening(self, session: SessionId) -> list[Connection]:
        """Those, and the companions: whoever is shown the recording."""
        return [
            one
            for one in self._by_session.get(session, ())
            if one.endpoint is not None or one.companion
        ]

    def of(self, session: SessionId) -> list[Connection]:
        """All sockets of a session, inside or not."""
        return list(self._by_session.get(session, ()))

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)
