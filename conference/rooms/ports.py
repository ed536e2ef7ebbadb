"""What a room needs from outside."""

from collections.abc import Sequence
from typing import Any, Protocol

from conference.clock import Now
from conference.events.base import Entry, Event
from conference.ids import CommandId, SeatId, SessionId


class Asked(Protocol):
    """A command: of the room itself, or of a matter dealt with in it."""

    @property
    def command_id(self) -> CommandId | None: ...


class Matter(Protocol):
    """What is dealt with in a session, such as its documents. Its events stand in the session's
    stream; the room gives them actor, recording time and feeds, and knows nothing else of it."""

    @property
    def commands(self) -> frozenset[type]:
        """The classes of commands it decides on; no two matters share one."""
        ...

    def handle(self, command: Any, actor: SeatId, now: Now) -> list[Event]:
        """As Room.handle: what happens if this is done now, or Refused. Changes nothing."""
        ...

    def apply(self, entry: Entry) -> None:
        """Take in the next entry of the stream: every one, of whatever source."""
        ...

    def snapshot(self, seat: SeatId) -> dict[str, Any]:
        """Its part of the seat's snapshot: JSON values under names of its own."""
        ...


class Effects(Protocol):
    """What events do to packets and sinks: media and recording, handed over by the wiring."""

    async def tighten(self, session: SessionId, events: Sequence[Event]) -> None:
        """Before the commit: take away every route and sink that these events end, and return
        when no packet can still pass it. Add nothing. It stays so if the commit fails."""
        ...

    async def loosen(self, session: SessionId, events: Sequence[Event]) -> None:
        """After the commit: go to the state reached at the END of these events, adding what it
        allows; do not act event by event. The first call for a session in a life of the server
        may hold its whole history, at whose end no recording is on and no track exists."""
        ...


class Sealed(Protocol):
    async def last_sealed(self, session: SessionId, take: str) -> int | None:
        """CLOCK_MONOTONIC µs (of the life that wrote it) up to which the take is on disk."""
        ...


class SessionIndex(Protocol):
    async def running(self) -> list[SessionId]:
        """Sessions that are open or paused."""
        ...
