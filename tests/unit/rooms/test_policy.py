"""Who may: every role, every command, every state of the session."""

import itertools
from dataclasses import fields
from typing import get_args

import pytest

from conference.errors import Refused
from conference.events.codec import KINDS
from conference.events.room import SeatInfo, SeatRole, SessionCreated
from conference.ids import CommandId, EndpointId, LinkId, LoginId, SeatId
from conference.rooms import audience, state
from conference.rooms import commands as c
from conference.rooms.policy import RULES, allowed, check
from conference.rooms.room import HANDLERS
from conference.rooms.state import Endpoint, RoomState, SessionState
from tests.support.story_a import create_session

ROLES: tuple[SeatRole, ...] = get_args(SeatRole)
STATES: tuple[SessionState, ...] = get_args(SessionState)
HERE = EndpointId("here")

SAMPLES: list[c.Command] = [
    create_session(),
    c.StartEpoch(None),
    c.JoinEndpoint(HERE, "browser"),
    c.LeaveEndpoint(HERE),
    c.MarkLost(HERE),
    c.MarkHeard(HERE),
    c.SetMute(HERE, "camera", True),
    c.SetLayout("grid", None),
    c.PublishTracks(HERE, ()),
    c.EndTracks(HERE, ()),
    c.StartRecording(),
    c.PauseRecording(),
    c.ResumeRecording(),
    c.StopRecording(),
    c.PauseSession(),
    c.ResumeSession(),
    c.CloseSession(),
    c.ReportWriterFailed("disk_full", 0),
    c.ReportWriterRestored(0),
    c.NoteGap(None, 0, 0, "", 0),
    c.NoteSealed("1", ()),
    c.IssueLink(LinkId("l"), SeatId("s"), 1),
    c.OpenLink(LinkId("l"), LoginId("x")),
    c.WithdrawLink(LinkId("l")),
]

# What the judge's, the mediator's... seat may ask for, by hand: as host, and as anybody else.
ANYBODY: dict[str, set[type[c.Command]]] = {
    "scheduled": {c.JoinEndpoint, c.LeaveEndpoint, c.SetMute, c.SetLayout}
    | {c.PublishTracks, c.EndTracks},
    "closed": set(),
}
ANYBODY["open"] = ANYBODY["paused"] = ANYBODY["scheduled"]
HOST: dict[str, set[type[c.Command]]] = {
    "scheduled": set(),
    "open": {
        c.StartRecording,
        c.PauseRecording,
        c.ResumeRecording,
        c.StopRecording,
        c.PauseSession,
        c.CloseSession,
    },
    "paused": {c.PauseRecording, c.StopRecording, c.ResumeSession, c.CloseSession},
    "closed": set(),
}
MAY_HOST = {"judge", "mediator", "clerk", "department"}
SERVER_ALSO = {c.LeaveEndpoint, c.PublishTracks, c.EndTracks}
EVIDENCE = {c.ReportWriterFailed, c.ReportWriterRestored, c.NoteGap, c.NoteSealed}
SERVER: dict[str, set[type[c.Command]]] = {
    "scheduled": {c.StartEpoch, c.MarkLost, c.MarkHeard, c.IssueLink, c.OpenLink, c.WithdrawLink}
    | EVIDENCE
    | SERVER_ALSO,
    "closed": {c.OpenLink, c.WithdrawLink} | EVIDENCE,
}
SERVER["open"] = SERVER["paused"] = SERVER["scheduled"]


def room_state(role: SeatRole, hosting: bool, session: SessionState) -> RoomState:
    """A session with one seat of this role, inside, and another that is host if it is not."""
    seat, other = SeatId("seat"), SeatId("other")
    seats = (
        SeatInfo(seat, "p", "n", role, "u"),
        SeatInfo(other, "q", "m", "mediator", "u"),
    )
    values = {field.name: getattr(create_session(), field.name) for field in fields(SessionCreated)}
    event = SessionCreated(**{**values, "seats": seats, "host_seat": seat if hosting else other})
    created = RoomState(created=event)
    created.seats = {info.seat: info for info in seats}
    created.session = session
    created.endpoints[HERE] = Endpoint(HERE, seat, (seat,), "browser", 0)
    return created


