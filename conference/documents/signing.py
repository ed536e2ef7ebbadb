"""The rules of a document: drafted, frozen, acknowledged clause by clause, signed, completed.

draft ──freeze──▶ frozen ──last signature──▶ completed
frozen ──any edit, or taken back──▶ draft of the next version; all that was given is void
"""

from conference.documents.state import Companion, Document, DocumentsState
from conference.errors import Refused
from conference.ids import CompanionId, DocumentId, SeatId


def find(state: DocumentsState, document: DocumentId) -> Document:
    found = state.documents.get(document)
    if found is None:
        raise Refused("document_unknown")
    return found


def frozen_for(
    state: DocumentsState, document: DocumentId, version: int, digest: str, seat: SeatId
) -> Document:
    """The document as this seat read it and may act on it. Refused: `document_completed`,
    `document_changed` for another version or another text, `document_not_frozen`,
    `not_a_signer`."""
    found = find(state, document)
    if version != found.version:
        raise Refused("document_changed")
    if found.state == "draft":
        raise Refused("document_not_frozen")
    if digest != found.hash:
        raise Refused("document_changed")
    if seat not in found.signers:
        raise Refused("not_a_signer")
    if found.state == "completed":
        raise Refused("already_signed")
    return found


def check_acknowledge(document: Document, seat: SeatId, clause: int) -> bool:
    """Whether the clause is new to this signer; Refused `clause_unknown`."""
    if not 1 <= clause <= document.clauses:
        raise Refused("clause_unknown")
    return clause not in document.acknowledged[seat]


def check_sign(state: DocumentsState, document: Document, seat: SeatId) -> None:
    """Refused: `already_signed`, `clauses_missing` with their number, `recording_paused`, and
    `signs_last` for who signs after all others."""
    if seat in document.signatures:
        raise Refused("already_signed")
    missing = document.clauses - len(document.acknowledged[seat])
    if missing:
        raise Refused("clauses_missing", count=missing)
    if state.recording == "paused":
        raise Refused("recording_paused")
    waits = seat == document.signers[-1]
    if waits and len(document.signatures) < len(document.signers) - 1:
        raise Refused("signs_last")


def completes(document: Document, seat: SeatId) -> bool:
    """Whether this seat's signature is the last one."""
    return {*document.signatures, seat} == {*document.signers}


def open_companion(state: DocumentsState, companion: CompanionId, wall_us: int) -> Companion:
    """A companion that is still good, opened or not. Refused: `companion_unknown`,
    `companion_used`, `companion_withdrawn`, `companion_expired`."""
    found = state.companions.get(companion)
    if found is None:
        raise Refused("companion_unknown")
    if found.ended is not None:
        raise Refused(f"companion_{found.ended}")
    if wall_us >= found.expires_at_us:
        raise Refused("companion_expired")
    return found


def check_opening(companion: Companion) -> None:
    """One use."""
    if companion.opened:
        raise Refused("companion_used")
