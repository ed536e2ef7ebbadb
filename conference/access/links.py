"""Links and logins as data, and the pure rules about them.

The token of a link is derived from the server's secret and the link's id, so that the database
needs to hold only its hash and a printed link can be printed again."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from conference.ids import CompanionId, LinkId, LoginId, SeatId, SessionId

DAY_US = 86_400_000_000
MOST_LOGINS = 50
"""Logins one link keeps; a further one ends the oldest."""

Scope = Literal["session", "companion", "archive"]
"""What a link opens: the seat in its session, the page on which the seat's person signs by phone,
or the archive."""


@dataclass(frozen=True, slots=True)
class Link:
    """One person's way in. A companion's link has the companion's id."""

    link: LinkId
    session: SessionId
    seat: SeatId
    token_hash: str
    issued_at_us: int
    expires_at_us: int
    withdrawn_at_us: int | None = None
    scope: Scope = "session"


@dataclass(frozen=True, slots=True)
class Login:
    """One press of a link's button. Only hashes of what the browser holds are kept."""

    login_hash: str
    cookie_hash: str
    link: LinkId
    opened_at_us: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door: the seat whose link was opened, and what that link opens."""

    login: LoginId
    link: LinkId
    session: SessionId
    seat: SeatId
    scope: Scope = "session"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the browser gets: the path prefix /u/{login}/ and the cookie for it."""

    visitor: Visitor
    cookie: str


class LinkState(StrEnum):
    """Whether a link opens."""

    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


def state_of(link: Link, now_us: int) -> LinkState:
    """What the link is at an instant; a withdrawal outlives the expiry."""
    if link.withdrawn_at_us is not None:
        return LinkState.WITHDRAWN
    if now_us >= link.expires_at_us:
        return LinkState.EXPIRED
    return LinkState.VALID


def token_of(secret: bytes, link: LinkId) -> str:
    """The token in /j/{token}: 32 url-safe characters, 192 bits of HMAC-SHA-256 (RFC 2104)."""
    return derived(secret, "link", link)


def companion_token(secret: bytes, companion: CompanionId) -> str:
    """The token in /c/{token}, as `token_of`."""
    return derived(secret, "companion", companion)


def derived(secret: bytes, purpose: str, name: str) -> str:
    """A value only this server can make, different for each purpose."""
    mac = hmac.new(secret, f"{purpose}:{name}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:24]).decode("ascii")


def hash_of(token: str) -> str:
    """What the database keeps of a token; tokens are random enough to need no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