def is_allowed(room: RoomState, command: c.Command, actor: SeatId) -> bool:
    try:
        check(room, command, actor)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    ("role", "hosting", "session"), list(itertools.product(ROLES, (False, True), STATES))
)
def test_the_table(role: SeatRole, hosting: bool, session: SessionState) -> None:
    room = room_state(role, hosting, session)
    expected = set(ANYBODY[session])
    if hosting and role in MAY_HOST:
        expected |= HOST[session]
    found = {type(command) for command in SAMPLES if is_allowed(room, command, SeatId("seat"))}
    assert found == expected


@pytest.mark.parametrize("session", STATES)
def test_the_servers_column(session: SessionState) -> None:
    room = room_state("party", False, session)
    found = {type(command) for command in SAMPLES if is_allowed(room, command, c.SERVER)}
    assert found == SERVER[session]


def test_from_outside_a_seat_can_only_come_in() -> None:
    room = room_state("mediator", True, "open")
    room.endpoints.clear()
    found = {type(command) for command in SAMPLES if is_allowed(room, command, SeatId("seat"))}
    assert found == {c.JoinEndpoint}


def test_a_stranger_may_nothing() -> None:
    room = room_state("mediator", True, "open")
    assert not any(is_allowed(room, command, SeatId("stranger")) for command in SAMPLES)


def test_a_room_that_does_not_exist_can_only_be_made_and_only_once() -> None:
    for command in SAMPLES:
        assert is_allowed(RoomState(), command, c.SERVER) == isinstance(command, c.CreateSession)
    with pytest.raises(Refused) as refusal:
        check(room_state("party", False, "open"), create_session(), c.SERVER)
    assert refusal.value.code == "session_exists"


@pytest.mark.parametrize(
    ("session", "command", "code"),
    [
        ("closed", c.PauseSession(), "session_closed"),
        ("scheduled", c.StartRecording(), "session_not_open"),
        ("paused", c.StartRecording(), "session_paused"),
        ("open", c.ResumeSession(), "session_not_paused"),
    ],
)
def test_the_refusal_says_which_state_is_wrong(
    session: SessionState, command: c.Command, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        check(room_state("mediator", True, session), command, SeatId("seat"))
    assert refusal.value.code == code


def test_what_a_page_may_show() -> None:
    own = ["leave", "mute", "layout", "publish"]
    assert allowed(room_state("party", False, "paused"), SeatId("seat")) == own
    assert allowed(room_state("mediator", False, "open"), SeatId("seat")) == own
    assert allowed(room_state("mediator", True, "scheduled"), SeatId("seat")) == [
        *own,
        "record_start",
        "record_pause",
        "record_resume",
        "record_stop",
        "session_pause",
        "session_resume",
        "session_close",
    ]
    assert allowed(RoomState(), SeatId("seat")) == []


def commands() -> set[type[c.Command]]:
    return {
        thing
        for thing in vars(c).values()
        if isinstance(thing, type) and issubclass(thing, c.Command) and thing is not c.Command
    }


def test_every_command_has_a_rule_a_handler_and_a_sample() -> None:
    assert set(RULES) == commands()
    assert set(HANDLERS) | {c.StartEpoch} == commands()
    assert {type(command) for command in SAMPLES} == commands()


def test_every_event_has_an_effect_and_an_audience() -> None:
    assert set(state.APPLY) == set(KINDS.values())
    sets = (
        audience.EVERYONE,
        audience.OWN_SEAT,
        audience.OWN_SEAT_AND_HOST,
        audience.NOBODY,
    )
    assert frozenset().union(*sets) == set(KINDS.values())
    assert sum(map(len, sets)) == len(KINDS)


def test_a_command_id_changes_no_right() -> None:
    room = room_state("party", False, "open")
    command = c.PauseSession(command_id=CommandId("c"))
    assert not is_allowed(room, command, SeatId("seat"))
