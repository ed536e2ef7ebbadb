"""The archive's desk behind real routes, over real rooms, links and a journal on disk; only the
packager is a shelf on which a test puts files."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import ClientResponse, DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from conference.access.service import AccessService
from conference.adapters import LinksInJournal
from conference.archive.desk.service import Desk, Sources
from conference.archive.ledger import Ledger
from conference.errors import Refused
from conference.events.archive import STREAM, ArchivistAppointed
from conference.events.base import Event
from conference.events.room import SeatInfo, SeatRole
from conference.http_api.bundle import Bundle
from conference.http_api.catalogue import Catalogue
from conference.http_api.invitations import Invitations
from conference.http_api.openapi import document
from conference.http_api.ports import Door, Health
from conference.http_api.server import application
from conference.ids import SeatId, SessionId
from conference.recording.packager.manifest import Manifest, PackagedFile
from conference.recording.packaging import PackageState
from conference.rooms import commands as c
from conference.storage.access_store import SqlAccessStore
from tests.support.rooms import Life, server_life
from tests.support.server import ROOT
from tests.support.story_a import MEDIATOR, SEATS, SESSION, create_session, endpoint
from tests.unit.http_api.door import NoDocuments

PDF = b"%PDF-1.7 of the agreement"
OTHER = SessionId("019827f1-0000-7000-8000-00000000000b")
KEEPER = ArchivistAppointed(SeatId("he-jing"), "何静", "师市综治中心")
OTHERS: dict[SeatRole, SeatId] = {
    "clerk": SeatId("seat-clerk"),
    "witness": SeatId("seat-witness"),
    "interpreter": SeatId("seat-interpreter"),
    "observer": SeatId("seat-observer"),
}
EVERYBODY = (*SEATS, *(SeatInfo(seat, seat, role, role, "") for role, seat in OTHERS.items()))
SEAT_OF: dict[str, SeatId] = {info.role: info.seat for info in EVERYBODY}


class Shelf:
    """archive.desk.ports.Packaging. `asked`: the sessions whose files were asked to be made."""

    def __init__(self, derived: Path) -> None:
        self.derived = derived
        self.packages: dict[SessionId, PackageState] = {}
        self.asked: list[SessionId] = []

    def put(self, session: SessionId, **contents: bytes) -> Manifest:
        """Files by the endpoint that they are of."""
        folder = self.derived / session
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for name, content in contents.items():
            (folder / f"{name}.webm").write_bytes(content)
            sha256 = hashlib.sha256(content).hexdigest()
            said = (f"{name}.webm", name, True, True, len(content), sha256)
            files.append(PackagedFile(*said, (), (), ()))
        manifest = Manifest(session, "ready", 1.0, 0, tuple(files))
        self.packages[session] = PackageState("ready", 1.0, manifest)
        return manifest

    def state(self, session: SessionId) -> PackageState:
        return self.packages.get(session, PackageState("missing", 0.0, None))

    async def ensure(self, session: SessionId) -> PackageState:
        self.asked.append(session)
        return self.state(session)


class Papers(NoDocuments):
    """A session whose first document, version 1, is on paper."""

    async def pdf(self, session: SessionId, document: str, version: int) -> bytes:
        if (session, document, version) != (SESSION, "agreement", 1):
            raise Refused("not_found")
        return PDF


@dataclass
class Visit:
    """One login: `base` is its path prefix without the slash at the end."""

    client: TestClient[Request, Application]
    base: str
    cookie: str

    async def get(self, path: str, **headers: str) -> ClientResponse:
        named = {"Cookie": self.cookie, "Accept-Language": "en", **headers}
        return await self.client.get(f"{self.base}/{path}", headers=named)

    async def post(self, path: str) -> ClientResponse:
        named = {"Cookie": self.cookie, "Accept-Language": "en"}
        return await self.client.post(f"{self.base}/{path}", headers=named)

    async def json(self, path: str) -> Any:
        answer = await self.get(path)
        assert answer.status == 200, await answer.text()
        return await answer.json()


@dataclass
class ArchiveHouse:
    """What a test can turn and look at."""

    life: Life
    ledger: Ledger
    access: AccessService
    shelf: Shelf
    client: TestClient[Request, Application] = field(init=False)

    async def recorded(self, session: SessionId = SESSION, seconds: int = 10) -> None:
        """The session has been recorded and is still open."""
        rooms = self.life.rooms
        await rooms.submit(session, c.JoinEndpoint(endpoint("desk"), "browser"), MEDIATOR)
        await rooms.submit(session, c.StartRecording(), MEDIATOR)
        self.life.clock.advance(seconds * 1_000_000)
        await rooms.submit(session, c.StopRecording(), MEDIATOR)

    async def enter(self, role: str, session: SessionId = SESSION) -> Visit:
        """Press the button of a fresh link."""
        if role == "archivist":
            link = await self.access.issue(STREAM, KEEPER.person, 30, "archive")
        else:
            link = await self.access.issue(session, SEAT_OF[role], 30)
        path = f"/j/{self.access.token(link.link)}"
        answer = await self.client.post(path, allow_redirects=False)
        login = answer.headers["Location"].split("/")[2]
        return Visit(self.client, f"/u/{login}", answer.headers["Set-Cookie"].split(";")[0])

    async def told(self, *kinds: type[Event]) -> list[Event]:
        """What stands in the archive's stream, of these kinds."""
        entries = await self.life.journal.service.read(STREAM)
        return [entry.event for entry in entries if isinstance(entry.event, kinds)]


@asynccontextmanager
async def archive_house(folder: Path) -> AsyncIterator[ArchiveHouse]:
    """Two sessions with everybody in them, an archivist, and the routes on a free port."""
    async with server_life(folder) as life:
        for number, session in enumerate((SESSION, OTHER)):
            command = replace(create_session(session), seats=EVERYBODY)
            title = f"{command.title} {number}"
            await life.rooms.submit(session, replace(command, title=title), c.SERVER)
        ledger = Ledger(life.journal.service, life.clock, "epoch-1")
        await ledger.tell(KEEPER)
        record = LinksInJournal(life.rooms, ledger)
        store = SqlAccessStore(life.journal.database)
        access = AccessService(store, record, b"s" * 32, life.clock, Random(7))
        shelf = Shelf(folder / "derived")
        kept = (life.journal.service, life.journal.index, life.rooms, shelf, shelf.derived)
        desk = Desk(Sources(*kept, life.clock, "epoch-1"), ledger)
        house = ArchiveHouse(life, ledger, access, shelf)
        app = application(_door(house, desk, folder))
        async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
            house.client = client
            yield house
        await desk.close()


def _door(house: ArchiveHouse, desk: Desk, folder: Path) -> Door:
    return Door(
        access=house.access,
        invitation=Invitations(house.life.rooms).of,
        documents=Papers(),
        recordings=desk,
        health=lambda: Health(None, "pure", "epoch-1"),
        metrics=lambda: "",
        openapi=document("0.1.0"),
        catalogue=Catalogue(),
        bundle=Bundle(folder / "dist"),
        templates=ROOT / "web" / "templates",
        base_url="http://127.0.0.1",
        wall_us=house.life.clock.wall_us,
    )
