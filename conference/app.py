"""The wiring: the one place where the parts are made and introduced to each other."""

import logging
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from conference import __version__, staging
from conference.access.links import derived
from conference.access.service import AccessService
from conference.adapters import (
    CompanionUrls,
    LinksInJournal,
    MediaAndRecording,
    NoEffects,
    SealedOnDisk,
)
from conference.archive.desk.service import Desk, Sources
from conference.archive.ledger import Ledger
from conference.clock import SystemClock
from conference.config import Configuration
from conference.documents.glyphs import Coverage
from conference.documents.render.fonts import coverage
from conference.documents.render.service import Renderer
from conference.documents.service import DocumentsService
from conference.http_api import control, demo, metrics
from conference.http_api.access import visitor_of
from conference.http_api.administration import Administration, Settings
from conference.http_api.archivists import Archivists
from conference.http_api.bundle import Bundle
from conference.http_api.catalogue import Catalogue
from conference.http_api.headers import NoPeers
from conference.http_api.invitations import Invitations
from conference.http_api.openapi import document
from conference.http_api.ports import Door, Health
from conference.http_api.server import application
from conference.http_api.tls import Secured, given, own
from conference.ids import new_id
from conference.journal.service import JournalService
from conference.listening import PortTaken, listen, taken
from conference.media.addresses import advertised, machine_addresses
from conference.media.forwarder.pure import PureForwarder
from conference.media.service import MediaService, MediaSettings
from conference.recording.packaging import PackagingService
from conference.recording.service import RecordingService
from conference.rehearsal.service import ORIGIN, House, rehearse_once
from conference.rooms.ports import Effects, Sealed
from conference.rooms.service import RoomsService
from conference.signaling.ports import Parts
from conference.signaling.server import SignalingDoor
from conference.storage.access_store import SqlAccessStore
from conference.storage.blobs import Blobs
from conference.storage.database import Database
from conference.storage.directory import DataDirectory, DirectoryTaken
from conference.storage.health import WatchedStore
from conference.storage.journal_store import SqlJournalStore
from conference.storage.session_index import SqlSessionIndex
from conference.tasks import TaskOwner

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / ".build" / "fonts"
LOOPS = ROOT / ".build" / "loops"
"""What test participants show, encoded once for all data directories; can be made again."""
TIER = "pure"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HANDLERS_S = 1.0
"""How long a request that is being answered may go on while the server ends."""


@dataclass(frozen=True)
class World:
    """Time, chance and place, which everything else is handed. `epoch` is this life's id;
    `fonts`: the folders of the documents' fonts."""

    config: Configuration
    directory: DataDirectory
    secret: bytes
    clock: SystemClock
    chance: random.SystemRandom
    epoch: str
    fonts: tuple[Path, ...]
    printable: Coverage

    @classmethod
    def of(cls, config: Configuration, directory: DataDirectory) -> "World":
        clock, chance = SystemClock(), random.SystemRandom()
        fonts = (FONTS, *filter(None, [config.documents.fonts]))
        return cls(
            config, directory, directory.secret(), clock, chance,
            new_id(clock, chance), fonts, coverage(fonts),
        )  # fmt: skip


Offices = tuple[
    Administration | control.RemoteAdministration, Archivists | control.RemoteAdministration
]
"""Where an administrator turns to, for sessions and for archivists."""


@dataclass(frozen=True)
class Core:
    """What a server and an administrator's command both need."""

    world: World
    store: WatchedStore
    index: SqlSessionIndex
    rooms: RoomsService
    access: AccessService
    journal: JournalService
    ledger: Ledger

    def administration(self, base_url: str) -> Administration:
        settings, chance = self._settings(base_url), (self.world.clock, self.world.chance)
        return Administration(self.rooms, self.access, self.index, settings, chance)

    def archivists(self, base_url: str) -> Archivists:
        settings, chance = self._settings(base_url), (self.world.clock, self.world.chance)
        return Archivists(self.ledger, self.access, settings, chance)

    def _settings(self, base_url: str) -> Settings:
        config = self.world.config
        limits = (config.links.lifetime_days, config.media.video_cap_bps)
        return Settings(base_url, *limits, self.world.printable.first_missing)


@dataclass(frozen=True)
class Place:
    """Where pages are served. `secured` is None where http is served."""

    listening: socket.socket
    url: str
    secured: Secured | None


@dataclass(frozen=True)
class Services:
    """What runs beside the rooms of a server."""

    media: MediaService
    recording: RecordingService
    documents: DocumentsService
    recordings: Desk


# --- life ----------------------------------------------------------------------------------------


