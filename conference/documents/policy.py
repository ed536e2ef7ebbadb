"""Who may: actor × command × state of the session, for documents."""

from dataclasses import dataclass
from enum import Enum, auto

from conference.documents import commands as c
from conference.documents.state import DocumentsState
from conference.errors import Refused
from conference.ids import SERVER, SeatId


class Who(Enum):
    SERVER = auto()
    HOST = auto()
    """The session's host seat, from inside."""
    INSIDE = auto()
    """A seat that an endpoint carries; whether it signs, the rules check."""


RUNNING = frozenset({"open", "paused"})
OPEN = frozenset({"open"})
ANY = frozenset({"scheduled", "open", "paused", "closed"})


@dataclass(frozen=True, slots=True)
class Rule:
    who: Who
    states: frozenset[str]


RULES: dict[type[c.DocumentCommand], Rule] = {
    c.DraftDocument: Rule(Who.HOST, RUNNING),
    c.FreezeDocument: Rule(Who.HOST, OPEN),
    c.ReopenDocument: Rule(Who.HOST, RUNNING),
    c.AcknowledgeClause: Rule(Who.INSIDE, OPEN),
    c.SignDocument: Rule(Who.INSIDE, OPEN),
    c.IssueCompanion: Rule(Who.INSIDE, OPEN),
    c.OpenCompanion: Rule(Who.SERVER, ANY),
    c.EndCompanion: Rule(Who.SERVER, ANY),
    c.NoteRendered: Rule(Who.SERVER, ANY),
}

_WRONG_STATE = {
    "scheduled": "session_not_open",
    "paused": "session_paused",
    "closed": "session_closed",
}


def check(state: DocumentsState, command: c.DocumentCommand, actor: SeatId) -> None:
    """Refused unless this actor may give this command in this state of the session."""
    if state.created is None:
        raise Refused("session_unknown")
    rule = RULES[type(command)]
    _check_actor(state, rule.who, actor)
    if state.session not in rule.states:
        raise Refused(_WRONG_STATE[state.session])


def _check_actor(state: DocumentsState, who: Who, actor: SeatId) -> None:
    assert state.created is not None
    if (who is Who.SERVER) != (actor == SERVER):
        raise Refused("not_allowed")
    if who is Who.SERVER:
        return
    if actor not in state.seats or (who is Who.HOST and actor != state.created.host_seat):
        raise Refused("not_allowed")
    if not state.is_inside(actor):
        raise Refused("not_joined")
