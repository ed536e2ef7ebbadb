"""The documents of all sessions: keeps handwriting before its signature, makes the paper after the
last one, and ends companions whose time is over."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from conference.clock import Clock, read
from conference.documents import commands as c
from conference.documents import signing
from conference.documents import strokes as ink
from conference.documents.agreement import MissingGlyph, Template
from conference.documents.canonical import canonical, sha256
from conference.documents.matter import COMPANION_US, DocumentsMatter
from conference.documents.ports import Ack, BlobChanged, BlobStore, Renderer, Rooms
from conference.documents.render.job import RenderJob, Signature, Strokes
from conference.documents.state import Companion, Document, DocumentsState
from conference.documents.view import hash_prefix
from conference.errors import Fault, Refused
from conference.events.base import Entry
from conference.events.document import DocumentCompleted
from conference.ids import SERVER, CommandId, CompanionId, DocumentId, SeatId, SessionId
from conference.tasks import TaskOwner

LOOK_S = 1.0
"""How often companions are looked at."""

RETRY_US = 60_000_000
"""How long after a failure a document is rendered again."""

TEMPLATE = "people_agreement"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signing:
    """What a page sends with a signature. `companion`: None for the seat's own page."""

    command_id: CommandId
    document: DocumentId
    version: int
    hash: str
    strokes: ink.Strokes
    companion: CompanionId | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A companion as both screens show it. `expires_at_us`: UTC µs."""

    companion: CompanionId
    expires_at_us: int
    hash_prefix: str


class DocumentsService:
    """`make` gives each room its matter; `start` once the rooms run. `missing`: which character of
    a text the documents' fonts lack."""

    def __init__(
        self, blobs: BlobStore, renderer: Renderer, missing: MissingGlyph, clock: Clock, epoch: str
    ) -> None:
        self._blobs = blobs
        self._renderer = renderer
        self._missing = missing
        self._clock = clock
        self._epoch = epoch
        self._template = read_template(TEMPLATE)
        self._matters: dict[SessionId, DocumentsMatter] = {}
        self._tasks = TaskOwner("documents")
        self._wake = asyncio.Event()
        self._not_before_us: dict[str, int] = {}
        self._rooms: Rooms | None = None

    def make(self, session: SessionId) -> DocumentsMatter:
        """The matter of a room that is being made."""
        matter = DocumentsMatter(session, self._template, self._missing)
        self._matters[session] = matter
        return matter

    def start(self, rooms: Rooms) -> None:
        self._rooms = rooms
        rooms.subscribe(self._committed)
        self._wake.set()
        self._tasks.spawn("companions", self._look_forever())
        self._tasks.spawn("paper", self._print_forever())

    async def close(self) -> None:
        await self._tasks.close()

    async def state(self, session: SessionId) -> DocumentsState:
        """A session's documents, to read; Refused for an unknown session."""
        return (await self._matter(session)).state

    # --- signing

    async def sign(self, session: SessionId, seat: SeatId, signing_: Signing) -> Ack:
        """Give a signature: the handwriting is on disk before the event that names it. What would
        be refused anyway is refused before anything is stored."""
        content = await asyncio.to_thread(ink.kept, signing_.strokes)
        command = c.SignDocument(
            signing_.document,
            signing_.version,
            signing_.hash,
            sha256(content),
            signing_.companion,
            command_id=signing_.command_id,
        )
        matter = await self._matter(session)
        if not await self._blobs.has(command.strokes_hash):
            matter.handle(command, seat, read(self._clock, self._epoch))
            await self._blobs.put(content)
        return await self._open().submit(session, command, seat)

    async def issue_companion(
        self, session: SessionId, seat: SeatId, companion: CompanionId, command_id: CommandId
    ) -> Ticket:
        """A way in for the phone of the seat's person; repeated, it is the same one."""
        command = c.IssueCompanion(companion, COMPANION_US, command_id=command_id)
        await self._open().submit(session, command, seat)
        state = await self.state(session)
        found = signing.open_companion(state, companion, self._clock.wall_us())
        return _ticket(state, found)

    async def companion(
        self, session: SessionId, companion: CompanionId
    ) -> tuple[Document, Ticket]:
        """What an opened companion is for; Refused `companion_…` once it has ended."""
        state = await self.state(session)
        found = signing.open_companion(state, companion, self._clock.wall_us())
        document = state.current
        assert document is not None, "a companion is issued for a document"
        return document, _ticket(state, found)

    # --- what others may read

    async def pdf(self, session: SessionId, document: str, version: int) -> bytes:
        """The rendered document; Refused `not_found` when there is none, or not yet, and
        `file_damaged` when the stored bytes are not those of the journal's hash."""
        found = (await self.state(session)).documents.get(DocumentId(document))
        if found is None or found.version != version or found.pdf_hash is None:
            raise Refused("not_found")
        return await self._kept(found.pdf_hash)

    async def drawing(
        self, session: SessionId, document: str, version: int, seat: str
    ) -> Mapping[str, Any]:
        """The shape of a signature on this version; Refused `not_found`."""
        found = (await self.state(session)).documents.get(DocumentId(document))
        if found is None or found.version != version or SeatId(seat) not in found.signatures:
            raise Refused("not_found")
        return ink.drawing(await self._kept(found.signatures[SeatId(seat)].strokes_hash))

    async def _kept(self, digest: str) -> bytes:
        try:
            return await self._blobs.get(digest)
        except (KeyError, BlobChanged):
            _log.error("blob %s is missing or changed", digest[:12])
            raise Refused("file_damaged") from None

    # --- companions

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """End the companions whose time is over."""
        now_us = self._clock.wall_us()
        for session in self._open().live():
            matter = self._matters.get(session)
            for each in matter.state.open_companions() if matter is not None else ():
                if now_us >= each.expires_at_us:
                    await self._tell(session, c.EndCompanion(each.companion, "expired"))

    # --- paper

    def _committed(self, _session: SessionId, entries: Sequence[Entry]) -> None:
        if any(isinstance(entry.event, DocumentCompleted) for entry in entries):
            self._wake.set()

    async def _print_forever(self) -> None:
        """Completed documents without a PDF, one after the other; a failed one again later."""
        while True:
            try:
                async with asyncio.timeout(RETRY_US / 1e6):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            await self.print_due()

    async def print_due(self) -> None:
        """Render what is completed and not on paper yet."""
        now_us = self._clock.mono_us()
        for session in self._open().live():
            matter = self._matters.get(session)
            for document in list(matter.state.documents.values()) if matter is not None else ():
                due = document.state == "completed" and document.pdf_hash is None
                if due and now_us >= self._not_before_us.get(document.document, 0):
                    await self._print(session, document)

    async def _print(self, session: SessionId, document: Document) -> None:
        try:
            job = await self._job(session, document)
            pdf = await self._renderer.render(job)
            digest = await self._blobs.put(pdf)
        except asyncio.CancelledError:
            raise
        except Exception:
            self._not_before_us[document.document] = self._clock.mono_us() + RETRY_US
            _log.exception("document %s was not rendered", document.document)
            return
        noted = c.NoteRendered(document.document, document.version, digest, len(pdf))
        await self._tell(session, noted)

    async def _job(self, session: SessionId, document: Document) -> RenderJob:
        seats = (await self.state(session)).seats
        signatures = []
        for seat in document.signers:
            given = document.signatures[seat]
            kept = ink.Strokes.model_validate_json(await self._kept(given.strokes_hash))
            signatures.append(
                Signature(
                    seat=seat,
                    name=seats[seat].name,
                    role=seats[seat].standing or seats[seat].role,
                    signed_at_us=given.signed_at_us,
                    r_us=given.r_us,
                    strokes=_strokes(kept),
                )
            )
        assert document.hash is not None and document.completed_at_us is not None
        content = canonical(document.content)
        return RenderJob(content, document.hash, tuple(signatures), document.completed_at_us)

    # --- small things

    async def _tell(self, session: SessionId, command: c.DocumentCommand) -> None:
        try:
            await self._open().submit(session, command, SERVER)
        except (Refused, Fault) as error:
            _log.warning("session %s: %s not done: %s", session, type(command).__name__, error)

    async def _matter(self, session: SessionId) -> DocumentsMatter:
        await self._open().state(session)
        return self._matters[session]

    def _open(self) -> Rooms:
        if self._rooms is None:
            raise Refused("stopping")
        return self._rooms


def read_template(name: str) -> Template:
    """A template of this package with the beginnings that the seed stories have."""
    folder = files("conference.documents") / "templates"
    found = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return Template(stories=_stories(name), **found)


def _stories(template: str) -> dict[str, dict[str, Any]]:
    stories = {}
    for file in (files("conference.seeds") / "agreements").iterdir():
        if file.name.endswith(".json"):
            story = json.loads(file.read_text("utf-8"))
            if story["template"] == template:
                stories[file.name.removesuffix(".json")] = story["fields"]
    return stories


def _ticket(state: DocumentsState, companion: Companion) -> Ticket:
    document = state.current
    assert document is not None, "a companion is issued for a document"
    return Ticket(companion.companion, companion.expires_at_us, hash_prefix(document))


def _strokes(kept: ink.Strokes) -> Strokes:
    strokes = tuple(tuple((t, x, y, p) for t, x, y, p in stroke) for stroke in kept.strokes)
    return Strokes(kept.width, kept.height, strokes)
