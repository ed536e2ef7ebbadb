"""What the journal of a session looks like on recording time."""

import contextlib
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conference.archive.timeline import KINDS, Cue, Timeline, timeline
from conference.documents.commands import NoteRendered
from conference.errors import Refused
from conference.events.codec import decode, encode
from conference.events.recording import RecordingGap
from conference.rooms import commands as c
from conference.rooms.audience import EVERYONE
from conference.rooms.recording_time import recording_time
from tests.support.documents import AHMET, SIGNERS, SigningPlay
from tests.support.playbook import Playbook
from tests.support.story_a import FATHER, JUDGE, MEDIATOR, SON, endpoint
from tests.unit.rooms.random_session import SESSIONS, Step, take

S = 1_000_000
DESK, KIOSK = endpoint(MEDIATOR), endpoint(FATHER)


def told(play: Playbook) -> Timeline:
    return timeline(play.entries, play.clock.mono_us())


def of_kind(found: Timeline, kind: str) -> list[Cue]:
    return [cue for cue in found.cues if cue.kind == kind]


def test_a_session_with_a_pause_and_a_lost_line() -> None:
    play = Playbook().opened(FATHER)
    play.wait(5)
    play.says(MEDIATOR, c.StartRecording())
    play.wait(10)
    play.says(FATHER, c.SetMute(KIOSK, "microphone", True))
    play.wait(2)
    play.says(c.SERVER, c.MarkLost(KIOSK))
    play.wait(3)
    play.says(c.SERVER, c.MarkHeard(KIOSK))
    play.says(MEDIATOR, c.PauseRecording())
    play.wait(60)
    play.says(FATHER, c.SetMute(KIOSK, "microphone", False))
    play.says(MEDIATOR, c.ResumeRecording())
    play.wait(7)
    play.says(MEDIATOR, c.StopRecording())
    found = told(play)
    assert (found.r_end_us, found.recording) == (22 * S, "stopped")
    places = [(cue.kind, cue.at_us, cue.r_us) for cue in found.cues]
    assert places == [
        ("joined", 0, None),
        ("session_opened", 0, None),
        ("joined", 0, None),
        ("recording_started", 0, 0),
        ("muted", 10 * S, 10 * S),
        ("lost", 12 * S, 12 * S),
        ("restored", 15 * S, 15 * S),
        ("recording_paused", 15 * S, 15 * S),
        ("unmuted", 15 * S, None),
        ("recording_resumed", 15 * S, 15 * S),
        ("recording_stopped", 22 * S, 22 * S),
    ]
    first, second = found.intervals
    assert (first.r_from_us, first.r_to_us, first.ended_by) == (0, 15 * S, "host")
    assert (second.r_from_us, second.r_to_us, second.ended_by) == (15 * S, 22 * S, "stopped")
    assert second.wall_from_us - first.wall_to_us == 60 * S
    (muted,) = of_kind(found, "muted")
    assert (muted.endpoint, muted.source, set(muted.seats)) == (KIOSK, "microphone", {FATHER, SON})


def test_people_have_the_endpoints_that_carried_them() -> None:
    play = Playbook().opened(FATHER)
    play.says(SON, c.JoinEndpoint(endpoint("phone"), "browser"))
    play.says(FATHER, c.JoinEndpoint(endpoint("laptop"), "browser"))
    found = told(play)
    people = {person.seat: person for person in found.people}
    assert people[FATHER].endpoints == (KIOSK, endpoint("laptop"))
    assert people[SON].endpoints == (KIOSK, endpoint("phone"))
    assert people[JUDGE].endpoints == ()
    assert (people[FATHER].name, people[FATHER].standing) == ("王建国", "applicant")
    (replaced,) = of_kind(found, "replaced")
    assert (replaced.endpoint, replaced.seats) == (KIOSK, (FATHER,))


def test_a_recording_that_runs_ends_now() -> None:
    play = Playbook().opened()
    play.says(MEDIATOR, c.StartRecording())
    play.wait(4)
    found = told(play)
    assert (found.r_end_us, found.recording) == (4 * S, "on")
    assert (found.intervals[-1].r_to_us, found.intervals[-1].ended_by) == (4 * S, None)
    assert timeline(play.entries).r_end_us == 0


def test_the_death_of_the_server_ends_an_interval() -> None:
    play = Playbook().opened(FATHER)
    play.says(MEDIATOR, c.StartRecording())
    play.wait(10)
    sealed_us = play.clock.mono_us()
    play.wait(2)
    play.restart(sealed_us)
    found = told(play)
    assert found.r_end_us == 10 * S
    (restarted,) = of_kind(found, "server_restarted")
    assert (restarted.at_us, restarted.r_us) == (10 * S, 10 * S)
    assert [each.ended_by for each in found.intervals] == ["server_restarted"]
    assert found.recording == "paused"


