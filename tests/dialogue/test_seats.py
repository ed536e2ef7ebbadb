"""Seats and endpoints: who comes in, beside whom, and what a second endpoint does."""

import pytest

from conference.events.media import TrackEnded, TrackPublished
from conference.events.room import (
    EndpointJoined,
    EndpointLeft,
    EndpointLost,
    EndpointReplaced,
    LayoutSet,
    MuteSet,
    SessionClosed,
    SessionOpened,
)
from conference.events.server import EpochStarted
from conference.ids import CommandId, SeatId, TrackId
from conference.rooms.commands import (
    SERVER,
    CloseSession,
    EndTracks,
    JoinEndpoint,
    LeaveEndpoint,
    MarkHeard,
    MarkLost,
    NewTrack,
    PublishTracks,
    ResumeSession,
    SetLayout,
    SetMute,
)
from tests.support.playbook import Playbook
from tests.support.story_a import DEPARTMENT, FATHER, JUDGE, MEDIATOR, SON, endpoint

CAMERA = NewTrack(TrackId("track-camera"), "camera", "video")
SOUND = NewTrack(TrackId("track-sound"), "microphone", "audio")


def join(name: str) -> JoinEndpoint:
    return JoinEndpoint(endpoint(name), "browser")


def test_anyone_may_come_before_the_host_whose_coming_opens_the_session() -> None:
    play = Playbook().created()
    play.says(FATHER, join("kiosk"))
    play.says(MEDIATOR, join("desk"))
    play.hears(
        EndpointJoined(endpoint("kiosk"), (FATHER, SON), "browser"),
        EndpointJoined(endpoint("desk"), (MEDIATOR,), "browser"),
        SessionOpened(),
    )


def test_what_is_switched_off_before_coming_in_is_off_inside() -> None:
    play = Playbook().created()
    play.says(JUDGE, JoinEndpoint(endpoint("pc"), "browser", frozenset({"microphone", "camera"})))
    play.hears(
        EndpointJoined(endpoint("pc"), (JUDGE,), "browser"),
        MuteSet(endpoint("pc"), "camera", True, JUDGE),
        MuteSet(endpoint("pc"), "microphone", True, JUDGE),
    )


def test_a_second_endpoint_of_a_seat_replaces_the_first() -> None:
    play = Playbook().opened(JUDGE)
    play.says(JUDGE, PublishTracks(endpoint(JUDGE), (CAMERA,)))
    play.says(JUDGE, join("phone"))
    play.hears(
        TrackPublished(endpoint(JUDGE), CAMERA.track, "camera", "video"),
        TrackEnded(endpoint(JUDGE), CAMERA.track, "camera", "video"),
        EndpointReplaced(endpoint(JUDGE), endpoint("phone")),
        EndpointJoined(endpoint("phone"), (JUDGE,), "browser"),
    )
    play.refuses(JUDGE, SetMute(endpoint(JUDGE), "camera", True), "replaced")


def test_the_host_on_a_second_device_pauses_nothing() -> None:
    play = Playbook().opened()
    play.says(MEDIATOR, join("phone"))
    assert play.room.state.session == "open"


def test_a_son_who_comes_by_his_own_link_leaves_his_fathers_endpoint() -> None:
    play = Playbook().opened(FATHER)
    play.says(SON, join("phone"))
    play.hears(EndpointJoined(endpoint("phone"), (SON,), "browser"))
    assert play.room.state.endpoints[endpoint(FATHER)].seats == (FATHER,)
    play.says(FATHER, join("kiosk"))
    play.hears(
        EndpointReplaced(endpoint(FATHER), endpoint("kiosk")),
        EndpointJoined(endpoint("kiosk"), (FATHER,), "browser"),
    )


def test_a_son_beside_his_father_moves_with_him() -> None:
    play = Playbook().opened(FATHER)
    play.says(FATHER, join("kiosk"))
    play.hears(
        EndpointReplaced(endpoint(FATHER), endpoint("kiosk")),
        EndpointJoined(endpoint("kiosk"), (FATHER, SON), "browser"),
    )


