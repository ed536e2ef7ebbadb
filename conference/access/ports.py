"""What access needs from outside."""

from typing import Protocol

from conference.access.links import Link, Login
from conference.ids import CompanionId, LinkId, LoginId, SeatId, SessionId


class AccessStore(Protocol):
    """Links and logins, stored before the call returns."""

    async def add_link(self, link: Link) -> None: ...

    async def link(self, link: LinkId) -> Link | None: ...

    async def link_by_token(self, token_hash: str) -> Link | None: ...

    async def links_of(self, session: SessionId) -> list[Link]:
        """Those of persons, not of companions."""
        ...

    async def withdraw(self, link: LinkId, at_us: int) -> None: ...

    async def add_login(self, login: Login, most: int) -> None:
        """Keeps the newest `most` logins of the link."""
        ...

    async def login(self, login_hash: str) -> Login | None: ...


class SessionRecord(Protocol):
    """The session's own journal, which also holds who was given a link and opened it."""

    async def link_issued(
        self, session: SessionId, link: LinkId, seat: SeatId, expires_at_us: int
    ) -> None: ...

    async def link_opened(
        self, session: SessionId, link: LinkId, seat: SeatId, login: LoginId
    ) -> None: ...

    async def link_withdrawn(self, session: SessionId, link: LinkId, seat: SeatId) -> None: ...

    async def companion_opened(self, session: SessionId, companion: CompanionId) -> None:
        """Refused when it has been used, has ended or expired."""
        ...
