"""A document as the pages of its session see it."""

from typing import Any

from conference.documents.state import Document

PREFIX_DIGITS = 12
"""So many hex digits of the document's hash are shown on two screens, to be compared by eye."""


def document_view(document: Document) -> dict[str, Any]:
    """JSON values in the shape of the protocol's `document`. `pdf` and `ink` are addresses
    relative to the login's path /u/{login}/."""
    place = f"documents/{document.document}/{document.version}"
    return {
        "document": document.document,
        "version": document.version,
        "state": document.state,
        "hash": document.hash,
        "content": document.content,
        "signers": [_signer(document, seat, place) for seat in document.signers],
        "pdf": None if document.pdf_hash is None else f"{place}.pdf",
        "fields": document.fields,
    }


def _signer(document: Document, seat: str, place: str) -> dict[str, Any]:
    given = next((s for name, s in document.signatures.items() if name == seat), None)
    acknowledged = next((c for name, c in document.acknowledged.items() if name == seat), set())
    return {
        "seat": seat,
        "acknowledged": sorted(acknowledged),
        "signed_at_us": None if given is None else given.signed_at_us,
        "signed_r_us": None if given is None else given.r_us,
        "by_companion": None if given is None else given.by_companion,
        "ink": None if given is None else f"{place}/{seat}.json",
    }


def hash_prefix(document: Document) -> str:
    """As both screens show it: 9F3A 62B7 1D08."""
    assert document.hash is not None, "a companion is for a frozen document"
    digits = document.hash[:PREFIX_DIGITS].upper()
    return " ".join(digits[n : n + 4] for n in range(0, PREFIX_DIGITS, 4))
