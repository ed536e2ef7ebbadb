"""Small hands of the wiring, between parts that do not know each other."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from conference.access.service import AccessService
from conference.archive.ledger import Ledger
from conference.documents.commands import OpenCompanion
from conference.documents.service import Ticket
from conference.events.access import LinkIssued, LinkOpened, LinkWithdrawn
from conference.events.archive import STREAM
from conference.events.base import Event
from conference.ids import CompanionId, LinkId, LoginId, SeatId, SessionId
from conference.media.service import MediaService
from conference.recording.recovery import await_writer, last_sealed
from conference.recording.service import RecordingService
from conference.rooms.commands import SERVER, IssueLink, OpenLink, WithdrawLink
from conference.rooms.ports import Asked, Effects
from conference.rooms.service import RoomsService


class NoEffects:
    """An administrator's command moves no packet."""

    async def tighten(self, session: SessionId, events: Sequence[Event]) -> None: ...

    async def loosen(self, session: SessionId, events: Sequence[Event]) -> None: ...


class MediaAndRecording:
    """Sinks before routes: the recorder is there when the first packet flows."""

    def __init__(self, media: MediaService, recording: RecordingService) -> None:
        self._parts: tuple[Effects, ...] = (recording, media)

    async def tighten(self, session: SessionId, events: Sequence[Event]) -> None:
        for part in self._parts:
            await part.tighten(session, events)

    async def loosen(self, session: SessionId, events: Sequence[Event]) -> None:
        for part in self._parts:
            await part.loosen(session, events)


class SealedOnDisk:
    """How far a take of a dead server is on disk, without a recording service."""

    def __init__(self, recordings: Path) -> None:
        self._recordings = recordings

    async def last_sealed(self, session: SessionId, take: str) -> int | None:
        await await_writer(self._recordings)
        return await asyncio.to_thread(last_sealed, self._recordings, session, take)


class LinksInJournal:
    """access.ports.SessionRecord: what happens to links stands in the journal of the session, or
    of the archive."""

    def __init__(self, rooms: RoomsService, ledger: Ledger) -> None:
        self._rooms = rooms
        self._ledger = ledger

    async def link_issued(
        self, session: SessionId, link: LinkId, seat: SeatId, expires_at_us: int
    ) -> None:
        if session == STREAM:
            await self._ledger.tell(LinkIssued(link, seat, expires_at_us))
        else:
            await self._tell(session, IssueLink(link, seat, expires_at_us))

    async def link_opened(
        self, session: SessionId, link: LinkId, seat: SeatId, login: LoginId
    ) -> None:
        if session == STREAM:
            await self._ledger.tell(LinkOpened(link, seat, login))
        else:
            await self._tell(session, OpenLink(link, login))

    async def link_withdrawn(self, session: SessionId, link: LinkId, seat: SeatId) -> None:
        if session == STREAM:
            await self._ledger.tell(LinkWithdrawn(link, seat))
        else:
            await self._tell(session, WithdrawLink(link))

    async def companion_opened(self, session: SessionId, companion: CompanionId) -> None:
        await self._tell(session, OpenCompanion(companion))

    async def _tell(self, session: SessionId, command: Asked) -> None:
        await self._rooms.submit(session, command, SERVER)


class CompanionUrls:
    """signaling.ports.Parts.companion_url: the address in a companion's QR code."""

    def __init__(self, access: AccessService, base_url: str) -> None:
        self._access = access
        self._base_url = base_url

    async def of(self, session: SessionId, seat: SeatId, ticket: Ticket) -> str:
        named = (session, seat, ticket.companion, ticket.expires_at_us)
        return f"{self._base_url}/c/{await self._access.add_companion(*named)}"
