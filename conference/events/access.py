"""Who was let in. Neither a link's token nor a cookie ever enters the journal."""

from dataclasses import dataclass
from typing import ClassVar

from conference.events.base import Event
from conference.ids import LinkId, LoginId, SeatId


@dataclass(frozen=True, slots=True)
class LinkIssued(Event):
    """`expires_at_us`: UTC µs."""

    KIND: ClassVar[str] = "access:link:issued"
    link: LinkId
    seat: SeatId
    expires_at_us: int


@dataclass(frozen=True, slots=True)
class LinkOpened(Event):
    """The link's button was pressed and made a login. `login`: its path prefix, which opens
    nothing without the cookie."""

    KIND: ClassVar[str] = "access:link:opened"
    link: LinkId
    seat: SeatId
    login: LoginId


@dataclass(frozen=True, slots=True)
class LinkWithdrawn(Event):
    """The link and every login made by it are void."""

    KIND: ClassVar[str] = "access:link:withdrawn"
    link: LinkId
    seat: SeatId
