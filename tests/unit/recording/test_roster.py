"""Which tracks are wanted, as the room's events say."""

import pytest

from conference.events.base import Event
from conference.events.media import TrackEnded
from conference.events.recording import (
    RecordingPaused,
    RecordingRestored,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import EndpointLeft, EndpointReplaced, MuteSet, SessionClosed
from conference.events.server import EpochStarted
from conference.recording.roster import Roster
from tests.support.recording import CAMERA, MA, MICROPHONE, WANG

ON = (CAMERA, MICROPHONE, RecordingStarted("1"))


def wanted(*events: Event) -> set[str]:
    return set(Roster().after(events).wanted())


def test_nothing_is_wanted_before_the_host_starts() -> None:
    assert wanted(CAMERA, MICROPHONE) == set()
    assert wanted(*ON) == {"camera", "microphone"}
    assert wanted(RecordingStarted("1"), CAMERA) == {"camera"}


@pytest.mark.parametrize(
    "end", [RecordingPaused("1", "host_lost"), RecordingStopped("1"), SessionClosed()]
)
def test_what_ends_the_order_ends_all(end: Event) -> None:
    assert wanted(*ON, end) == set()
    roster = Roster().after([*ON, end])
    assert roster.take is None
    assert set(roster.after([RecordingResumed("2")]).wanted()) == {"camera", "microphone"}


def test_a_muted_source_is_not_wanted_whenever_its_track_came() -> None:
    muted = MuteSet(WANG, "microphone", True, None)
    assert wanted(*ON, muted) == {"camera"}
    assert wanted(muted, *ON) == {"camera"}
    assert wanted(*ON, muted, MuteSet(WANG, "microphone", False, None)) == {"camera", "microphone"}
    assert wanted(*ON, MuteSet(WANG, "camera", True, None)) == {"camera", "microphone"}


@pytest.mark.parametrize(
    "gone",
    [
        TrackEnded(WANG, MICROPHONE.track, "microphone", "audio"),
        EndpointLeft(WANG, "left"),
        EndpointReplaced(WANG, MA),
    ],
)
def test_a_track_that_is_gone_is_not_wanted(gone: Event) -> None:
    assert wanted(*ON, gone) == {"camera"}


def test_another_life_of_the_server_has_no_old_tracks_but_old_mutes() -> None:
    muted = MuteSet(WANG, "microphone", True, None)
    life = EpochStarted("epoch-2", "epoch-1", 5)
    after = Roster().after([*ON, muted, life, RecordingPaused("1", "server_restarted")])
    assert not after.tracks
    assert set(after.after([CAMERA, MICROPHONE, RecordingResumed("2")]).wanted()) == {"camera"}


def test_looking_ahead_changes_nothing() -> None:
    roster = Roster().after(ON)
    roster.after([RecordingStopped("1"), EndpointLeft(MA, "left")])
    assert set(roster.wanted()) == {"camera", "microphone"}
    roster.apply(RecordingRestored(1, "1-2"))
    assert roster.take == "1", "the host's order has its own name"
