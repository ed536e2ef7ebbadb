"""Who may: every document command, by every actor, in every state of the session."""

import pytest

from conference.documents import commands as c
from conference.documents.agreement import AgreementFields
from conference.documents.policy import RULES, check
from conference.errors import Refused
from conference.ids import CompanionId, DocumentId, SeatId
from conference.rooms.commands import SERVER, CloseSession, PauseSession
from tests.support.documents import AHMET, SigningPlay
from tests.support.story_a import DEPARTMENT, FATHER, MEDIATOR, SON

NAME, PHONE = DocumentId("document"), CompanionId("phone")
SAMPLES: list[c.DocumentCommand] = [
    c.DraftDocument(AgreementFields()),
    c.FreezeDocument(NAME, 1),
    c.ReopenDocument(NAME),
    c.AcknowledgeClause(NAME, 1, "", 1),
    c.SignDocument(NAME, 1, "", ""),
    c.IssueCompanion(PHONE, 1),
    c.OpenCompanion(PHONE),
    c.EndCompanion(PHONE, "expired"),
    c.NoteRendered(NAME, 1, "", 1),
]
WRITING: set[type] = {c.DraftDocument, c.ReopenDocument}
TAKING_PART: set[type] = {c.AcknowledgeClause, c.SignDocument, c.IssueCompanion}
BY_SERVER: set[type] = {c.OpenCompanion, c.EndCompanion, c.NoteRendered}
HOST: dict[str, set[type]] = {
    "scheduled": set(),
    "open": WRITING | {c.FreezeDocument} | TAKING_PART,
    "paused": WRITING,
    "closed": set(),
}


def in_state(name: str) -> SigningPlay:
    play = SigningPlay()
    if name == "scheduled":
        return play.created()
    play.opened(FATHER, AHMET)
    if name == "paused":
        play.says(MEDIATOR, PauseSession())
    elif name == "closed":
        play.says(MEDIATOR, CloseSession())
    return play


def may(play: SigningPlay, actor: SeatId) -> set[type]:
    allowed: set[type] = set()
    for command in SAMPLES:
        try:
            check(play.matter.state, command, actor)
        except Refused:
            continue
        allowed.add(type(command))
    return allowed


@pytest.mark.parametrize("state", HOST)
def test_the_table(state: str) -> None:
    play = in_state(state)
    inside = TAKING_PART if state == "open" else set()
    assert play.matter.state.session == state
    assert may(play, MEDIATOR) == HOST[state]
    assert may(play, FATHER) == may(play, SON) == inside, "the son sits beside his father"
    assert may(play, DEPARTMENT) == set(), "not inside"
    assert may(play, SERVER) == BY_SERVER
    assert may(play, SeatId("stranger")) == set()


def test_every_command_has_a_rule_a_handler_and_a_sample() -> None:
    known = {
        thing
        for thing in vars(c).values()
        if isinstance(thing, type) and issubclass(thing, c.DocumentCommand)
    } - {c.DocumentCommand}
    assert set(RULES) == known == {type(command) for command in SAMPLES}
    assert SigningPlay().created().matter.commands == known


def test_before_the_session_is_made_there_is_nothing() -> None:
    with pytest.raises(Refused) as refusal:
        check(SigningPlay().matter.state, SAMPLES[0], MEDIATOR)
    assert refusal.value.code == "session_unknown"