def test_a_father_who_comes_after_his_son_does_not_take_him_along() -> None:
    play = Playbook().opened(SON)
    play.says(FATHER, join("kiosk"))
    play.hears(EndpointJoined(endpoint("kiosk"), (FATHER,), "browser"))


def test_who_left_has_no_endpoint_and_comes_back_by_a_new_one() -> None:
    play = Playbook().opened(JUDGE)
    play.says(JUDGE, LeaveEndpoint(endpoint(JUDGE)))
    play.hears(EndpointLeft(endpoint(JUDGE), "left"))
    play.refuses(JUDGE, SetMute(endpoint(JUDGE), "camera", True), "not_joined")
    play.refuses(JUDGE, join(JUDGE), "bad_message")
    play.says(JUDGE, join("again"))
    play.hears(EndpointJoined(endpoint("again"), (JUDGE,), "browser"))


def test_nobody_acts_on_another_persons_endpoint() -> None:
    play = Playbook().opened(FATHER, JUDGE)
    theirs = endpoint(FATHER)
    play.refuses(JUDGE, SetMute(theirs, "microphone", True), "not_joined")
    play.refuses(JUDGE, LeaveEndpoint(theirs), "not_joined")
    play.refuses(JUDGE, PublishTracks(theirs, (CAMERA,)), "not_joined")
    play.refuses(MEDIATOR, EndTracks(theirs, (CAMERA.track,)), "not_joined")
    play.refuses(DEPARTMENT, SetLayout("grid", None), "not_joined")
    play.refuses(SeatId("stranger"), join("x"), "not_allowed")
    for command in (MarkLost(theirs), MarkHeard(theirs)):
        play.refuses(JUDGE, command, "not_allowed")


def test_switches_say_only_what_changes() -> None:
    play = Playbook().opened(FATHER)
    for muted in (False, True, True, False):
        play.says(FATHER, SetMute(endpoint(FATHER), "microphone", muted))
    play.hears(
        MuteSet(endpoint(FATHER), "microphone", True, FATHER),
        MuteSet(endpoint(FATHER), "microphone", False, FATHER),
    )


def test_a_layout_belongs_to_the_seat_and_survives_the_endpoint() -> None:
    play = Playbook().opened(JUDGE)
    play.says(JUDGE, SetLayout("grid", None))
    play.says(JUDGE, SetLayout("focus", FATHER))
    play.hears(LayoutSet(JUDGE, "focus", FATHER))
    play.refuses(JUDGE, SetLayout("focus", SeatId("stranger")), "seat_unknown")
    play.says(JUDGE, join("phone"))
    assert play.room.state.layouts[JUDGE] == ("focus", FATHER)


def test_an_endpoint_has_one_track_per_source() -> None:
    play = Playbook().opened()
    here = endpoint(MEDIATOR)
    play.says(MEDIATOR, PublishTracks(here, (CAMERA, SOUND)))
    play.says(MEDIATOR, PublishTracks(here, (NewTrack(TrackId("other"), "camera", "video"),)))
    play.says(SERVER, EndTracks(here, (SOUND.track, CAMERA.track)))
    play.hears(
        TrackPublished(here, CAMERA.track, "camera", "video"),
        TrackPublished(here, SOUND.track, "microphone", "audio"),
        TrackEnded(here, CAMERA.track, "camera", "video"),
        TrackPublished(here, TrackId("other"), "camera", "video"),
        TrackEnded(here, SOUND.track, "microphone", "audio"),
    )


