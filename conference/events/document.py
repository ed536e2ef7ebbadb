"""What becomes of a session's documents: drafted, frozen, acknowledged, signed, rendered.

`document` names one document for good; `version` counts from 1 and is 1 more at every edit.
`hash` is the document's hash: hex SHA-256 of the frozen content's canonical JSON (RFC 8785).
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from conference.events.base import Event
from conference.ids import CompanionId, DocumentId, SeatId

CompanionEndReason = Literal["used", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class DocumentDrafted(Event):
    """A new version, written by the host. `fields`: what she filled in; `content`: what the
    template made of it, a JSON value whose `format` names its shape."""

    KIND: ClassVar[str] = "documents:draft:saved"
    document: DocumentId
    version: int
    template: str
    title: str
    content: dict[str, Any]
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentFrozen(Event):
    """The version stands, for reading and signing. `signers`: in the order in which their
    signatures stand on paper; the last one signs last."""

    KIND: ClassVar[str] = "documents:version:frozen"
    document: DocumentId
    version: int
    hash: str
    signers: tuple[SeatId, ...]


@dataclass(frozen=True, slots=True)
class DocumentReopened(Event):
    """The frozen `version` stands no longer: what was acknowledged and signed on it is void.
    `by`: the host, who edits it or takes it back."""

    KIND: ClassVar[str] = "documents:version:reopened"
    document: DocumentId
    version: int
    by: SeatId


@dataclass(frozen=True, slots=True)
class ClauseAcknowledged(Event):
    """A signer has read clause number `clause` (from 1) and agrees."""

    KIND: ClassVar[str] = "documents:clause:acknowledged"
    document: DocumentId
    version: int
    hash: str
    seat: SeatId
    clause: int


@dataclass(frozen=True, slots=True)
class DocumentSigned(Event):
    """One signature; its entry's `r_us` is the moment on the recording, None when nothing was
    recorded. `strokes_hash`: hex SHA-256 of the handwriting's canonical JSON, under which it is
    stored. `roster_hash`: the same of who was inside at this moment, which the entries before
    this one tell."""

    KIND: ClassVar[str] = "documents:signature:given"
    document: DocumentId
    version: int
    hash: str
    seat: SeatId
    person: str
    strokes_hash: str
    roster_hash: str
    by_companion: bool


@dataclass(frozen=True, slots=True)
class DocumentCompleted(Event):
    """All have signed; stored together with the last signature."""

    KIND: ClassVar[str] = "documents:document:completed"
    document: DocumentId
    version: int
    hash: str


@dataclass(frozen=True, slots=True)
class DocumentRendered(Event):
    """The completed document exists on paper: a PDF stored under `pdf_hash` (hex SHA-256)."""

    KIND: ClassVar[str] = "documents:document:rendered"
    document: DocumentId
    version: int
    pdf_hash: str
    bytes: int


@dataclass(frozen=True, slots=True)
class CompanionIssued(Event):
    """A one-time way in for the phone of somebody at a terminal. `expires_at_us`: UTC µs."""

    KIND: ClassVar[str] = "documents:companion:issued"
    companion: CompanionId
    seat: SeatId
    expires_at_us: int


@dataclass(frozen=True, slots=True)
class CompanionOpened(Event):
    KIND: ClassVar[str] = "documents:companion:opened"
    companion: CompanionId
    seat: SeatId


@dataclass(frozen=True, slots=True)
class CompanionEnded(Event):
    KIND: ClassVar[str] = "documents:companion:ended"
    companion: CompanionId
    seat: SeatId
    reason: CompanionEndReason