@asynccontextmanager
async def open_core(world: World, effects: Effects, sealed: Sealed) -> AsyncIterator[Core]:
    """Database, journal, rooms and access while the block runs."""
    async with AsyncExitStack() as stack:
        database = await Database.open(world.directory.database)
        stack.push_async_callback(database.close)
        store = WatchedStore(SqlJournalStore(database), database)
        journal = JournalService(store, world.chance)
        journal.start()
        stack.push_async_callback(journal.close)
        rooms = RoomsService(journal, effects, sealed, world.clock, world.epoch)
        stack.push_async_callback(rooms.close)
        ledger = Ledger(journal, world.clock, world.epoch)
        record, chance = LinksInJournal(rooms, ledger), (world.clock, world.chance)
        access = AccessService(SqlAccessStore(database), record, world.secret, *chance)
        yield Core(world, store, SqlSessionIndex(database), rooms, access, journal, ledger)


@asynccontextmanager
async def administration(config: Configuration) -> AsyncIterator[Offices]:
    """The administration of the data directory: the running server's, or one of our own."""
    directory = DataDirectory(config.data)
    try:
        directory.lock()
    except DirectoryTaken:
        async with control.connect(directory.control) as remote:
            yield remote, remote
        return
    world, sealed = World.of(config, directory), SealedOnDisk(directory.recordings)
    async with open_core(world, NoEffects(), sealed) as core:
        url = base_url(config, config.port)
        yield core.administration(url), core.archivists(url)
    directory.release()


@asynccontextmanager
async def open_server(config: Configuration) -> AsyncIterator[str]:
    """A whole server while the block runs; yields its base URL."""
    async with AsyncExitStack() as stack:
        directory = DataDirectory(config.data).lock()
        stack.callback(directory.release)
        world = World.of(config, directory)
        listening = listen(config.host, config.port)
        stack.callback(listening.close)
        url = base_url(config, listening.getsockname()[1])
        place = Place(listening, url, _secured(world, url))
        reserve = config.recording.reserve_bytes
        recording = RecordingService(directory.recordings, reserve, world.clock, world.epoch)
        media = _media(world, recording)
        effects = MediaAndRecording(media, recording)
        core = await stack.enter_async_context(open_core(world, effects, recording))
        packaging = PackagingService(
            directory.recordings, directory.derived, core.journal, keep_free=2 * reserve
        )
        core.rooms.subscribe(packaging.on_entries)
        stack.push_async_callback(packaging.close)
        documents = await _documents(stack, world)
        core.rooms.deal_with(documents.make)
        await media.start()
        stack.push_async_callback(media.close)
        await recording.start(core.rooms)
        stack.push_async_callback(recording.close)
        await core.rooms.start(core.index)
        documents.start(core.rooms)
        stack.push_async_callback(documents.close)
        core.store.start()
        stack.push_async_callback(core.store.close)
        desk = _desk(core, packaging)
        stack.push_async_callback(desk.close)
        await _open_doors(stack, core, Services(media, recording, documents, desk), place)
        if config.demo and not config.bare_demo:
            tasks = await stack.enter_async_context(TaskOwner("demo"))
            tasks.spawn("rehearsal", _rehearse(core, packaging))
        yield url


def _desk(core: Core, packaging: PackagingService) -> Desk:
    world, derived = core.world, core.world.directory.derived
    kept = (core.journal, core.index, core.rooms, packaging, derived)
    return Desk(Sources(*kept, world.clock, world.epoch), core.ledger)


async def _documents(stack: AsyncExitStack, world: World) -> DocumentsService:
    missing = world.printable.first_missing
    renderer = Renderer(world.fonts)
    await renderer.start()
    stack.push_async_callback(renderer.close)
    blobs = Blobs(world.directory.blobs)
    return DocumentsService(blobs, renderer, missing, world.clock, world.epoch)


async def _open_doors(stack: AsyncExitStack, core: Core, services: Services, place: Place) -> None:
    """Signaling, pages and the control socket; then the demo."""
    url, secured, catalogue = place.url, place.secured, Catalogue()
    parts = _signaling_parts(core, services, catalogue, url)
    signaling = SignalingDoor(parts, url, visitor_of)
    services.recording.on_status = signaling.recording_status
    app = application(_door(core, services, signaling, catalogue, place))
    signaling.attach(app)
    app.on_shutdown.append(_closing(signaling))
    signaling.start()
    logger = logging.getLogger("conference.http_api.library")
    logger.addFilter(NoPeers())
    runner = web.AppRunner(app, access_log=None, logger=logger, shutdown_timeout=HANDLERS_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    context = None if secured is None else secured.context
    await web.SockSite(runner, place.listening, ssl_context=context).start()
    if secured is not None:
        renewals = await stack.enter_async_context(TaskOwner("tls"))
        renewals.spawn("keep", secured.keep(core.world.clock.wall_us))
    if secured is not None and secured.authority is not None:
        print(f"root certificate at {url}/ca  SHA-256 {secured.authority.fingerprint}", flush=True)
    admin, socket_path = core.administration(url), core.world.directory.control
    await stack.enter_async_context(control.serve(socket_path, admin, core.archivists(url)))
    if core.world.config.demo:
        await _open_demo(stack, core, admin, place)


def _closing(signaling: SignalingDoor) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_app: web.Application) -> None:
        await signaling.close()

    return close


