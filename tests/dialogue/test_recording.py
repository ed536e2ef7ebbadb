"""The recording: on and off by the host, paused with the session, failed with its writer."""

import pytest

from conference.events.recording import (
    RecordingFailed,
    RecordingGap,
    RecordingPaused,
    RecordingRestored,
    RecordingResumed,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
    SealedTrack,
)
from conference.events.room import (
    EndpointLeft,
    EndpointLost,
    EndpointRestored,
    SessionPaused,
    SessionResumed,
)
from conference.events.server import EpochStarted
from conference.ids import TrackId
from conference.rooms.commands import (
    SERVER,
    LeaveEndpoint,
    MarkHeard,
    MarkLost,
    NoteGap,
    NoteSealed,
    PauseRecording,
    PauseSession,
    ReportWriterFailed,
    ReportWriterRestored,
    ResumeRecording,
    ResumeSession,
    StartRecording,
    StopRecording,
)
from tests.support.playbook import Playbook
from tests.support.story_a import FATHER, JUDGE, MEDIATOR, endpoint

HOST = endpoint(MEDIATOR)


def recording() -> Playbook:
    play = Playbook().opened(FATHER, JUDGE)
    play.says(MEDIATOR, StartRecording())
    play.hears(RecordingStarted("1"))
    return play


def test_recording_time_counts_what_was_recorded_and_nothing_else() -> None:
    play = Playbook().opened()
    play.wait(250)
    assert play.r_us == 0
    play.says(MEDIATOR, StartRecording())
    play.wait(1860)
    play.says(MEDIATOR, PauseRecording())
    play.wait(1020)
    assert play.r_us == 1_860_000_000
    play.says(MEDIATOR, ResumeRecording())
    play.wait(10)
    play.says(MEDIATOR, StopRecording())
    play.wait(99)
    assert play.r_us == 1_870_000_000
    marks = [e.r_us for e in play.entries if e.kind.startswith("recording:")]
    assert marks == [0, 1_860_000_000, 1_860_000_000, 1_870_000_000]
    play.hears(
        RecordingStarted("1"),
        RecordingPaused("1", "host"),
        RecordingResumed("2"),
        RecordingStopped("2"),
    )


def test_only_the_host_records() -> None:
    play = Playbook().opened(FATHER, JUDGE)
    for other in (FATHER, JUDGE):
        play.refuses(other, StartRecording(), "not_allowed")
    play.refuses(SERVER, StartRecording(), "not_allowed")
    play.says(MEDIATOR, StartRecording())
    for command in (PauseRecording(), StopRecording()):
        play.refuses(JUDGE, command, "not_allowed")


def test_each_order_has_its_state() -> None:
    play = Playbook().opened()
    play.refuses(MEDIATOR, PauseRecording(), "recording_not_on")
    play.refuses(MEDIATOR, ResumeRecording(), "recording_not_paused")
    play.refuses(MEDIATOR, StopRecording(), "recording_not_on")
    play.says(MEDIATOR, StartRecording())
    play.refuses(MEDIATOR, StartRecording(), "recording_started")
    play.refuses(MEDIATOR, ResumeRecording(), "recording_not_paused")
    play.says(MEDIATOR, PauseRecording())
    play.refuses(MEDIATOR, StartRecording(), "recording_started")
    play.refuses(MEDIATOR, PauseRecording(), "recording_not_on")


def test_a_paused_session_records_nothing_and_its_end_resumes_nothing() -> None:
    play = recording()
    play.says(MEDIATOR, PauseSession())
    play.hears(RecordingPaused("1", "session_paused"), SessionPaused("host"))
    play.refuses(MEDIATOR, ResumeRecording(), "session_paused")
    play.says(MEDIATOR, ResumeSession())
    play.hears(SessionResumed())
    play.wait(5)
    assert play.r_us == 0
    play.says(MEDIATOR, ResumeRecording())
    play.hears(RecordingResumed("2"))


def test_a_lost_host_pauses_all_and_his_return_resumes_nothing() -> None:
    play = recording()
    play.wait(7)
    play.says(SERVER, MarkLost(HOST))
    play.hears(EndpointLost(HOST), RecordingPaused("1", "host_lost"), SessionPaused("host_lost"))
    assert [entry.r_us for entry in play.entries[-3:]] == [7_000_000, 7_000_000, None]
    play.refuses(MEDIATOR, ResumeSession(), "line_lost")
    play.says(SERVER, MarkHeard(HOST))
    play.hears(EndpointRestored(HOST))
    play.refuses(MEDIATOR, ResumeRecording(), "session_paused")
    play.says(MEDIATOR, ResumeSession())
    play.says(MEDIATOR, ResumeRecording())
    play.hears(SessionResumed(), RecordingResumed("2"))


def test_a_host_who_leaves_pauses_all() -> None:
    play = recording()
    play.says(MEDIATOR, LeaveEndpoint(HOST))
    play.hears(
        EndpointLeft(HOST, "left"),
        RecordingPaused("1", "host_lost"),
        SessionPaused("host_lost"),
    )


