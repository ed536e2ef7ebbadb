"""Handwriting before its signature, paper after the last one, companions that run out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from conference.documents import commands as c
from conference.documents.agreement import AgreementFields
from conference.documents.canonical import sha256
from conference.documents.render.job import RenderJob
from conference.documents.service import RETRY_US, DocumentsService, Signing
from conference.documents.state import Document
from conference.documents.strokes import Strokes, kept
from conference.errors import Refused
from conference.ids import CommandId, CompanionId, SeatId
from conference.rooms.commands import SERVER, JoinEndpoint
from conference.storage.blobs import Blobs
from tests.support.documents import AHMET, PHONE, RESPONDENT, SIGNERS
from tests.support.rooms import Life, server_life
from tests.support.signing_round import handwriting
from tests.support.story_a import FATHER, MEDIATOR, SEATS, SESSION, create_session, endpoint

INK = Strokes.model_validate(handwriting())


class Press:
    """A renderer that fails as often as it is told to, and keeps its jobs."""

    def __init__(self) -> None:
        self.failures = 0
        self.jobs: list[RenderJob] = []

    async def render(self, job: RenderJob) -> bytes:
        self.jobs.append(job)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no paper")
        return b"%PDF of " + job.hash.encode()


class FullDisk(Blobs):
    async def put(self, content: bytes) -> str:
        raise Refused("storage_full")


class Table:
    """Story A's signers inside, the agreement frozen and read by all."""

    def __init__(self, life: Life, documents: DocumentsService, press: Press) -> None:
        self.life = life
        self.documents = documents
        self.press = press

    async def laid(self) -> None:
        await self.life.rooms.submit(
            SESSION, replace(create_session(), seats=(*SEATS, RESPONDENT)), SERVER
        )
        for seat in (MEDIATOR, FATHER, AHMET):
            await self.life.says(seat, JoinEndpoint(endpoint(seat), "browser"))
        await self.life.rooms.submit(SESSION, c.DraftDocument(AgreementFields()), MEDIATOR)
        name = (await self.document()).document
        await self.life.rooms.submit(SESSION, c.FreezeDocument(name, 1), MEDIATOR)
        for seat in SIGNERS:
            for clause in range(1, 8):
                read = c.AcknowledgeClause(name, 1, await self.hash(), clause)
                await self.life.rooms.submit(SESSION, read, seat)

    async def document(self) -> Document:
        document = (await self.documents.state(SESSION)).current
        assert document is not None
        return document

    async def hash(self) -> str:
        return str((await self.document()).hash)

    async def sign(self, seat: SeatId, digest: str | None = None) -> None:
        document = await self.document()
        cause = CommandId(f"sign-{seat}")
        asked = Signing(cause, document.document, 1, digest or await self.hash(), INK)
        await self.documents.sign(SESSION, seat, asked)


@asynccontextmanager
async def table(folder: Path, blobs: Blobs | None = None) -> AsyncIterator[Table]:
    async with server_life(folder) as life:
        press, store = Press(), blobs or Blobs(folder / "blobs")
        documents = DocumentsService(store, press, lambda _: None, life.clock, "epoch-1")
        life.rooms.deal_with(documents.make)
        documents.start(life.rooms)
        made = Table(life, documents, press)
        await made.laid()
        try:
            yield made
        finally:
            await documents.close()


async def test_the_handwriting_is_stored_under_the_hash_that_the_signature_names(
    tmp_path: Path,
) -> None:
    async with table(tmp_path) as signing:
        await signing.sign(FATHER)
        given = (await signing.document()).signatures[FATHER]
        assert given.strokes_hash == sha256(kept(INK))
        assert await Blobs(tmp_path / "blobs").get(given.strokes_hash) == kept(INK)


async def test_what_is_refused_stores_nothing(tmp_path: Path) -> None:
    async with table(tmp_path) as signing:
        for seat, digest, code in (
            (MEDIATOR, None, "signs_last"),
            (FATHER, "0" * 64, "document_changed"),
        ):
            with pytest.raises(Refused) as refusal:
                await signing.sign(seat, digest)
            assert refusal.value.code == code
        assert not (tmp_path / "blobs").exists()


async def test_a_full_disk_leaves_no_signature(tmp_path: Path) -> None:
    async with table(tmp_path, FullDisk(tmp_path / "blobs")) as signing:
        with pytest.raises(Refused) as refusal:
            await signing.sign(FATHER)
        assert refusal.value.code == "storage_full"
        assert not (await signing.document()).signatures


async def test_paper_that_could_not_be_made_is_made_later(tmp_path: Path) -> None:
    async with table(tmp_path) as signing:
        signing.press.failures = 2
        for seat in SIGNERS:
            await signing.sign(seat)
        await signing.documents.print_due()
        assert (await signing.document()).pdf_hash is None
        for _ in range(2):
            signing.life.clock.advance(RETRY_US)
            await signing.documents.print_due()
        document, paper = await signing.document(), b"%PDF of " + (await signing.hash()).encode()
        assert document.pdf_hash == sha256(paper)
        assert await signing.documents.pdf(SESSION, document.document, 1) == paper
        job = signing.press.jobs[-1]
        assert [each.seat for each in job.signatures] == list(SIGNERS)
        assert sha256(job.content) == job.hash == document.hash
        await signing.documents.print_due()
        assert signing.press.jobs[-1] is job, "made once"


async def test_a_companion_runs_out(tmp_path: Path) -> None:
    async with table(tmp_path) as signing:
        ticket = await signing.documents.issue_companion(
            SESSION, FATHER, PHONE, CommandId("issue-1")
        )
        document, again = await signing.documents.companion(SESSION, PHONE)
        assert again == ticket and document.hash is not None
        assert ticket.hash_prefix.replace(" ", "") == document.hash[:12].upper()
        signing.life.clock.advance(ticket.expires_at_us - signing.life.clock.wall_us())
        with pytest.raises(Refused, match="companion_expired"):
            await signing.documents.companion(SESSION, PHONE)
        await signing.documents.look()
        state = await signing.documents.state(SESSION)
        assert state.companions[PHONE].ended == "expired" and not state.open_companions()


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with table(tmp_path) as signing:
        name = (await signing.document()).document
        for document, version in ((name, 1), (name, 2), ("other", 1)):
            with pytest.raises(Refused, match="not_found"):
                await signing.documents.pdf(SESSION, document, version)
            with pytest.raises(Refused, match="not_found"):
                await signing.documents.drawing(SESSION, document, version, FATHER)
        with pytest.raises(Refused, match="companion_unknown"):
            await signing.documents.companion(SESSION, CompanionId("nobody"))
