"""What the HTTP door is handed by the wiring."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

from conference.access.links import Link, LinkState, Opened, Visitor
from conference.certificates.authority import Authority
from conference.http_api.bundle import Bundle
from conference.http_api.catalogue import Catalogue
from conference.ids import SeatId, SessionId


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

    async def visitor(self, login: str, cookie: str) -> Visitor | None: ...


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
