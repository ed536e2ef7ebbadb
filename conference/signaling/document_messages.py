"""The wire schema of documents and companions; part of messages.py."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from conference.documents.agreement import AgreementFields
from conference.documents.strokes import Strokes
from conference.signaling.wire import Committed, Done, Id, Position, Wire

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[int, Field(ge=1, le=1_000_000)]


class DocumentDraft(Wire):
    """Host only: make the document from its template, or edit it. What is left out stays."""

    command_id: Id
    fields: AgreementFields


class DocumentFreeze(Wire):
    """Host only: fix a version for reading and signing."""

    command_id: Id
    document: Id
    version: Number


class DocumentReopen(Wire):
    """Host only: take the frozen version back; all that was given on it is void."""

    command_id: Id
    document: Id


class DocumentAcknowledge(Wire):
    """A signer has read this clause and agrees."""

    command_id: Id
    document: Id
    version: Number
    hash: Hash
    clause: Number


class DocumentSign(Wire):
    """The own signature, once."""

    command_id: Id
    document: Id
    version: Number
    hash: Hash
    strokes: Strokes


class CompanionIssue(Wire):
    """A one-time address on which the own person signs by phone."""

    command_id: Id


class CompanionJoin(Wire):
    """First message of a companion's socket."""


class SignerView(Wire):
    """One signer and what was given so far. `ink`: where the drawing of the signature is, below
    the login's path."""

    seat: Id
    acknowledged: list[Number]
    signed_at_us: int | None
    signed_r_us: int | None
    by_companion: bool | None
    ink: str | None


class DocumentView(Wire):
    """A document in its newest version. `pdf`: where it is, below the login's path."""

    document: Id
    version: Number
    state: Literal["draft", "frozen", "completed"]
    hash: Hash | None
    content: dict[str, Any]
    signers: list[SignerView]
    pdf: str | None
    fields: dict[str, Any]


class Drafted(Committed):
    """The draft is stored as this version."""

    document: Id
    version: Number


class Signed(Committed):
    """The signature is stored, with its moment on the recording; null: not recording."""

    signed_at_us: int
    signed_r_us: Position | None


class CompanionTicket(Done):
    """`svg`: the address as a QR code. `only_here`: the address is this machine's own, so that no
    phone can open it."""

    url: str
    svg: str
    expires_at_us: int
    hash_prefix: str
    only_here: bool
