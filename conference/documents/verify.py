"""Whether the documents that the journal names are kept as they were: the frozen text, the
handwriting, the paper and what is attached to it."""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pypdf import PdfReader

from conference.documents.canonical import canonical, hash_of, sha256
from conference.events.base import Event
from conference.events.document import (
    DocumentDrafted,
    DocumentFrozen,
    DocumentRendered,
    DocumentSigned,
)

ATTACHED = "agreement.json"

ReadBlob = Callable[[str], bytes | None]
"""The kept bytes under a hex SHA-256, unchecked; None when there are none."""


class DocumentsCheck:
    """Follows the events of one stream."""

    def __init__(self, read: ReadBlob) -> None:
        self._read = read
        self._contents: dict[tuple[str, int], dict[str, Any]] = {}
        self.files = 0
        """Blobs that were looked at."""

    def faults(self, events: Iterable[Event]) -> list[str]:
        """One line for each fault. `events`: the whole stream in its order."""
        return [fault for event in events for fault in self._see(event)]

    def _see(self, event: Event) -> Iterator[str]:
        match event:
            case DocumentDrafted():
                self._contents[event.document, event.version] = event.content
            case DocumentFrozen():
                content = self._contents.get((event.document, event.version))
                if content is None or hash_of(content) != event.hash:
                    yield f"{_name(event)}: the frozen hash is not that of its text"
            case DocumentSigned():
                _, fault = self._blob(event.strokes_hash)
                if fault:
                    yield f"{_name(event)}: the handwriting of seat {event.seat} {fault}"
            case DocumentRendered():
                yield from (f"{_name(event)}: {fault}" for fault in self._rendered(event))
            case _:
                pass

    def _rendered(self, event: DocumentRendered) -> Iterable[str]:
        pdf, fault = self._blob(event.pdf_hash)
        if fault:
            yield f"the PDF {fault}"
        if pdf is None:
            return
        if len(pdf) != event.bytes:
            yield f"the PDF has {len(pdf)} bytes, and had {event.bytes}"
        content = self._contents.get((event.document, event.version), {})
        attached = verify_pdf(pdf, canonical(content))
        if attached is not None:
            yield attached

    def _blob(self, digest: str) -> tuple[bytes | None, str]:
        self.files += 1
        content = self._read(digest)
        if content is None:
            return None, "is missing"
        return content, "" if sha256(content) == digest else "has been changed"


def verify_pdf(pdf: bytes, content: bytes) -> str | None:
    """What is wrong with the text attached to a PDF: None when it is the frozen content, byte for
    byte."""
    try:
        attached = PdfReader(io.BytesIO(pdf)).attachments.get(ATTACHED, [])
    except Exception as error:  # whatever a damaged file makes of the parser
        return f"the PDF cannot be read: {type(error).__name__}"
    if not attached:
        return "the PDF has lost its attached text"
    return (
        None
        if list(attached) == [content]
        else "the text attached to the PDF is not the frozen one"
    )


def _name(event: DocumentFrozen | DocumentSigned | DocumentRendered) -> str:
    return f"document {event.document} version {event.version}"
