"""What may be asked of a session's documents. The actor, a seat or SERVER, is given beside it.

`command_id` makes a repetition harmless, as for every command of the room.
"""

from dataclasses import dataclass
from typing import Literal

from conference.documents.agreement import AgreementFields
from conference.ids import CommandId, CompanionId, DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCommand:
    command_id: CommandId | None = None


@dataclass(frozen=True, slots=True)
class DraftDocument(DocumentCommand):
    """Make the session's document from its template, or edit it: a new version either way.
    Fields that are None stay as they were."""

    fields: AgreementFields


@dataclass(frozen=True, slots=True)
class FreezeDocument(DocumentCommand):
    """Fix the version for reading and signing."""

    document: DocumentId
    version: int


@dataclass(frozen=True, slots=True)
class ReopenDocument(DocumentCommand):
    """Take a frozen version back: it becomes the draft of the next one."""

    document: DocumentId


@dataclass(frozen=True, slots=True)
class AcknowledgeClause(DocumentCommand):
    """`clause`: its number, from 1."""

    document: DocumentId
    version: int
    hash: str
    clause: int


@dataclass(frozen=True, slots=True)
class SignDocument(DocumentCommand):
    """`strokes_hash`: under which the handwriting is stored. `companion`: the actor's phone, when
    the signature was given there."""

    document: DocumentId
    version: int
    hash: str
    strokes_hash: str
    companion: CompanionId | None = None


@dataclass(frozen=True, slots=True)
class IssueCompanion(DocumentCommand):
    """A way in for the actor's phone, `lifetime_us` long; an older one of the seat ends."""

    companion: CompanionId
    lifetime_us: int


@dataclass(frozen=True, slots=True)
class OpenCompanion(DocumentCommand):
    """The one use of it."""

    companion: CompanionId


@dataclass(frozen=True, slots=True)
class EndCompanion(DocumentCommand):
    """Its time is over, or it is taken back."""

    companion: CompanionId
    reason: Literal["expired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class NoteRendered(DocumentCommand):
    """The PDF of the completed document is stored under `pdf_hash`; `size`: bytes."""

    document: DocumentId
    version: int
    pdf_hash: str
    size: int
