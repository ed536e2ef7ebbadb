"""Story A's agreement: drawn up, read clause by clause, signed by both sides and the mediator."""

from dataclasses import replace

import pytest

from conference.documents import commands as c
from conference.documents.agreement import AgreementFields
from conference.documents.canonical import hash_of
from conference.documents.matter import COMPANION_US
from conference.errors import Refused
from conference.events.document import (
    CompanionEnded,
    CompanionIssued,
    CompanionOpened,
    DocumentCompleted,
    DocumentDrafted,
    DocumentFrozen,
    DocumentRendered,
    DocumentReopened,
    DocumentSigned,
)
from conference.ids import CompanionId, DocumentId, SeatId
from conference.rooms.audience import feed
from conference.rooms.commands import (
    SERVER,
    LeaveEndpoint,
    PauseRecording,
    PauseSession,
    ResumeSession,
    StartRecording,
)
from conference.rooms.snapshot import snapshot
from tests.support.documents import AHMET, INK, PHONE, SIGNERS, SigningPlay
from tests.support.story_a import DEPARTMENT, FATHER, JUDGE, MEDIATOR, SON, endpoint

EDIT = c.DraftDocument(AgreementFields(place="九团水利工作站"))
FIVE_MINUTES = 300


def signed(play: SigningPlay, seat: SeatId, by_companion: bool = False) -> DocumentSigned:
    document = play.document
    assert document.hash is not None
    return DocumentSigned(
        document.document,
        document.version,
        document.hash,
        seat,
        play.matter.state.seats[seat].person,
        INK,
        play.matter.state.roster_hash(),
        by_companion,
    )


def test_the_template_is_filled_for_the_story() -> None:
    play = SigningPlay().opened(FATHER, AHMET)
    (drafted,) = play.says(MEDIATOR, c.DraftDocument(AgreementFields()))
    assert isinstance(drafted, DocumentDrafted) and drafted.version == 1
    content = drafted.content
    clauses = [clause["text"] for clause in content["clauses"]]
    assert len(clauses) == 7 and [clause["n"] for clause in content["clauses"]] == [*range(1, 8)]
    assert clauses[0] == (
        "被申请人艾合买提·吐尔逊向申请人王建国支付补偿款人民币 12,600 元（壹万贰仟陆佰元整）。"
    )
    assert "2026 年 11 月 30 日前付 6,000 元（陆仟元整）" in clauses[1]
    assert content["format"] == "agreement/1" and content["number"] == "九团人调〔2026〕037号"
    assert content["date"] == "2026-07-20"
    assert [party["name"] for party in content["parties"]] == ["王建国", "艾合买提·吐尔逊"]
    assert content["mediator"]["name"] == "马晓燕"


def test_a_whole_round_in_the_recording() -> None:
    play = SigningPlay().frozen()
    play.says(MEDIATOR, StartRecording())
    play.wait(60)
    play.read()
    for seat in SIGNERS:
        play.wait(10)
        play.says(seat, play.signing())
    document = play.document
    assert document.hash is not None and document.state == "completed"
    completed = DocumentCompleted(document.document, document.version, document.hash)
    play.hears(*(signed(play, seat) for seat in SIGNERS), completed)
    given = [document.signatures[seat].r_us for seat in SIGNERS]
    assert given == [70_000_000, 80_000_000, 90_000_000]
    assert play.entries[-1].wall_us == play.entries[-2].wall_us, "one transaction, one instant"


def test_the_freeze_names_the_hash_and_the_signers() -> None:
    play = SigningPlay().opened(FATHER, AHMET)
    play.drafted()
    play.says(MEDIATOR, play.freezing())
    document = play.document
    digest = hash_of(document.content)
    play.hears(DocumentFrozen(document.document, 1, digest, SIGNERS))
    assert play.says(MEDIATOR, play.freezing()) == [], "a second freeze finds all done"


