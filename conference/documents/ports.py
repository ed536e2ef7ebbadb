"""What documents need from outside."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from conference.documents.render.job import RenderJob
from conference.errors import Fault
from conference.events.base import Entry
from conference.ids import SeatId, SessionId


class Ack(Protocol):
    """Done and stored; `feed`: each seat's number up to and with it."""

    @property
    def feed(self) -> Mapping[SeatId, int]: ...


class Rooms(Protocol):
    """The live rooms (rooms/service.py), in which each session's documents are a matter."""

    async def submit(self, session: SessionId, command: Any, actor: SeatId) -> Ack: ...

    async def state(self, session: SessionId) -> object:
        """Loads the room; Refused when there is none."""
        ...

    def live(self) -> list[SessionId]: ...

    def subscribe(self, subscriber: Callable[[SessionId, Sequence[Entry]], None]) -> None: ...


class BlobChanged(Fault):
    """The bytes under this hash are not those that were stored."""


class BlobStore(Protocol):
    """Bytes under their hex SHA-256, durable when `put` returns (storage/blobs.py)."""

    async def put(self, content: bytes) -> str: ...

    async def get(self, digest: str) -> bytes:
        """KeyError when there are none, BlobChanged when they are others."""
        ...

    async def has(self, digest: str) -> bool: ...


class Renderer(Protocol):
    async def render(self, job: RenderJob) -> bytes:
        """The PDF; the same job gives the same bytes."""
        ...
