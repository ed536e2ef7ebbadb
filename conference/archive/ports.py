"""What the archive needs from outside, and how it asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from conference.events.base import Draft, Entry
from conference.ids import SessionId

SessionState = Literal["scheduled", "open", "paused", "closed"]
RecordingState = Literal["none", "on", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; None and an empty text leave it open. `session`: this one alone.
    `from_us`, `to_us`: UTC µs, of the opening or, before it, the appointment; the second one
    excluded. `text`: part of a title, number or name."""

    session: SessionId | None = None
    state: SessionState | None = None
    recording: RecordingState | None = None
    from_us: int | None = None
    to_us: int | None = None
    text: str = ""
    limit: int = 50
    offset: int = 0


class Line(Protocol):
    """One session in the list (storage/session_index.py)."""

    @property
    def session(self) -> SessionId: ...
    @property
    def title(self) -> str: ...
    @property
    def case_number(self) -> str: ...
    @property
    def track(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def scheduled_at_us(self) -> int: ...
    @property
    def opened_at_us(self) -> int | None: ...
    @property
    def recording(self) -> str: ...
    @property
    def recorded_us(self) -> int: ...
    @property
    def gaps(self) -> int: ...
    @property
    def completed(self) -> int: ...
    @property
    def host_name(self) -> str: ...
    @property
    def host_unit(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Found:
    """`lines`: those of the page; `hits`: how many fit in all."""

    lines: Sequence[Line]
    hits: int


class Index(Protocol):
    async def find(self, session: SessionId) -> Line | None: ...

    async def search(self, query: Query) -> Found: ...


class Journal(Protocol):
    """The memory (journal/service.py)."""

    async def append(
        self, stream: str, drafts: Sequence[Draft], after: int | None = None
    ) -> list[Entry]: ...

    async def read(self, stream: str, after: int = 0) -> list[Entry]: ...
