"""The story of `--simulate` in virtual time, before the real rules."""

import pytest

from conference.documents import commands as d
from conference.documents.agreement import AgreementFields
from conference.events.document import (
    ClauseAcknowledged,
    DocumentCompleted,
    DocumentDrafted,
    DocumentFrozen,
    DocumentSigned,
)
from conference.events.recording import RecordingStarted, RecordingStopped
from conference.ids import SeatId
from conference.rooms import commands as c
from conference.simulation.story import (
    LONGEST_READING_US,
    PATIENCE_US,
    SHORTEST_READING_US,
    Understudy,
    reading_us,
)
from tests.support.documents import AHMET, INK, SIGNERS
from tests.support.story_a import FATHER, JUDGE, MEDIATOR
from tests.support.theatre import CAST, CLERK, INTERPRETER, Theatre


def theatre() -> Theatre:
    play = Theatre()
    play.created()
    return play


def frozen_by_a_person() -> Theatre:
    """A person mediates: she records, and the agreement stands."""
    play = theatre().enters(*CAST).person(MEDIATOR)
    play.goes_on(3)
    play.asks(MEDIATOR, c.StartRecording())
    play.asks(MEDIATOR, d.DraftDocument(AgreementFields()))
    play.asks(MEDIATOR, play.freezing())
    return play


def sign(play: Theatre, seat: SeatId) -> None:
    """A person reads everything at a glance, and signs."""
    for clause in range(1, play.document.clauses + 1):
        play.asks(seat, play.acknowledging(clause))
    document = play.document
    assert document.hash is not None
    play.asks(seat, d.SignDocument(document.document, document.version, document.hash, INK))


def test_a_simulated_mediator_leads_a_judge_through_the_whole_story() -> None:
    play = theatre().enters(*(seat for seat in CAST if seat != JUDGE)).person(JUDGE)
    play.enters(MEDIATOR)
    play.goes_on(180)
    assert play.refusals == 0
    [completed] = play.when(DocumentCompleted)
    [stopped] = play.when(RecordingStopped)
    [started] = play.when(RecordingStarted)
    [drafted], [frozen] = play.when(DocumentDrafted), play.when(DocumentFrozen)
    assert 3 < started < drafted < frozen < completed < stopped < 120
    for seat in SIGNERS:
        read, [signed] = play.when(ClauseAcknowledged, seat), play.when(DocumentSigned, seat)
        assert len(read) == play.document.clauses and max(read) < signed
        assert all(b - a >= 1 for a, b in zip([frozen, *read], [*read, signed], strict=True))
    assert play.when(DocumentSigned)[-1] == play.when(DocumentSigned, MEDIATOR)[0]


def test_everybody_waits_for_a_person_who_mediates() -> None:
    play = theatre().enters(*CAST)
    play.goes_on(60)
    assert not play.speaking()
    play.person(MEDIATOR)
    joins = len(play.told)
    play.goes_on(120)
    assert len(play.told) == joins


def test_a_person_who_mediates_is_signed_with_within_the_minute_and_signs_last() -> None:
    play = frozen_by_a_person()
    play.goes_on(60)
    assert play.when(DocumentSigned, FATHER) and play.when(DocumentSigned, AHMET)
    assert not play.when(DocumentCompleted)
    play.goes_on(300)
    assert not play.when(DocumentCompleted) and play.refusals == 0
    sign(play, MEDIATOR)
    assert play.when(DocumentCompleted)
    play.goes_on(60)
    assert not play.when(RecordingStopped)  # hers to stop


def test_an_edit_is_read_and_signed_again() -> None:
    play = frozen_by_a_person()
    play.goes_on(10)
    play.asks(MEDIATOR, d.DraftDocument(AgreementFields(copies=5)))
    play.goes_on(30)
    assert not play.when(DocumentSigned)
    play.asks(MEDIATOR, play.freezing())
    play.goes_on(60)
    assert len(play.when(DocumentSigned)) == 2
    assert len(play.when(ClauseAcknowledged, FATHER)) > play.document.clauses


