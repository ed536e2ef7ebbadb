"""What the HTTP door is handed by the wiring."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from conference.access.links import Link, LinkState, Opened, Visitor
from conference.archive.desk.service import Page, Viewer
from conference.archive.ports import Query
from conference.archive.replay import Replay
from conference.certificates.authority import Authority
from conference.http_api.bundle import Bundle
from conference.http_api.catalogue import Catalogue
from conference.ids import CompanionId, SeatId, SessionId
from conference.recording.packaging import PackageState


@dataclass(frozen=True, slots=True)
class Person:
    """One seat as its own page shows it. `role` is a code, `standing` applicant, respondent or
    None; both have a text in the catalogue."""

    name: str
    role: str
    standing: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a person may read of a session before entering it. Instants are UTC µs."""

    session: SessionId
    title: str
    case_number: str
    state: str
    scheduled_at_us: int
    seat: SeatId
    person: Person
    host: Person
    beside: tuple[str, ...]


class Access(Protocol):
    """Links and logins (access/service.py)."""

    async def find(self, token: str) -> tuple[Link, LinkState] | None: ...

    async def open(self, token: str) -> Opened: ...

    async def find_companion(self, token: str) -> tuple[Link, LinkState] | None: ...

    async def open_companion(self, token: str) -> Opened: ...

    async def visitor(self, login: str, cookie: str) -> Visitor | None: ...


class Ticket(Protocol):
    """`hash_prefix`: the beginning of the document's hash, to be compared by eye."""

    @property
    def hash_prefix(self) -> str: ...


class Documents(Protocol):
    """A session's documents (documents/service.py). Refused `not_found` for what is not there."""

    async def pdf(self, session: SessionId, document: str, version: int) -> bytes: ...

    async def drawing(
        self, session: SessionId, document: str, version: int, seat: str
    ) -> Mapping[str, Any]: ...

    async def companion(self, session: SessionId, companion: CompanionId) -> tuple[Any, Ticket]:
        """The document and ticket of a companion; Refused `companion_…` once it has ended."""
        ...


class RecordingsDesk(Protocol):
    """Recordings, for those who may look at them (archive/desk/service.py)."""

    async def viewer(self, visitor: Visitor) -> Viewer: ...

    async def has_recordings(self, visitor: Visitor) -> bool: ...

    async def find(self, visitor: Visitor, query: Query) -> Page: ...

    async def admit(self, visitor: Visitor, session: SessionId) -> object: ...

    async def open(self, visitor: Visitor, session: SessionId) -> Replay: ...

    async def package(self, visitor: Visitor, session: SessionId) -> PackageState: ...

    async def file(self, visitor: Visitor, session: SessionId, name: str) -> Path: ...


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the server can serve; `reason` is an error code when not."""

    reason: str | None
    tier: str
    epoch: str


@dataclass(frozen=True)
class Door:
    """Everything the handlers use. `templates` is web/templates; `secure` marks cookies that
    only travel over https; `metrics_token` opens /metrics to other machines; `authority` is what
    devices install, None where there is nothing to install; `wall_us` is the server's clock."""

    access: Access
    invitation: Callable[[SessionId, SeatId], Awaitable[Invitation]]
    documents: Documents
    recordings: RecordingsDesk
    health: Callable[[], Health]
    metrics: Callable[[], str]
    openapi: str
    catalogue: Catalogue
    bundle: Bundle
    templates: Path
    base_url: str
    wall_us: Callable[[], int]
    authority: Authority | None = None
    secure: bool = False
    metrics_token: str | None = None


DOOR = web.AppKey("door", Door)
VISITOR = web.RequestKey("visitor", Visitor)
LOCALE = web.RequestKey("locale", str)
