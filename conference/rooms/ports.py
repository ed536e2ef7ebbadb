"""What a room needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from conference.events.base import Event
from conference.ids import SessionId


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