def test_without_a_recording_the_signature_says_so() -> None:
    play = SigningPlay().frozen().read()
    play.says(FATHER, play.signing())
    assert play.document.signatures[FATHER].r_us is None


def test_no_signing_while_session_or_recording_is_paused() -> None:
    play = SigningPlay().frozen().read()
    play.says(MEDIATOR, StartRecording())
    play.says(MEDIATOR, PauseRecording())
    play.refuses(FATHER, play.signing(), "recording_paused")
    play.says(MEDIATOR, PauseSession())
    play.refuses(FATHER, play.signing(), "session_paused")
    play.refuses(FATHER, play.acknowledging(1), "session_paused")
    play.says(MEDIATOR, ResumeSession())
    play.refuses(FATHER, play.signing(), "recording_paused")


def test_only_the_host_writes() -> None:
    play = SigningPlay().frozen()
    name = play.document.document
    for command in (EDIT, c.ReopenDocument(name), c.FreezeDocument(name, 1)):
        play.refuses(FATHER, command, "not_allowed")
        play.refuses(SERVER, command, "not_allowed")
    play.refuses(MEDIATOR, c.NoteRendered(name, 1, INK, 1), "not_allowed")


@pytest.mark.parametrize("seat", [SON, JUDGE, DEPARTMENT])
def test_who_is_no_signer_acknowledges_and_signs_nothing(seat: SeatId) -> None:
    play = SigningPlay().opened(FATHER, AHMET, JUDGE, DEPARTMENT)
    play.drafted()
    play.says(MEDIATOR, play.freezing())
    play.refuses(seat, play.acknowledging(1), "not_a_signer")
    play.refuses(seat, play.signing(), "not_a_signer")
    play.refuses(SERVER, play.signing(), "not_allowed")
    play.refuses(SeatId("stranger"), play.signing(), "not_allowed")


def test_a_signer_from_outside_must_come_in_first() -> None:
    play = SigningPlay().frozen().read()
    play.says(FATHER, LeaveEndpoint(endpoint(FATHER)))
    play.refuses(FATHER, play.signing(), "not_joined")


def test_every_clause_first_then_one_signature_and_the_mediator_last() -> None:
    play = SigningPlay().frozen()
    play.refuses(FATHER, play.signing(), "clauses_missing")
    for clause in range(1, 7):
        play.says(FATHER, play.acknowledging(clause))
    play.refuses(FATHER, play.signing(), "clauses_missing")
    for clause in (0, 8, -1):
        play.refuses(FATHER, play.acknowledging(clause), "clause_unknown")
    play.read()
    assert play.says(FATHER, play.acknowledging(3)) == [], "a clause is acknowledged once"
    play.refuses(MEDIATOR, play.signing(), "signs_last")
    play.says(AHMET, play.signing())
    play.refuses(AHMET, play.signing(), "already_signed")
    play.refuses(MEDIATOR, play.signing(), "signs_last")
    play.says(FATHER, play.signing())
    play.says(MEDIATOR, play.signing())
    play.refuses(FATHER, play.signing(), "already_signed")
    play.refuses(MEDIATOR, EDIT, "document_completed")
    play.refuses(MEDIATOR, c.ReopenDocument(play.document.document), "document_completed")


def test_another_version_or_another_text_is_not_signed() -> None:
    play = SigningPlay().frozen().read()
    older, wrong = play.signing(), replace(play.signing(), hash="0" * 64)
    play.refuses(FATHER, wrong, "document_changed")
    unknown = replace(play.signing(), document=DocumentId("another"))
    play.refuses(FATHER, unknown, "document_unknown")
    play.says(MEDIATOR, EDIT)
    play.refuses(FATHER, older, "document_changed")
    play.refuses(FATHER, replace(older, version=2), "document_not_frozen")
    play.says(MEDIATOR, play.freezing())
    play.refuses(FATHER, older, "document_changed")