def _signaling_parts(core: Core, services: Services, catalogue: Catalogue, url: str) -> Parts:
    return Parts(
        rooms=core.rooms,
        media=services.media,
        recording=services.recording.status,
        words=catalogue.error,
        key_of=lambda endpoint: derived(core.world.secret, "endpoint", endpoint),
        epoch=core.world.epoch,
        clock=core.world.clock,
        documents=services.documents,
        companion_url=CompanionUrls(core.access, url).of,
    )


def _door(
    core: Core, services: Services, signaling: SignalingDoor, catalogue: Catalogue, place: Place
) -> Door:
    token = core.world.config.metrics.token
    return Door(
        access=core.access,
        invitation=Invitations(core.rooms).of,
        documents=services.documents,
        recordings=services.recordings,
        health=lambda: Health(core.store.reason, TIER, core.world.epoch),
        metrics=lambda: metrics.render(
            healthy=core.store.reason is None,
            rooms=len(core.rooms.live()),
            media=services.media.stats(),
            signaling=signaling.counts(),
        ),
        openapi=document(__version__),
        catalogue=catalogue,
        bundle=Bundle(ROOT / "web" / "dist"),
        templates=ROOT / "web" / "templates",
        secure=place.url.startswith("https://"),
        base_url=place.url,
        authority=None if place.secured is None else place.secured.authority,
        wall_us=core.world.clock.wall_us,
        metrics_token=None if token is None else token.get_secret_value(),
    )


async def _open_demo(
    stack: AsyncExitStack, core: Core, admin: Administration, place: Place
) -> None:
    known, simulate = await core.index.all(), core.world.config.simulate
    # A cast begins its story at the beginning.
    known = [each for each in known if not (simulate and each.completed)]
    sessions = await demo.open_sessions(admin, known, core.world.clock)
    directory = core.world.directory
    archive = await core.archivists(place.url).appoint(demo.archivist())
    directory.write_private(directory.demo, demo.manifest(place.url, sessions, archive))
    if simulate:
        spec, links = demo.stories()[0], sessions[0]
        served = place.listening.getsockname()[:2]
        secure = place.secured is not None
        await stack.enter_async_context(staging.story(spec, links, served, secure, LOOPS))
    print(demo.printed(sessions, archive), flush=True)


async def _rehearse(core: Core, packaging: PackagingService) -> None:
    """The archive of a demo is never empty: at its first start a finished session is made."""
    if any(each.origin == ORIGIN for each in await core.index.all()):
        return
    world, directory = core.world, core.world.directory
    house = House(
        core.journal, Blobs(directory.blobs), Renderer(world.fonts),
        world.printable.first_missing, directory.recordings, LOOPS,
    )  # fmt: skip
    session = await rehearse_once(demo.stories()[0], house, world.clock)
    if session is not None:
        await packaging.ensure(session)


# --- places --------------------------------------------------------------------------------------


def base_url(config: Configuration, port: int) -> str:
    """What links begin with; on all addresses of the machine, the first that others reach."""
    if config.base_url is not None:
        return config.base_url
    host, _ = advertised((config.host, port), machine_addresses())[0]
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if config.secure else 'http'}://{host}:{port}"


def _secured(world: World, url: str) -> Secured | None:
    """TLS, where other machines come in; CertificateFault when it cannot be had."""
    config, now_us, host = world.config, world.clock.wall_us(), urlsplit(url).hostname or ""
    if not config.secure:
        return None
    if config.tls.certificate is not None and config.tls.key is not None:
        return Secured(given(config.tls.certificate, config.tls.key, host), now_us)
    served = advertised((config.host, 0), machine_addresses())
    others = [*LOOPBACK, *(address for address, _ in served)]
    return Secured(own(world.directory.authority, host, others), now_us)


def _media(world: World, recording: RecordingService) -> MediaService:
    section = world.config.media
    advertise = None
    if section.advertise is not None:
        host, _, port = section.advertise.rpartition(":")
        advertise = (host.strip("[]"), int(port))
    settings = MediaSettings(world.config.host, section.port, advertise)
    try:
        return MediaService(
            settings,
            world.clock,
            world.chance,
            lambda send: PureForwarder(send, recording.tap, world.chance),
        )
    except OSError as error:
        raise PortTaken(taken("UDP", world.config.host, section.port, error)) from None