def test_anybody_elses_lost_line_stops_nothing() -> None:
    play = recording()
    play.says(SERVER, MarkLost(endpoint(FATHER)))
    play.hears(EndpointLost(endpoint(FATHER)))
    play.wait(25)
    assert play.r_us == 25_000_000


def test_a_dead_writer_is_told_and_recording_time_runs_on() -> None:
    play = recording()
    play.wait(900)
    since = play.clock.wall_us() - 400_000
    play.says(SERVER, ReportWriterFailed("writer_died", since))
    play.says(SERVER, ReportWriterFailed("writer_died", since))
    play.wait(3)
    play.says(SERVER, ReportWriterRestored(play.clock.wall_us()))
    play.says(SERVER, NoteGap(None, 899_600_000, 903_000_000, "writer_died", 0))
    play.hears(
        RecordingFailed("writer_died", since),
        RecordingRestored(play.clock.wall_us(), "2"),
        RecordingGap(None, 899_600_000, 903_000_000, "writer_died", 0),
    )
    assert play.r_us == 903_000_000
    assert play.room.state.recording == "on"


def test_a_full_disk_stays_failed_until_the_host_resumes() -> None:
    play = recording()
    play.says(SERVER, ReportWriterFailed("disk_full", play.clock.wall_us()))
    play.says(MEDIATOR, ResumeRecording())
    play.hears(RecordingFailed("disk_full", play.clock.wall_us()), RecordingResumed("2"))
    play.says(MEDIATOR, PauseRecording())
    play.hears(RecordingPaused("2", "host"))


def test_a_failed_writer_can_be_paused_and_stopped_and_then_reports_nothing() -> None:
    play = recording()
    play.says(SERVER, ReportWriterFailed("writer_stalled", 1))
    play.says(MEDIATOR, StopRecording())
    play.says(SERVER, ReportWriterRestored(2))
    play.says(SERVER, ReportWriterFailed("writer_died", 3))
    play.hears(RecordingFailed("writer_stalled", 1), RecordingStopped("1"))


def test_a_take_named_by_the_writer_is_never_given_again() -> None:
    play = recording()
    play.says(SERVER, ReportWriterFailed("writer_died", 1))
    play.says(SERVER, ReportWriterRestored(2, take="3"))
    play.says(MEDIATOR, PauseRecording())
    play.says(MEDIATOR, ResumeRecording())
    play.hears(
        RecordingFailed("writer_died", 1),
        RecordingRestored(2, "3"),
        RecordingPaused("3", "host"),
        RecordingResumed("4"),
    )


def test_the_seal_of_a_take_is_noted_whenever_it_comes() -> None:
    play = recording()
    play.says(MEDIATOR, StopRecording())
    tracks = (SealedTrack(TrackId("t"), 3, "ab" * 32, 4096, 17),)
    play.says(SERVER, NoteSealed("1", tracks))
    play.hears(RecordingStopped("1"), RecordingSealed("1", tracks))


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4)])
def test_a_gap_lies_on_recording_time(start: int, end: int) -> None:
    play = recording()
    play.refuses(SERVER, NoteGap(None, start, end, "x", 1), "bad_message")


def test_before_any_recording_there_is_no_gap_and_no_seal() -> None:
    play = Playbook().opened()
    play.refuses(SERVER, NoteGap(None, 0, 1, "x", 1), "bad_message")
    play.refuses(SERVER, NoteSealed("1", ()), "bad_message")


@pytest.mark.parametrize("machine_too", [False, True])
def test_a_restarted_server_waits_for_the_host(machine_too: bool) -> None:
    play = recording()
    play.wait(60)
    sealed = play.clock.mono_us() - 300_000
    play.restart(sealed, machine_too)
    play.hears(
        EpochStarted("epoch-2", "epoch-1", 59_700_000),
        RecordingPaused("1", "server_restarted"),
        SessionPaused("server_restarted"),
    )
    assert [e.r_us for e in play.entries[-3:]] == [59_700_000, 59_700_000, None]
    play.wait(30)
    assert play.r_us == 59_700_000
    play.says(MEDIATOR, ResumeSession())
    play.says(MEDIATOR, ResumeRecording())
    play.wait(1)
    assert play.r_us == 60_700_000


def test_recording_time_never_falls_behind_an_instant_already_told() -> None:
    play = recording()
    play.wait(60)
    play.says(SERVER, MarkLost(endpoint(FATHER)))
    play.restart(sealed_mono_us=play.clock.mono_us() - 20_000_000)
    assert play.r_us == 60_000_000
    play.restart()
    assert play.r_us == 60_000_000


def test_a_recording_of_which_nothing_reached_the_disk_ends_where_it_began() -> None:
    play = recording()
    play.wait(4)
    play.restart(sealed_mono_us=None)
    assert play.r_us == 0


def test_a_session_that_was_not_recording_just_goes_on() -> None:
    play = Playbook().opened(FATHER)
    play.restart()
    play.hears(EpochStarted("epoch-2", "epoch-1", None))
    assert play.room.state.session == "open"