@pytest.mark.parametrize(
    "tracks",
    [(CAMERA, CAMERA), (CAMERA, NewTrack(TrackId("b"), "camera", "video")), (SOUND,)],
    ids=["name twice", "source twice", "name in use"],
)
def test_tracks_have_names_of_their_own(tracks: tuple[NewTrack, ...]) -> None:
    play = Playbook().opened(FATHER)
    play.says(FATHER, PublishTracks(endpoint(FATHER), (SOUND,)))
    play.refuses(MEDIATOR, PublishTracks(endpoint(MEDIATOR), tracks), "bad_message")


def test_what_the_server_says_of_an_endpoint_that_has_gone_means_nothing() -> None:
    play = Playbook().opened(JUDGE)
    gone = endpoint(JUDGE)
    play.says(SERVER, MarkLost(gone))
    play.says(SERVER, MarkLost(gone))
    play.says(SERVER, LeaveEndpoint(gone, "expired"))
    play.hears(EndpointLost(gone), EndpointLeft(gone, "expired"))
    for command in (MarkLost(gone), MarkHeard(gone), LeaveEndpoint(gone), EndTracks(gone, ())):
        assert play.says(SERVER, command) == []


def test_a_restart_ends_the_tracks_and_keeps_everybody_seated() -> None:
    play = Playbook().opened(FATHER)
    play.says(FATHER, SetMute(endpoint(FATHER), "camera", True))
    play.says(FATHER, PublishTracks(endpoint(FATHER), (SOUND,)))
    play.hears(*[entry.event for entry in play.entries[-2:]])
    play.restart()
    play.hears(
        EpochStarted("epoch-2", "epoch-1", None),
        TrackEnded(endpoint(FATHER), SOUND.track, "microphone", "audio"),
    )
    still = play.room.state.endpoints[endpoint(FATHER)]
    assert still.seats == (FATHER, SON)
    assert still.muted == {"camera"}


def test_a_session_nobody_has_entered_was_not_interrupted() -> None:
    play = Playbook().created()
    play.restart()
    play.hears(EpochStarted("epoch-2", None, None))


def test_a_closed_session_is_over() -> None:
    play = Playbook().opened(JUDGE)
    play.refuses(JUDGE, CloseSession(), "not_allowed")
    play.says(MEDIATOR, PublishTracks(endpoint(MEDIATOR), (SOUND,)))
    play.says(MEDIATOR, CloseSession())
    play.hears(
        TrackPublished(endpoint(MEDIATOR), SOUND.track, "microphone", "audio"),
        TrackEnded(endpoint(MEDIATOR), SOUND.track, "microphone", "audio"),
        EndpointLeft(endpoint(MEDIATOR), "closed"),
        EndpointLeft(endpoint(JUDGE), "closed"),
        SessionClosed(),
    )
    play.refuses(JUDGE, join("late"), "session_closed")
    play.refuses(MEDIATOR, ResumeSession(), "not_joined")


def test_a_repeated_command_is_recognised_by_its_actor_and_id() -> None:
    play = Playbook().opened(FATHER, JUDGE)
    command = SetMute(endpoint(FATHER), "camera", True, command_id=CommandId("c-1"))
    play.says(FATHER, command)
    assert play.room.answered(command, FATHER) == len(play.entries)
    assert play.room.answered(command, JUDGE) is None
    assert play.room.answered(SetMute(endpoint(FATHER), "camera", True), FATHER) is None
    play.restart()
    assert play.room.answered(command, FATHER) == len(play.entries) - 1


def test_a_father_who_comes_again_after_his_son_has_left_has_him_beside_again() -> None:
    play = Playbook().opened(FATHER, SON)
    play.says(SON, LeaveEndpoint(endpoint(SON)))
    play.says(FATHER, join("kiosk"))
    play.hears(
        EndpointLeft(endpoint(SON), "left"),
        EndpointReplaced(endpoint(FATHER), endpoint("kiosk")),
        EndpointJoined(endpoint("kiosk"), (FATHER, SON), "browser"),
    )
    assert list(play.room.state.endpoints) == [endpoint(MEDIATOR), endpoint("kiosk")]