def test_a_simulated_mediator_waits_for_a_person_who_is_a_party() -> None:
    play = theatre().enters(*(seat for seat in CAST if seat != FATHER)).person(FATHER)
    play.enters(MEDIATOR)
    play.goes_on(300)
    assert play.when(DocumentSigned, AHMET) and not play.when(DocumentSigned, MEDIATOR)
    sign(play, FATHER)
    play.goes_on(30)
    assert play.when(DocumentCompleted) and play.when(RecordingStopped)
    assert play.refusals == 0


def test_a_person_who_takes_over_in_mid_reading_goes_on_where_the_other_was() -> None:
    play = frozen_by_a_person()
    play.goes_on(9)
    read = len(play.when(ClauseAcknowledged, FATHER))
    assert 0 < read < play.document.clauses
    play.person(FATHER)
    play.goes_on(60)
    assert len(play.when(ClauseAcknowledged, FATHER)) == read
    assert len(play.when(DocumentSigned)) == 1


def test_nobody_speaks_over_another_and_everybody_has_a_turn() -> None:
    play = theatre().enters(*CAST).person(MEDIATOR)
    heard: set[SeatId] = set()
    for _ in range(400):
        play.goes_on(0.1)
        assert len(play.speaking()) <= 1
        heard.update(play.speaking())
    assert heard == set(CAST) - {CLERK}
    play.asks(MEDIATOR, c.PauseSession())
    play.goes_on(5)
    assert play.speaking() == []


def test_the_interpreter_reads_aloud_what_is_read() -> None:
    play = frozen_by_a_person()
    play.goes_on(1)
    assert play.speaking() == [INTERPRETER]
    for clause in range(1, play.document.clauses + 1):
        play.asks(MEDIATOR, play.acknowledging(clause))
    play.goes_on(60)
    assert play.speaking() == []


def test_a_refused_wish_is_asked_again_when_it_may_be_done() -> None:
    play = frozen_by_a_person()
    play.goes_on(12)
    play.asks(MEDIATOR, c.PauseRecording())
    play.goes_on(60)
    assert play.refusals > 0 and not play.when(DocumentSigned)
    play.asks(MEDIATOR, c.ResumeRecording())
    play.goes_on(10)
    assert len(play.when(DocumentSigned)) == 2


def test_the_signer_writes_before_the_signature_is_given_and_a_moment_behind() -> None:
    play = frozen_by_a_person()
    shown = []
    while not play.when(DocumentSigned, FATHER):
        play.goes_on(0.1)
        shown.append(play.players[FATHER].mood(play.clock.mono_us(), play.clock.wall_us()))
    assert shown[-4:] == ["sign"] * 4 and shown[-12] != "sign"
    play.goes_on(1)
    assert play.players[FATHER].mood(play.clock.mono_us(), play.clock.wall_us()) == "sign"
    play.goes_on(1)
    assert play.players[FATHER].mood(play.clock.mono_us(), play.clock.wall_us()) == "quiet"


@pytest.mark.parametrize("pace", [0.8, 1.0, 1.15])
def test_reading_takes_the_longer_the_more_there_is_within_bounds(pace: float) -> None:
    times = [reading_us("字" * length, pace) for length in range(0, 300)]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (SHORTEST_READING_US, LONGEST_READING_US)


def test_the_understudy_comes_when_a_person_waited_and_never_after_a_person_mediated() -> None:
    play = theatre().enters(*CAST)
    understudy, view = Understudy(), play.players[CLERK].view
    assert not understudy.look(view, 0) and not understudy.look(view, 10 * PATIENCE_US)
    play.person(JUDGE)
    assert not understudy.look(view, 11 * PATIENCE_US)
    assert not understudy.look(view, 12 * PATIENCE_US - 1)
    assert understudy.look(view, 12 * PATIENCE_US)
    play.person(MEDIATOR)
    assert not understudy.look(view, 12 * PATIENCE_US)
    gone = play.room.state.endpoint_of(MEDIATOR)
    assert gone is not None
    play.asks(MEDIATOR, c.LeaveEndpoint(gone.endpoint))
    assert not understudy.look(view, 20 * PATIENCE_US)
    assert not understudy.look(view, 40 * PATIENCE_US)
