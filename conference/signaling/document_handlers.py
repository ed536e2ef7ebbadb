"""Handlers of document and companion messages, as in handlers.py."""

import uuid

from conference.access.links import Visitor
from conference.documents import commands as c
from conference.documents.service import Signing
from conference.documents.view import document_view
from conference.errors import Refused
from conference.ids import CommandId, CompanionId, DocumentId, SeatId
from conference.signaling import document_messages as d
from conference.signaling import messages as m
from conference.signaling import qr
from conference.signaling.connection import Connection
from conference.signaling.ports import Parts


class DocumentHandlers:
    """Holds nothing of its own."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def draft(self, connection: Connection, message: d.DocumentDraft) -> m.Wire:
        command = c.DraftDocument(message.fields, command_id=CommandId(message.command_id))
        return await self._drafted(connection, command)

    async def freeze(self, connection: Connection, message: d.DocumentFreeze) -> m.Wire:
        document, command_id = DocumentId(message.document), CommandId(message.command_id)
        command = c.FreezeDocument(document, message.version, command_id=command_id)
        return m.Committed(feed=await self._submit(connection, command))

    async def reopen(self, connection: Connection, message: d.DocumentReopen) -> m.Wire:
        document, command_id = DocumentId(message.document), CommandId(message.command_id)
        return await self._drafted(connection, c.ReopenDocument(document, command_id=command_id))

    async def acknowledge(self, connection: Connection, message: d.DocumentAcknowledge) -> m.Wire:
        command = c.AcknowledgeClause(
            DocumentId(message.document),
            message.version,
            message.hash,
            message.clause,
            command_id=CommandId(message.command_id),
        )
        return m.Committed(feed=await self._submit(connection, command))

    async def sign(self, connection: Connection, message: d.DocumentSign) -> m.Wire:
        """The answer to a repetition is the same, unless the text has been changed since."""
        documents, session, seat = self._parts.documents, connection.session, connection.seat
        given = Signing(
            CommandId(message.command_id),
            DocumentId(message.document),
            message.version,
            message.hash,
            message.strokes,
            companion_of(connection.visitor),
        )
        ack = await documents.sign(session, seat, given)
        document = (await documents.state(session)).documents[given.document]
        signature = document.signatures.get(seat)
        if signature is None or document.version != given.version:
            raise Refused("document_changed")
        return d.Signed(
            feed=ack.feed[seat],
            signed_at_us=signature.signed_at_us,
            signed_r_us=signature.r_us,
        )

    async def issue(self, connection: Connection, message: d.CompanionIssue) -> m.Wire:
        session, seat = connection.session, connection.seat
        companion = companion_name(seat, message.command_id)
        command_id = CommandId(message.command_id)
        ticket = await self._parts.documents.issue_companion(session, seat, companion, command_id)
        url = await self._parts.companion_url(session, seat, ticket)
        return d.CompanionTicket(
            url=url,
            svg=qr.svg(url),
            expires_at_us=ticket.expires_at_us,
            hash_prefix=ticket.hash_prefix,
            only_here=qr.only_here(url),
        )

    async def companion_join(self, connection: Connection, _: d.CompanionJoin) -> m.Wire:
        """Repeated after a lost line as often as need be: the one use was the opening."""
        session, seat = connection.session, connection.seat
        companion = companion_of(connection.visitor)
        if companion is None:
            raise Refused("not_allowed")
        document, ticket = await self._parts.documents.companion(session, companion)
        view = await self._parts.rooms.snapshot(session, seat)
        connection.companion = True
        return m.CompanionWelcome(
            seat=next(m.SeatView(**each) for each in view["seats"] if each["seat"] == seat),
            session_title=view["session"]["title"],
            document=d.DocumentView.model_validate(document_view(document)),
            hash_prefix=ticket.hash_prefix,
            expires_at_us=ticket.expires_at_us,
            recording=m.RecordingView(**view["recording"]),
            now_us=view["now_us"],
        )

    async def _drafted(self, connection: Connection, command: c.DocumentCommand) -> m.Wire:
        feed = await self._submit(connection, command)
        document = (await self._parts.documents.state(connection.session)).current
        assert document is not None, "a stored draft is a document"
        return d.Drafted(feed=feed, document=document.document, version=document.version)

    async def _submit(self, connection: Connection, command: c.DocumentCommand) -> int:
        ack = await self._parts.rooms.submit(connection.session, command, connection.seat)
        return ack.feed[connection.seat]


def companion_name(seat: SeatId, command_id: str) -> CompanionId:
    """The companion that a request makes: the same for the same seat and command."""
    return CompanionId(str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seat}/companion/{command_id}")))


def companion_of(visitor: Visitor) -> CompanionId | None:
    """The companion whose socket this is; None for a seat's own."""
    return CompanionId(visitor.link) if visitor.scope == "companion" else None
