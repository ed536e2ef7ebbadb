"""The HTTP door with real links in a real database, and two people of story A."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from conference.access.links import Link, Visitor
from conference.access.service import AccessService
from conference.archive.desk.service import Page, Viewer
from conference.archive.ports import Query
from conference.archive.replay import Replay
from conference.certificates.authority import Authority
from conference.errors import Refused
from conference.http_api.access import visitor_of
from conference.http_api.bundle import Bundle
from conference.http_api.catalogue import Catalogue
from conference.http_api.openapi import document
from conference.http_api.ports import Door, Health, Invitation, Person, Ticket
from conference.http_api.server import application
from conference.ids import CompanionId, LinkId, LoginId, SeatId, SessionId
from conference.recording.packaging import PackageState
from conference.signaling.socket_io import SocketIo
from conference.storage.access_store import SqlAccessStore
from conference.storage.database import Database
from tests.support.virtual_clock import START_WALL_US, VirtualClock

ROOT = Path(__file__).resolve().parents[3]
SESSION = SessionId("0198270a-0000-7000-8000-000000000001")
WANG = SeatId("0198270a-9c00-7000-8000-000000000002")
MA = Person("马晓燕", "mediator", None, "九团人民调解委员会")
INVITATION = Invitation(
    session=SESSION,
    title="九团五连灌溉用水纠纷",
    case_number="九团人调〔2026〕037号",
    state="scheduled",
    scheduled_at_us=START_WALL_US,
    seat=WANG,
    person=Person("王建国<b>", "party", "applicant", "九团五连"),
    host=MA,
    beside=("王磊",),
)

AUTHORITY = Authority(
    root=b"""-----BEGIN CERTIFICATE-----
AAAA
-----END CERTIFICATE-----
""",
    fingerprint="0A:1B",
    renewed=None,
)

Client = TestClient[Request, Application]


class Record:
    """What would go into the session's journal."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []

    async def link_issued(
        self, session: SessionId, link: LinkId, seat: SeatId, expires_at_us: int
    ) -> None:
        self.entries.append(("issued", link))

    async def link_opened(
        self, session: SessionId, link: LinkId, seat: SeatId, login: LoginId
    ) -> None:
        self.entries.append(("opened", link))

    async def link_withdrawn(self, session: SessionId, link: LinkId, seat: SeatId) -> None:
        self.entries.append(("withdrawn", link))

    async def companion_opened(self, session: SessionId, companion: CompanionId) -> None:
        if ("used", companion) in self.entries:
            raise Refused("companion_used")
        self.entries.append(("used", companion))


@dataclass
class House:
    """What a test can turn and look at."""

    access: AccessService
    record: Record
    clock: VirtualClock
    dist: Path
    recordings: "NoRecordings"
    client: Client = field(init=False)
    reason: str | None = None

    async def link(self) -> tuple[Link, str]:
        """A fresh link of 王建国 and its path."""
        link = await self.access.issue(SESSION, WANG, 30)
        return link, f"/j/{self.access.token(link.link)}"

    async def enter(self) -> tuple[str, str]:
        """Press the button of a fresh link: the login's path and the Cookie header."""
        _, path = await self.link()
        answer = await self.client.post(path, allow_redirects=False)
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        return answer.headers["Location"], cookie


async def _invitation(session: SessionId, seat: SeatId) -> Invitation:
    return INVITATION


class NoDocuments:
    """A session in which nothing has been drawn up."""

    async def pdf(self, session: SessionId, document: str, version: int) -> bytes:
        raise Refused("not_found")

    async def drawing(
        self, session: SessionId, document: str, version: int, seat: str
    ) -> dict[str, Any]:
        raise Refused("not_found")

    async def companion(self, session: SessionId, companion: CompanionId) -> tuple[Any, Ticket]:
        raise Refused("companion_unknown")


class NoRecordings:
    """A desk that nobody has anything to ask at, or, with `recorded`, one recording of 王建国's."""

    def __init__(self) -> None:
        self.recorded = False

    async def viewer(self, visitor: Visitor) -> Viewer:
        return Viewer("p", "何静", "archivist", "师市综治中心", None)

    async def has_recordings(self, visitor: Visitor) -> bool:
        return self.recorded

    async def find(self, visitor: Visitor, query: Query) -> Page:
        raise Refused("replay_not_allowed")

    async def admit(self, visitor: Visitor, session: SessionId) -> object:
        raise Refused("replay_not_allowed")

    async def open(self, visitor: Visitor, session: SessionId) -> Replay:
        raise Refused("replay_not_allowed")

    async def package(self, visitor: Visitor, session: SessionId) -> PackageState:
        raise Refused("replay_not_allowed")

    async def file(self, visitor: Visitor, session: SessionId, name: str) -> Path:
        raise Refused("replay_not_allowed")


@asynccontextmanager
async def open_house(folder: Path, metrics_token: str | None = None) -> AsyncIterator[House]:
    """A running application on a free port of 127.0.0.1."""
    clock, record = VirtualClock(), Record()
    database = await Database.open(folder / "conference.db")
    store = SqlAccessStore(database)
    access = AccessService(store, record, b"k" * 32, clock, Random(1))
    house = House(access, record, clock, folder / "dist", NoRecordings())
    door = Door(
        access=access,
        invitation=_invitation,
        documents=NoDocuments(),
        recordings=house.recordings,
        health=lambda: Health(house.reason, "pure", "epoch-1"),
        metrics=lambda: "conference_up 1\n",
        openapi=document("0.1.0"),
        catalogue=Catalogue(),
        bundle=Bundle(house.dist),
        templates=ROOT / "web" / "templates",
        base_url="https://10.77.0.1:8443",
        wall_us=clock.wall_us,
        authority=AUTHORITY,
        metrics_token=metrics_token,
    )
    app = application(door)
    SocketIo((), "http://127.0.0.1", visitor_of).attach(app)
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        house.client = client
        yield house
    await database.close()
