"""Documents that were touched after the journal named them."""

from collections.abc import Callable
from typing import Any

import pytest

from conference.documents.canonical import canonical, hash_of, sha256
from conference.documents.render.worker import Printer
from conference.documents.verify import DocumentsCheck, verify_pdf
from conference.events.base import Event
from conference.events.document import (
    DocumentDrafted,
    DocumentFrozen,
    DocumentRendered,
    DocumentSigned,
)
from conference.ids import DocumentId, SeatId
from tests.support.printed import FONTS, agreement, job

DOCUMENT = DocumentId("document-1")
INK = b'{"strokes":[]}'
CONTENT = agreement()


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return Printer([FONTS]).print(job(CONTENT))


def stream(pdf: bytes, content: dict[str, Any] = CONTENT) -> list[Event]:
    digest = hash_of(CONTENT)
    return [
        DocumentDrafted(DOCUMENT, 1, "people_agreement", "人民调解协议书", content, {}),
        DocumentFrozen(DOCUMENT, 1, digest, (SeatId("s1"),)),
        DocumentSigned(DOCUMENT, 1, digest, SeatId("s1"), "p1", sha256(INK), "0" * 64, False),
        DocumentRendered(DOCUMENT, 1, sha256(pdf), len(pdf)),
    ]


def faults(events: list[Event], *kept: tuple[str, bytes]) -> list[str]:
    return DocumentsCheck(dict(kept).get).faults(events)


def test_what_was_not_touched_holds(pdf: bytes) -> None:
    check = DocumentsCheck({sha256(pdf): pdf, sha256(INK): INK}.get)
    assert check.faults(stream(pdf)) == [] and check.files == 2
    assert verify_pdf(pdf, canonical(CONTENT)) is None


def test_a_missing_file_is_named(pdf: bytes) -> None:
    ink, paper = faults(stream(pdf))
    assert "handwriting of seat s1 is missing" in ink and "PDF is missing" in paper


def changed(byte: int) -> Callable[[bytes], bytes]:
    return lambda pdf: pdf[:byte] + bytes([pdf[byte] ^ 1]) + pdf[byte + 1 :]


@pytest.mark.parametrize("byte", [0, 1_000, 20_000, -30])
def test_one_changed_byte_of_the_paper_is_found(pdf: bytes, byte: int) -> None:
    spoilt = changed(byte % len(pdf))(pdf)
    found = faults(stream(pdf), (sha256(pdf), spoilt), (sha256(INK), INK))
    assert "document document-1 version 1: the PDF has been changed" in found


def test_changed_handwriting_is_found(pdf: bytes) -> None:
    (found,) = faults(stream(pdf), (sha256(pdf), pdf), (sha256(INK), INK + b" "))
    assert found.endswith("the handwriting of seat s1 has been changed")


def test_a_text_that_is_not_the_frozen_one_is_found_in_journal_and_paper(pdf: bytes) -> None:
    other = agreement(copies=9)
    found = faults(stream(pdf, other), (sha256(pdf), pdf), (sha256(INK), INK))
    assert [fault.partition(": ")[2] for fault in found] == [
        "the frozen hash is not that of its text",
        "the text attached to the PDF is not the frozen one",
    ]


def test_a_paper_of_another_length_and_one_without_its_text(pdf: bytes) -> None:
    bare = b"%PDF-1.7\n"
    events = [*stream(pdf)[:3], DocumentRendered(DOCUMENT, 1, sha256(bare), 7)]
    found = faults(events, (sha256(bare), bare), (sha256(INK), INK))
    assert "has 9 bytes, and had 7" in found[0] and "cannot be read" in found[1]
    renamed = pdf.replace(b"agreement.json", b"disagreement.j")
    assert renamed != pdf
    assert verify_pdf(renamed, canonical(CONTENT)) == "the PDF has lost its attached text"
