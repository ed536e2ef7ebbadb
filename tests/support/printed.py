"""An agreement to print, and what can be read in its PDF again."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw

from conference.documents.agreement import AgreementFields, Setting, content, filled
from conference.documents.canonical import canonical, sha256
from conference.documents.render.job import RenderJob, Signature, Strokes
from conference.documents.service import TEMPLATE, read_template
from tests.rules.tree import ROOT
from tests.support.documents import RESPONDENT, SIGNERS
from tests.support.signing_round import handwriting
from tests.support.story_a import SEATS

FONTS: Path = ROOT / ".build" / "fonts"
SIGNED_US = 1_784_538_737_300_000  # 2026-07-20 17:12:17.3 in Beijing
FOOTER_PT = 90
"""Height of the foot of a page that holds no text of the agreement."""


def agreement(**fields: Any) -> dict[str, Any]:
    """The content of story A's agreement, with these fields."""
    template = read_template(TEMPLATE)
    host = next(seat for seat in SEATS if seat.role == "mediator")
    setting = Setting("九团人调〔2026〕037号", [*SEATS, RESPONDENT], host, "2026-07-20")
    return content(
        template, filled(template, template.beginning("A"), AgreementFields(**fields)), setting
    )


def strokes(points: int = 40) -> Strokes:
    """The synthetic handwriting of tests/support/signing_round.py."""
    pad = handwriting(points)
    lines = tuple(tuple((t, x, y, p) for t, x, y, p in line) for line in pad["strokes"])
    return Strokes(pad["width"], pad["height"], lines)


def job(text: Mapping[str, Any] | None = None) -> RenderJob:
    """A completed agreement: signed by three, by the second while nothing was recorded."""
    frozen = canonical(dict(text or agreement()))
    names = [("王建国", "applicant"), ("艾合买提·吐尔逊", "respondent"), ("马晓燕", "mediator")]
    signatures = [
        Signature(seat, name, role, SIGNED_US, 3_067_300_000, strokes())
        for seat, (name, role) in zip(SIGNERS, names, strict=True)
    ]
    signatures[1] = replace(signatures[1], r_us=None)
    return RenderJob(frozen, sha256(frozen), tuple(signatures), SIGNED_US + 227_700_000)


def squeezed(text: str) -> str:
    """NFC, without white space: PDF readers put spaces between justified characters."""
    return "".join(unicodedata.normalize("NFC", text).split())


def body(pdf: bytes) -> str:
    """The squeezed text of all pages, without their feet."""
    pages = [page.get_textpage() for page in pypdfium2.PdfDocument(pdf)]
    return squeezed("".join(page.get_text_bounded(bottom=FOOTER_PT) for page in pages))


def feet(pdf: bytes) -> list[str]:
    """The squeezed foot of each page."""
    document = pypdfium2.PdfDocument(pdf)
    return [squeezed(page.get_textpage().get_text_bounded(top=FOOTER_PT)) for page in document]


def fonts(pdf: bytes) -> dict[str, bool]:
    """Name of each font on the pages, and whether it is embedded."""
    found = {}
    for page in pypdfium2.PdfDocument(pdf):
        for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
            font = item.get_font()
            found[font.get_base_name()] = font.is_embedded
    return found