def test_a_gap_stands_where_it_begins() -> None:
    play = Playbook().opened()
    play.says(MEDIATOR, c.StartRecording())
    play.wait(20)
    play.says(c.SERVER, c.NoteGap(None, 5 * S, 8 * S, "writer_died", 3))
    play.says(MEDIATOR, c.StopRecording())
    (gap,) = of_kind(told(play), "gap")
    assert (gap.at_us, gap.r_us, gap.to_us, gap.reason) == (5 * S, 5 * S, 8 * S, "writer_died")


def test_a_signature_with_its_document_and_without_a_recording() -> None:
    play = SigningPlay().frozen()
    play.read()
    play.says(FATHER, play.signing())
    play.says(MEDIATOR, c.StartRecording())
    play.wait(51.5)
    play.says(AHMET, play.signing())
    play.says(MEDIATOR, play.signing())
    found = told(play)
    signed = of_kind(found, "signed")
    assert [cue.seats for cue in signed] == [(FATHER,), (AHMET,), (MEDIATOR,)]
    assert [cue.r_us for cue in signed] == [None, 51_500_000, 51_500_000]
    assert len(of_kind(found, "acknowledged")) == play.document.clauses * len(SIGNERS)
    named = signed[0].document
    assert named is not None
    assert (named.version, named.hash) == (play.document.version, play.document.hash)
    assert named.title == "人民调解协议书"
    (completed,) = of_kind(found, "completed")
    assert (completed.document, found.papers) == (named, ())
    document = play.document
    play.says(c.SERVER, NoteRendered(document.document, document.version, "7" * 64, 9))
    assert told(play).papers == (named,)


def test_nothing_is_shown_that_not_everybody_could_know() -> None:
    assert set(KINDS) <= EVERYONE


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(SESSIONS, st.integers(0, 100_000_000))
def test_every_cue_has_its_place_and_another_reader_finds_the_same(
    steps: list[Step], later_us: int
) -> None:
    play = Playbook().created()
    for number, step in enumerate(steps):
        take(play, step, number)
    play.clock.advance(later_us)
    found = told(play)
    assert found.r_end_us == recording_time(play.entries).at(play.clock.mono_us())
    places = [cue.at_us for cue in found.cues]
    assert places == sorted(places)
    for cue in found.cues:
        assert 0 <= cue.at_us <= found.r_end_us
        assert cue.r_us is None or 0 <= cue.r_us <= found.r_end_us
        assert cue.to_us is None or cue.at_us <= cue.to_us <= found.r_end_us
    assert_intervals(found)
    again = [decode(encode(entry)) for entry in play.entries]
    assert timeline(again, play.clock.mono_us()) == found


def assert_intervals(found: Timeline) -> None:
    """They lie end to end from 0 to the end."""
    at_us = 0
    for interval in found.intervals:
        assert interval.r_from_us == at_us <= interval.r_to_us
        assert interval.wall_to_us - interval.wall_from_us == interval.r_to_us - at_us
        at_us = interval.r_to_us
    assert at_us == found.r_end_us


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(SESSIONS, st.booleans())
def test_a_restart_changes_nothing_that_was(steps: list[Step], machine_too: bool) -> None:
    play = Playbook().created()
    for number, step in enumerate(steps):
        take(play, step, number)
    for end in (c.StopRecording(), c.PauseSession()):
        with contextlib.suppress(Refused):
            play.says(MEDIATOR, end)
    before = told(play)
    play.restart(None, machine_too)
    after = told(play)
    assert (after.r_end_us, after.intervals) == (before.r_end_us, before.intervals)
    known = [cue for cue in after.cues if cue.seq <= max([0, *(each.seq for each in before.cues)])]
    assert tuple(known) == before.cues


def test_a_gap_that_is_told_too_late_is_cut_at_the_end() -> None:
    play = Playbook().opened()
    play.says(MEDIATOR, c.StartRecording())
    play.wait(1)
    play.says(MEDIATOR, c.StopRecording())
    late = replace(
        play.entries[-1],
        seq=len(play.entries) + 1,
        event=RecordingGap(None, 2 * S, 3 * S, "disk_full", 0),
        r_us=None,
    )
    (gap,) = of_kind(timeline([*play.entries, late]), "gap")
    assert (gap.at_us, gap.to_us) == (1 * S, 1 * S)