def test_an_edit_makes_a_version_and_voids_what_was_given() -> None:
    play = SigningPlay().frozen().read()
    play.says(FATHER, play.signing())
    play.says(MEDIATOR, EDIT)
    kinds = [event.KIND for event in play.heard()][-2:]
    assert kinds == [DocumentReopened.KIND, DocumentDrafted.KIND]
    document = play.document
    assert (document.version, document.state, document.hash) == (2, "draft", None)
    assert not document.signatures and not document.acknowledged
    play.says(MEDIATOR, play.freezing())
    play.refuses(FATHER, play.signing(), "clauses_missing")
    assert play.says(MEDIATOR, EDIT) == [], "the same text again is no edit"


def test_the_host_takes_a_version_back_and_it_never_freezes_again() -> None:
    play = SigningPlay().frozen().read()
    late = play.signing()
    play.says(MEDIATOR, c.ReopenDocument(play.document.document))
    assert play.document.version == 2 and play.document.state == "draft"
    assert play.says(MEDIATOR, c.ReopenDocument(play.document.document)) == []
    play.says(MEDIATOR, play.freezing())
    assert play.document.hash == late.hash, "the same text"
    play.refuses(FATHER, late, "document_changed")


def test_a_repeated_submit_counts_once() -> None:
    play = SigningPlay().frozen().read()
    command = play.signing(command_id="lost-answer")
    assert play.room.answered(command, FATHER) is None
    play.says(FATHER, command)
    assert play.room.answered(command, FATHER) == len(play.entries)
    assert sum(isinstance(entry.event, DocumentSigned) for entry in play.entries) == 1


def test_a_companion_signs_for_its_seat_once_and_the_endpoint_stays() -> None:
    play = SigningPlay().frozen().read()
    expires = play.clock.wall_us() + COMPANION_US
    play.says(FATHER, c.IssueCompanion(PHONE, COMPANION_US))
    play.refuses(FATHER, play.signing(PHONE), "not_allowed")  # nobody has opened it
    play.says(SERVER, c.OpenCompanion(PHONE))
    play.refuses(SERVER, c.OpenCompanion(PHONE), "companion_used")
    play.refuses(AHMET, play.signing(PHONE), "not_allowed")
    play.says(FATHER, play.signing(PHONE))
    play.hears(
        CompanionIssued(PHONE, FATHER, expires),
        CompanionOpened(PHONE, FATHER),
        signed(play, FATHER, by_companion=True),
        CompanionEnded(PHONE, FATHER, "used"),
    )
    play.refuses(SERVER, c.OpenCompanion(PHONE), "companion_used")
    play.refuses(FATHER, play.signing(PHONE), "companion_used")
    carrying = play.room.state.endpoint_of(FATHER)
    assert carrying is not None and carrying.endpoint == endpoint(FATHER)


def test_a_companion_is_good_for_five_minutes() -> None:
    play = SigningPlay().frozen().read()
    play.says(FATHER, c.IssueCompanion(PHONE, COMPANION_US))
    play.says(SERVER, c.OpenCompanion(PHONE))
    play.refuses(SERVER, c.EndCompanion(PHONE, "expired"), "bad_message")
    play.wait(FIVE_MINUTES)
    play.refuses(FATHER, play.signing(PHONE), "companion_expired")
    play.refuses(SERVER, c.OpenCompanion(PHONE), "companion_expired")
    play.says(SERVER, c.EndCompanion(PHONE, "expired"))
    assert play.heard()[-1] == CompanionEnded(PHONE, FATHER, "expired")
    play.refuses(FATHER, play.signing(PHONE), "companion_expired")
    play.refuses(SERVER, c.OpenCompanion(CompanionId("nobody")), "companion_unknown")


