"""Issues, opens and withdraws links, and says who a login is."""

import hmac

from conference.access.links import (
    DAY_US,
    MOST_LOGINS,
    Link,
    LinkState,
    Login,
    Opened,
    Scope,
    Visitor,
    companion_token,
    hash_of,
    state_of,
    token_of,
)
from conference.access.ports import AccessStore, SessionRecord
from conference.clock import Clock
from conference.errors import Refused
from conference.ids import (
    CompanionId,
    LinkId,
    LoginId,
    Randomness,
    SeatId,
    SessionId,
    new_id,
    new_secret,
)


class AccessService:
    """Holds no state of its own: what it knows is in the store and the sessions' journals."""

    def __init__(
        self,
        store: AccessStore,
        record: SessionRecord,
        secret: bytes,
        clock: Clock,
        random: Randomness,
    ) -> None:
        self._store = store
        self._record = record
        self._secret = secret
        self._clock = clock
        self._random = random

    async def issue(
        self, session: SessionId, seat: SeatId, lifetime_days: int, scope: Scope = "session"
    ) -> Link:
        """A new link for the seat; its token is `token(link)`. A link of the scope `archive` is
        for an archivist, and names the stream of the archive as its session."""
        now_us = self._clock.wall_us()
        link = LinkId(new_id(self._clock, self._random))
        issued = Link(
            link=link,
            session=session,
            seat=seat,
            token_hash=hash_of(token_of(self._secret, link)),
            issued_at_us=now_us,
            expires_at_us=now_us + lifetime_days * DAY_US,
            scope=scope,
        )
        await self._record.link_issued(session, link, seat, issued.expires_at_us)
        await self._store.add_link(issued)
        return issued

    def token(self, link: LinkId) -> str:
        """The token of a link, the same each time."""
        return token_of(self._secret, link)

    async def find(self, token: str) -> tuple[Link, LinkState] | None:
        """The link a token belongs to, and whether it still opens; None for an unknown token."""
        return await self._find(token, "session", "archive")

    async def find_companion(self, token: str) -> tuple[Link, LinkState] | None:
        """The same of a companion's token."""
        return await self._find(token, "companion")

    async def _find(self, token: str, *scopes: Scope) -> tuple[Link, LinkState] | None:
        link = await self._store.link_by_token(hash_of(token))
        if link is None or link.scope not in scopes:
            return None
        return link, state_of(link, self._clock.wall_us())

    async def open(self, token: str) -> Opened:
        """Exchange a token for a login of its own; an unusable link is Refused."""
        found = await self.find(token)
        if found is None:
            raise Refused("link_unknown")
        link, state = found
        if state is not LinkState.VALID:
            raise Refused(f"link_{state}")
        opened, row = self._new_login(link)
        await self._record.link_opened(link.session, link.link, link.seat, opened.visitor.login)
        await self._store.add_login(row, MOST_LOGINS)
        return opened

    def _new_login(self, link: Link) -> tuple[Opened, Login]:
        login, cookie = LoginId(new_secret(self._random)), new_secret(self._random)
        row = Login(hash_of(login), hash_of(cookie), link.link, self._clock.wall_us())
        visitor = Visitor(login, link.link, link.session, link.seat, link.scope)
        return Opened(visitor, cookie), row

    async def add_companion(
        self, session: SessionId, seat: SeatId, companion: CompanionId, expires_at_us: int
    ) -> str:
        """The token of a companion that stands in the session's journal; asked again, the same."""
        token = companion_token(self._secret, companion)
        if await self._store.link(LinkId(companion)) is None:
            link = Link(
                link=LinkId(companion),
                session=session,
                seat=seat,
                token_hash=hash_of(token),
                issued_at_us=self._clock.wall_us(),
                expires_at_us=expires_at_us,
                scope="companion",
            )
            await self._store.add_link(link)
        return token

    async def open_companion(self, token: str) -> Opened:
        """Exchange a companion's token for its one login. Refused `companion_…`: unknown, used,
        expired, withdrawn."""
        found = await self.find_companion(token)
        if found is None:
            raise Refused("companion_unknown")
        link, _ = found
        opened, row = self._new_login(link)
        await self._record.companion_opened(link.session, CompanionId(link.link))
        await self._store.add_login(row, MOST_LOGINS)
        return opened

    async def visitor(self, login: str, cookie: str) -> Visitor | None:
        """Who holds this login and its cookie; None for strangers and ended links."""
        row = await self._store.login(hash_of(login))
        if row is None or not hmac.compare_digest(row.cookie_hash, hash_of(cookie)):
            return None
        link = await self._store.link(row.link)
        if link is None or state_of(link, self._clock.wall_us()) is not LinkState.VALID:
            return None
        return Visitor(LoginId(login), link.link, link.session, link.seat, link.scope)

    async def links(self, session: SessionId) -> list[Link]:
        """All links of a session, oldest first."""
        return await self._store.links_of(session)

    async def valid_links(self, session: SessionId) -> list[Link]:
        """Those that open now."""
        now_us = self._clock.wall_us()
        links = await self._store.links_of(session)
        return [link for link in links if state_of(link, now_us) is LinkState.VALID]

    async def withdraw(self, link: LinkId) -> Link:
        """End a link and every login it opened; a second withdrawal changes nothing."""
        found = await self._store.link(link)
        if found is None:
            raise Refused("link_unknown")
        if found.withdrawn_at_us is None:
            await self._record.link_withdrawn(found.session, found.link, found.seat)
            await self._store.withdraw(link, self._clock.wall_us())
        return found
