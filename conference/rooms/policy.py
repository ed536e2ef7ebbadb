"""Who may: role × command × state of the session.

`WHO` says what an actor must be for a command, and `ROLES` which roles may be that at all; the
state of the recording is judged where the recording is (recording_rules.py).
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import get_args

from conference.errors import Refused
from conference.events.room import SeatRole
from conference.ids import SeatId
from conference.rooms import commands as c
from conference.rooms.state import RoomState, SessionState


class Who(Enum):
    SERVER = auto()
    HOST = auto()
    """The session's host seat, from inside."""
    SEAT = auto()
    """Any seat of the session, inside or not."""
    INSIDE = auto()
    """A seat that an endpoint carries; on which endpoint it acts, the rules check."""
    INSIDE_OR_SERVER = auto()


EVERY_ROLE: frozenset[SeatRole] = frozenset(get_args(SeatRole))
HOSTING: frozenset[SeatRole] = frozenset({"judge", "mediator", "clerk", "department"})
"""Roles that may be host: the judge in Q&A and confirmation, the mediator in people's mediation,
the clerk by the judge's order, the department in administrative and petition mediation."""

LIVE: frozenset[SessionState] = frozenset({"scheduled", "open", "paused"})
RUNNING: frozenset[SessionState] = frozenset({"open", "paused"})
OPEN: frozenset[SessionState] = frozenset({"open"})
ANY: frozenset[SessionState] = frozenset(get_args(SessionState))


@dataclass(frozen=True, slots=True)
class Rule:
    """`name`: as the snapshot's `can` lists it, None for what no person asks for."""

    who: Who
    states: frozenset[SessionState]
    name: str | None = None
    roles: frozenset[SeatRole] = EVERY_ROLE


def _host(name: str, states: frozenset[SessionState]) -> Rule:
    return Rule(Who.HOST, states, name, HOSTING)


RULES: dict[type[c.Command], Rule] = {
    c.CreateSession: Rule(Who.SERVER, ANY),
    c.StartEpoch: Rule(Who.SERVER, LIVE),
    c.JoinEndpoint: Rule(Who.SEAT, LIVE),
    c.LeaveEndpoint: Rule(Who.INSIDE_OR_SERVER, LIVE, "leave"),
    c.MarkLost: Rule(Who.SERVER, LIVE),
    c.MarkHeard: Rule(Who.SERVER, LIVE),
    c.SetMute: Rule(Who.INSIDE, LIVE, "mute"),
    c.SetLayout: Rule(Who.INSIDE, LIVE, "layout"),
    c.PublishTracks: Rule(Who.INSIDE_OR_SERVER, LIVE, "publish"),
    c.EndTracks: Rule(Who.INSIDE_OR_SERVER, LIVE),
    c.StartRecording: _host("record_start", OPEN),
    c.PauseRecording: _host("record_pause", RUNNING),
    c.ResumeRecording: _host("record_resume", OPEN),
    c.StopRecording: _host("record_stop", RUNNING),
    c.PauseSession: _host("session_pause", OPEN),
    c.ResumeSession: _host("session_resume", frozenset({"paused"})),
    c.CloseSession: _host("session_close", RUNNING),
    c.ReportWriterFailed: Rule(Who.SERVER, ANY),
    c.ReportWriterRestored: Rule(Who.SERVER, ANY),
    c.NoteGap: Rule(Who.SERVER, ANY),
    c.NoteSealed: Rule(Who.SERVER, ANY),
    c.IssueLink: Rule(Who.SERVER, LIVE),
    c.OpenLink: Rule(Who.SERVER, ANY),
    c.WithdrawLink: Rule(Who.SERVER, ANY),
}


def check(state: RoomState, command: c.Command, actor: SeatId) -> None:
    """Refused unless this actor may give this command in this state of the session."""
    rule = RULES[type(command)]
    if isinstance(command, c.CreateSession):
        if state.created is not None:
            raise Refused("session_exists")
    elif state.created is None:
        raise Refused("session_unknown")
    _check_actor(state, rule, actor)
    if state.session not in rule.states:
        raise Refused(_WRONG_STATE[state.session])


_WRONG_STATE: dict[SessionState, str] = {
    "scheduled": "session_not_open",
    "open": "session_not_paused",
    "paused": "session_paused",
    "closed": "session_closed",
}


def _check_actor(state: RoomState, rule: Rule, actor: SeatId) -> None:
    if actor == c.SERVER:
        if rule.who not in (Who.SERVER, Who.INSIDE_OR_SERVER):
            raise Refused("not_allowed")
        return
    if not may(state, rule, actor):
        raise Refused("not_allowed")
    if rule.who is not Who.SEAT and state.endpoint_of(actor) is None:
        raise Refused("not_joined")


def may(state: RoomState, rule: Rule, seat: SeatId) -> bool:
    """Whether the seat may do this in some state of the session."""
    info = state.seats.get(seat)
    if info is None or rule.who is Who.SERVER or info.role not in rule.roles:
        return False
    return rule.who is not Who.HOST or seat == state.host_seat


def allowed(state: RoomState, seat: SeatId) -> list[str]:
    """The snapshot's `can`: what the seat may do by role and seat, whatever the present state;
    in which state each makes sense, session and recording of the snapshot tell."""
    return [r.name for r in RULES.values() if r.name is not None and may(state, r, seat)]
