"""Story A at the table where it is signed: a room with documents, played as a dialogue."""

from dataclasses import replace

from conference.documents import commands as c
from conference.documents.agreement import AgreementFields
from conference.documents.matter import DocumentsMatter
from conference.documents.service import TEMPLATE, read_template
from conference.documents.state import Document
from conference.events.room import SeatInfo
from conference.ids import CommandId, CompanionId, SeatId
from conference.rooms.commands import CreateSession
from conference.rooms.room import Room
from tests.support.playbook import Playbook
from tests.support.story_a import FATHER, MEDIATOR, SEATS, SESSION, create_session

AHMET = SeatId("seat-ahmet-tursun")
SIGNERS = (FATHER, AHMET, MEDIATOR)
INK = "5" * 64
PHONE = CompanionId("phone-0001")
RESPONDENT = SeatInfo(
    AHMET, "ahmet-tursun", "艾合买提·吐尔逊", "party", "九团五连", None, "respondent"
)


def no_font_has(text: str) -> str | None:
    """Fonts that can print everything but one character."""
    return "\U0001f58b" if "\U0001f58b" in text else None


class SigningPlay(Playbook):
    """A Playbook whose session has both sides and a document."""

    matter: DocumentsMatter

    def new_room(self) -> Room:
        self.matter = DocumentsMatter(SESSION, read_template(TEMPLATE), no_font_has)
        return Room([self.matter])

    def creation(self) -> CreateSession:
        return replace(create_session(), seats=(*SEATS, RESPONDENT))

    @property
    def document(self) -> Document:
        document = self.matter.state.current
        assert document is not None
        return document

    def drafted(self, **fields: object) -> "SigningPlay":
        """The host saves the agreement of the story, with these fields."""
        self.says(MEDIATOR, c.DraftDocument(AgreementFields.model_validate(fields)))
        self._heard.clear()
        return self

    def frozen(self) -> "SigningPlay":
        """All signers are inside, the agreement is frozen."""
        self.opened(FATHER, AHMET)
        self.drafted()
        self.says(MEDIATOR, self.freezing())
        self._heard.clear()
        return self

    def read(self, *seats: SeatId) -> "SigningPlay":
        """These seats, by default all signers, acknowledge every clause."""
        for seat in seats or SIGNERS:
            for clause in range(1, self.document.clauses + 1):
                self.says(seat, self.acknowledging(clause))
        self._heard.clear()
        return self

    def freezing(self) -> c.FreezeDocument:
        return c.FreezeDocument(self.document.document, self.document.version)

    def acknowledging(self, clause: int) -> c.AcknowledgeClause:
        document = self.document
        assert document.hash is not None
        return c.AcknowledgeClause(document.document, document.version, document.hash, clause)

    def signing(
        self, companion: CompanionId | None = None, command_id: str | None = None
    ) -> c.SignDocument:
        document = self.document
        assert document.hash is not None
        named = (document.document, document.version, document.hash)
        cause = None if command_id is None else CommandId(command_id)
        return c.SignDocument(*named, INK, companion, command_id=cause)
