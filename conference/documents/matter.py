"""A session's documents as a matter of its room: decides on commands, remembers events. Nothing
here waits; `handle` changes nothing, `apply` refuses nothing."""

import uuid
from collections.abc import Callable
from typing import Any

from conference.clock import Now
from conference.documents import agreement, policy, signing
from conference.documents import commands as c
from conference.documents.canonical import hash_of
from conference.documents.state import Companion, Document, DocumentsState
from conference.documents.view import document_view
from conference.errors import Refused
from conference.events import document as d
from conference.events.base import Entry, Event
from conference.ids import DocumentId, SeatId, SessionId

COMPANION_US = 5 * 60 * 1_000_000
"""How long a companion's way in is good."""


class DocumentsMatter:
    """rooms.ports.Matter. `missing`: which character of a text the documents' fonts lack."""

    def __init__(
        self, session: SessionId, template: agreement.Template, missing: agreement.MissingGlyph
    ) -> None:
        self.state = DocumentsState(session)
        self._template = template
        self._missing = missing
        self._handlers: dict[type, Callable[[Any, SeatId, Now], list[Event]]] = {
            c.DraftDocument: self._draft,
            c.FreezeDocument: self._freeze,
            c.ReopenDocument: self._reopen,
            c.AcknowledgeClause: self._acknowledge,
            c.SignDocument: self._sign,
            c.IssueCompanion: self._issue,
            c.OpenCompanion: self._open,
            c.EndCompanion: self._end,
            c.NoteRendered: self._rendered,
        }
        self.commands = frozenset(self._handlers)

    def handle(self, command: c.DocumentCommand, actor: SeatId, now: Now) -> list[Event]:
        """What happens if this is done now; Refused when the actor may not, or not now."""
        policy.check(self.state, command, actor)
        return self._handlers[type(command)](command, actor, now)

    def apply(self, entry: Entry) -> None:
        self.state.apply(entry)

    def snapshot(self, seat: SeatId) -> dict[str, Any]:
        """`documents`: what everybody in the session may see of them."""
        documents = self.state.documents.values()
        return {"documents": [document_view(document) for document in documents]}

    # --- the text

    def _draft(self, command: c.DraftDocument, actor: SeatId, now: Now) -> list[Event]:
        created, old = self.state.created, self.state.current
        assert created is not None
        if old is not None and old.state == "completed":
            raise Refused("document_completed")
        before = self._template.beginning(created.origin) if old is None else old.fields
        fields = agreement.filled(self._template, before, command.fields)
        setting = agreement.Setting(
            created.case_number,
            created.seats,
            self.state.seats[created.host_seat],
            agreement.day_of(created.scheduled_at_us),
        )
        content = agreement.content(self._template, fields, setting)
        agreement.check_glyphs(content, self._missing)
        if old is not None and (content, fields) == (old.content, old.fields):
            return []
        name = self._new_name() if old is None else old.document
        version = 1 if old is None else old.version + 1
        events = [] if old is None else self._void(old, actor)
        template = self._template
        saved = d.DocumentDrafted(name, version, template.name, template.title, content, fields)
        return [*events, saved]

    def _new_name(self) -> DocumentId:
        """The same in every life of the server: of the session, and how many came before."""
        name = f"{self.state.session_id}/document/{len(self.state.documents) + 1}"
        return DocumentId(str(uuid.uuid5(uuid.NAMESPACE_OID, name)))

    def _void(self, document: Document, by: SeatId) -> list[Event]:
        """Nothing that was given on a frozen text goes over to another."""
        if document.state != "frozen":
            return []
        reopened = d.DocumentReopened(document.document, document.version, by)
        return [reopened, *self._withdraw_companions()]

    def _freeze(self, command: c.FreezeDocument, _actor: SeatId, _now: Now) -> list[Event]:
        document, created = signing.find(self.state, command.document), self.state.created
        assert created is not None
        if document.version != command.version or document.state == "completed":
            raise Refused("document_changed")
        if document.state == "frozen":
            return []
        empty = [name for name, fen in document.fields.get("amounts", {}).items() if fen == 0]
        if empty:
            raise Refused("field_missing", field=empty[0])
        host = self.state.seats[created.host_seat]
        seats = tuple(info.seat for info in agreement.signers(created.seats, host))
        digest = hash_of(document.content)
        return [d.DocumentFrozen(document.document, document.version, digest, seats)]

    def _reopen(self, command: c.ReopenDocument, actor: SeatId, _now: Now) -> list[Event]:
        """The next version begins as a copy, so that no version is ever frozen twice."""
        document = signing.find(self.state, command.document)
        if document.state == "completed":
            raise Refused("document_completed")
        if document.state == "draft":
            return []
        again = d.DocumentDrafted(
            document.document,
            document.version + 1,
            document.template,
            document.title,
            document.content,
            document.fields,
        )
        return [*self._void(document, actor), again]

    # --- acknowledgements and signatures

    def _acknowledge(self, command: c.AcknowledgeClause, actor: SeatId, _now: Now) -> list[Event]:
        document = self._read(command, actor)
        if not signing.check_acknowledge(document, actor, command.clause):
            return []
        return [
            d.ClauseAcknowledged(
                document.document, document.version, command.hash, actor, command.clause
            )
        ]

    def _sign(self, command: c.SignDocument, actor: SeatId, now: Now) -> list[Event]:
        if command.companion is not None:
            companion = signing.open_companion(self.state, command.companion, now.wall_us)
            if companion.seat != actor or not companion.opened:
                raise Refused("not_allowed")
        document = self._read(command, actor)
        signing.check_sign(self.state, document, actor)
        named = (document.document, document.version, command.hash)
        events: list[Event] = [
            d.DocumentSigned(
                *named,
                seat=actor,
                person=self.state.seats[actor].person,
                strokes_hash=command.strokes_hash,
                roster_hash=self.state.roster_hash(),
                by_companion=command.companion is not None,
            )
        ]
        events += self._end_companions_of(actor, command)
        if signing.completes(document, actor):
            events.append(d.DocumentCompleted(*named))
        return events

    def check_signing(self, command: c.SignDocument, actor: SeatId, now: Now) -> None:
        """Refused as `handle` would: asked before anything is stored."""
        self.handle(command, actor, now)

    def _read(self, command: c.AcknowledgeClause | c.SignDocument, actor: SeatId) -> Document:
        return signing.frozen_for(
            self.state, command.document, command.version, command.hash, actor
        )

    def _rendered(self, command: c.NoteRendered, _actor: SeatId, _now: Now) -> list[Event]:
        document = signing.find(self.state, command.document)
        if document.state != "completed" or document.version != command.version:
            raise Refused("document_changed")
        if document.pdf_hash == command.pdf_hash:
            return []
        named = (document.document, document.version, command.pdf_hash)
        return [d.DocumentRendered(*named, bytes=command.size)]

    # --- companions

    def _issue(self, command: c.IssueCompanion, actor: SeatId, now: Now) -> list[Event]:
        """Only for a signer whose turn to write has come."""
        document = self.state.current
        if document is None or document.state != "frozen":
            raise Refused("document_not_frozen")
        if actor not in document.signers:
            raise Refused("not_a_signer")
        signing.check_sign(self.state, document, actor)
        if command.companion in self.state.companions:
            raise Refused("bad_message")
        expires_at_us = now.wall_us + command.lifetime_us
        issued = d.CompanionIssued(command.companion, actor, expires_at_us)
        older = [each for each in self.state.open_companions() if each.seat == actor]
        return [*_withdrawn(older), issued]

    def _open(self, command: c.OpenCompanion, _actor: SeatId, now: Now) -> list[Event]:
        companion = signing.open_companion(self.state, command.companion, now.wall_us)
        signing.check_opening(companion)
        return [d.CompanionOpened(companion.companion, companion.seat)]

    def _end(self, command: c.EndCompanion, _actor: SeatId, now: Now) -> list[Event]:
        companion = self.state.companions.get(command.companion)
        if companion is None or companion.ended is not None:
            return []
        if command.reason == "expired" and now.wall_us < companion.expires_at_us:
            raise Refused("bad_message")
        return [d.CompanionEnded(companion.companion, companion.seat, command.reason)]

    def _end_companions_of(self, seat: SeatId, command: c.SignDocument) -> list[Event]:
        """With the signature every way in of this seat ends."""
        return [
            d.CompanionEnded(
                each.companion, seat, "used" if each.companion == command.companion else "withdrawn"
            )
            for each in self.state.open_companions()
            if each.seat == seat
        ]

    def _withdraw_companions(self) -> list[Event]:
        return _withdrawn(self.state.open_companions())


def _withdrawn(companions: list[Companion]) -> list[Event]:
    return [d.CompanionEnded(each.companion, each.seat, "withdrawn") for each in companions]
