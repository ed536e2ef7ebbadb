"""What holds in any signing round, whoever does what in whichever order."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from conference.documents import commands as c
from conference.documents.agreement import AgreementFields
from conference.documents.canonical import hash_of
from conference.documents.matter import COMPANION_US
from conference.documents.state import DocumentsState
from conference.errors import Refused
from conference.events import document as d
from conference.events.base import Entry
from conference.ids import CompanionId, SeatId
from conference.rooms.commands import (
    SERVER,
    PauseRecording,
    PauseSession,
    ResumeRecording,
    ResumeSession,
    StartRecording,
)
from conference.rooms.ports import Asked
from tests.support.documents import AHMET, SIGNERS, SigningPlay
from tests.support.story_a import DEPARTMENT, FATHER, JUDGE, MEDIATOR, SON

Step = tuple[str, SeatId, int]
ACTORS = st.sampled_from((*SIGNERS, SON, JUDGE, DEPARTMENT, SERVER))
SIGNER = st.sampled_from(SIGNERS)
STEPS = st.one_of(
    st.tuples(st.just("edit"), ACTORS, st.integers(0, 3)),
    st.tuples(st.just("freeze"), st.just(MEDIATOR), st.integers(0, 1)),
    st.tuples(st.just("reopen"), ACTORS, st.just(0)),
    st.tuples(st.just("read"), ACTORS, st.integers(0, 9)),
    st.tuples(st.just("read all"), SIGNER, st.just(0)),
    st.tuples(st.just("sign"), ACTORS, st.integers(0, 3)),
    st.tuples(st.just("phone"), ACTORS, st.integers(0, 2)),
    st.tuples(st.just("open"), st.just(SERVER), st.integers(0, 2)),
    st.tuples(st.just("sign by phone"), ACTORS, st.integers(0, 2)),
    st.tuples(st.just("room"), st.just(MEDIATOR), st.integers(0, 4)),
    st.tuples(st.just("wait"), st.just(SERVER), st.integers(0, 400)),
    st.tuples(st.just("round"), st.just(MEDIATOR), st.integers(0, 3)),
)
ROUNDS = st.lists(STEPS, max_size=40)
FEW = settings(max_examples=120, deadline=None)
ROOM = (StartRecording, PauseRecording, ResumeRecording, PauseSession, ResumeSession)


def do(play: SigningPlay, step: Step) -> None:
    what, actor, number = step
    if what == "wait":
        play.wait(number)
    elif what == "round":
        everybody_in_turn(play, number)
    elif what == "read all":
        read_all(play, actor)
    else:
        attempt(play, actor, asked(play, what, number))


def asked(play: SigningPlay, what: str, number: int) -> Asked:
    document = play.document
    name, version = document.document, document.version
    digest = document.hash or hash_of(document.content)
    phone = CompanionId(f"phone-{number}")
    sign = c.SignDocument(name, version, digest, "5" * 64)
    commands: dict[str, Asked] = {
        "edit": c.DraftDocument(AgreementFields(place=f"第 {number} 站")),
        "freeze": c.FreezeDocument(name, version - number),
        "reopen": c.ReopenDocument(name),
        "read": c.AcknowledgeClause(name, version, digest, number),
        "sign": replace(sign, version=max(1, version - number // 2)),
        "phone": c.IssueCompanion(phone, COMPANION_US),
        "open": c.OpenCompanion(phone),
        "sign by phone": replace(sign, companion=phone),
        "room": ROOM[number % len(ROOM)](),
    }
    return commands[what]


def read_all(play: SigningPlay, seat: SeatId) -> None:
    for clause in range(1, play.document.clauses + 1):
        attempt(play, seat, asked(play, "read", clause))


def everybody_in_turn(play: SigningPlay, number: int) -> None:
    """A round as it should be, of which the first `number` signers sign."""
    attempt(play, MEDIATOR, asked(play, "freeze", 0))
    for seat in SIGNERS:
        read_all(play, seat)
    for seat in SIGNERS[:number]:
        attempt(play, seat, asked(play, "sign", 0))


def attempt(play: SigningPlay, actor: SeatId, command: Asked) -> None:
    """What is refused changes nothing."""
    before = len(play.entries)
    try:
        play.says(actor, command)
    except Refused:
        assert len(play.entries) == before


def played(steps: list[Step]) -> SigningPlay:
    play = SigningPlay().opened(FATHER, AHMET, JUDGE, DEPARTMENT)
    play.drafted()
    for step in steps:
        do(play, step)
    return play


class Reader:
    """Reads the journal as a court would, with the rules written down a second time."""

    def __init__(self) -> None:
        self.clauses = 0
        self.frozen: dict[int, d.DocumentFrozen] = {}
        self.void: set[int] = set()
        self.read: dict[tuple[int, SeatId], set[int]] = {}
        self.signed: dict[int, list[SeatId]] = {}
        self.completed: set[int] = set()

    def take(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, d.DocumentDrafted):
            assert event.version == 1 or event.version - 1 not in set(self.frozen) - self.void
            self.clauses = len(event.content["clauses"])
        elif isinstance(event, d.DocumentFrozen):
            assert event.version not in self.frozen, "no version is frozen twice"
            self.frozen[event.version] = event
        elif isinstance(event, d.DocumentReopened):
            assert event.version not in self.completed
            self.void.add(event.version)
        elif isinstance(event, d.ClauseAcknowledged):
            assert event.version not in self.void and event.seat in SIGNERS
            self.read.setdefault((event.version, event.seat), set()).add(event.clause)
        elif isinstance(event, d.DocumentSigned):
            self._signature(event, entry)
        elif isinstance(event, d.DocumentCompleted):
            assert set(self.signed[event.version]) == set(SIGNERS)
            self.completed.add(event.version)

    def _signature(self, event: d.DocumentSigned, entry: Entry) -> None:
        assert entry.actor == event.seat and event.seat in SIGNERS
        assert event.version not in self.void and event.hash == self.frozen[event.version].hash
        signed = self.signed.setdefault(event.version, [])
        assert event.seat not in signed, "nobody signs twice"
        assert self.read[event.version, event.seat] == set(range(1, self.clauses + 1))
        assert event.seat != MEDIATOR or len(signed) == len(SIGNERS) - 1
        signed.append(event.seat)


@FEW
@given(ROUNDS)
def test_a_signature_stands_on_what_its_signer_has_read(steps: list[Step]) -> None:
    reader, play = Reader(), played(steps)
    for entry in play.entries:
        reader.take(entry)
    full = {v for v, seats in reader.signed.items() if set(seats) == set(SIGNERS)}
    assert reader.completed == full - reader.void, "completed exactly when all have signed"
    document = play.document
    stands = document.version not in reader.void
    assert set(document.signatures) == set(
        reader.signed.get(document.version, []) if stands else []
    )


@FEW
@given(ROUNDS)
def test_a_companion_is_used_once_in_its_time_and_for_its_seat(steps: list[Step]) -> None:
    issued: dict[CompanionId, d.CompanionIssued] = {}
    opened: set[CompanionId] = set()
    ended: set[CompanionId] = set()
    for entry in played(steps).entries:
        event = entry.event
        if isinstance(event, d.CompanionIssued):
            assert event.companion not in issued and entry.actor == event.seat
            issued[event.companion] = event
        elif isinstance(event, d.CompanionOpened):
            assert event.companion not in opened | ended
            assert entry.wall_us < issued[event.companion].expires_at_us
            opened.add(event.companion)
        elif isinstance(event, d.CompanionEnded):
            assert event.companion not in ended
            assert event.reason != "used" or event.companion in opened
            ended.add(event.companion)
    alive = [each.seat for each in issued.values() if each.companion not in ended]
    assert len(alive) == len(set(alive)), "a seat has one companion at a time"


@FEW
@given(ROUNDS)
def test_the_journal_alone_rebuilds_the_documents(steps: list[Step]) -> None:
    play = played(steps)
    rebuilt = DocumentsState(play.matter.state.session_id)
    for entry in play.entries:
        rebuilt.apply(entry)
    assert rebuilt == play.matter.state