def test_a_new_companion_an_edit_and_a_signature_withdraw_the_older() -> None:
    play = SigningPlay().frozen().read()
    second, third = CompanionId("phone-0002"), CompanionId("phone-0003")
    play.says(FATHER, c.IssueCompanion(PHONE, COMPANION_US))
    play.says(FATHER, c.IssueCompanion(second, COMPANION_US))
    assert CompanionEnded(PHONE, FATHER, "withdrawn") in play.heard()
    play.refuses(FATHER, c.IssueCompanion(second, COMPANION_US), "bad_message")
    play.says(FATHER, play.signing())
    assert play.heard()[-1] == CompanionEnded(second, FATHER, "withdrawn")
    play.refuses(FATHER, c.IssueCompanion(third, COMPANION_US), "already_signed")
    play.says(AHMET, c.IssueCompanion(third, COMPANION_US))
    play.says(MEDIATOR, EDIT)
    assert CompanionEnded(third, AHMET, "withdrawn") in play.heard()
    play.refuses(AHMET, c.IssueCompanion(PHONE, COMPANION_US), "document_not_frozen")


def test_own_seat_and_host_learn_of_a_companion_and_nobody_else() -> None:
    play = SigningPlay().frozen().read()
    play.says(FATHER, c.IssueCompanion(PHONE, COMPANION_US))
    seen = {
        seat: [item.kind for item in feed(play.entries, seat)].count(CompanionIssued.KIND)
        for seat in (FATHER, MEDIATOR, AHMET, JUDGE)
    }
    assert seen == {FATHER: 1, MEDIATOR: 1, AHMET: 0, JUDGE: 0}


def test_the_paper_is_noted_once_and_only_of_a_completed_version() -> None:
    play = SigningPlay().frozen().read()
    name = play.document.document
    play.refuses(SERVER, c.NoteRendered(name, 1, INK, 9), "document_changed")
    for seat in SIGNERS:
        play.says(seat, play.signing())
    (rendered,) = play.says(SERVER, c.NoteRendered(name, 1, INK, 9))
    assert rendered == DocumentRendered(name, 1, INK, 9)
    assert play.says(SERVER, c.NoteRendered(name, 1, INK, 9)) == []
    view = snapshot(play.room, FATHER, play.clock.now(play.epoch))["documents"][0]
    assert view["pdf"] == f"documents/{name}/1.pdf" and view["state"] == "completed"


def test_a_rebuild_from_the_journal_gives_the_same_documents() -> None:
    play = SigningPlay().frozen().read()
    play.says(FATHER, c.IssueCompanion(PHONE, COMPANION_US))
    play.says(SERVER, c.OpenCompanion(PHONE))
    play.says(FATHER, play.signing(PHONE))
    before = play.matter.state
    play.restart()
    assert play.matter.state == before and play.matter.state is not before


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amounts": {"total": 1_260_000, "first": 1, "second": 2}}, "amounts_do_not_add_up"),
        ({"clauses": ["{nothing}"]}, "placeholder_unknown"),
        ({"clauses": ["a } b"]}, "placeholder_unknown"),
        ({"clauses": ["条" * 2_000] * 7}, "text_too_long"),
        ({"facts": "笔\U0001f58b"}, "glyph_missing"),
        ({"parties": {"seat-liu-weidong": {"address": "x"}}}, "seat_unknown"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(fields: dict[str, object], code: str) -> None:
    play = SigningPlay().opened()
    play.refuses(MEDIATOR, c.DraftDocument(AgreementFields.model_validate(fields)), code)


def test_the_refused_character_is_named() -> None:
    play = SigningPlay().opened()
    fields = AgreementFields(place="\U0001f58b")
    with pytest.raises(Refused) as refusal:
        play.room.handle(c.DraftDocument(fields), MEDIATOR, play.clock.now())
    assert refusal.value.params == {"character": "\U0001f58b"}


def test_an_amount_that_is_still_zero_keeps_the_text_open() -> None:
    play = SigningPlay().opened()
    play.drafted(amounts={"total": 0}, clauses=["付 {total}。"])
    play.refuses(MEDIATOR, play.freezing(), "field_missing")
