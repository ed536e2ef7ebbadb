"""Rules of the session as a whole: its making, pauses, end, and the lives of the server."""

from dataclasses import fields

from conference.clock import Now
from conference.errors import Refused
from conference.events.access import LinkIssued, LinkOpened, LinkWithdrawn
from conference.events.base import Event
from conference.events.room import (
    EndpointLeft,
    PauseReason,
    SessionClosed,
    SessionCreated,
    SessionPaused,
    SessionResumed,
)
from conference.events.server import EpochStarted
from conference.ids import LinkId, SeatId
from conference.rooms import commands as c
from conference.rooms.policy import HOSTING
from conference.rooms.recording_rules import pause, require_heard, stop
from conference.rooms.seating import depart, end_tracks
from conference.rooms.state import Endpoint, IssuedLink, RoomState


def on_create(_: RoomState, command: c.CreateSession, _actor: SeatId, now: Now) -> list[Event]:
    _check_seats(command)
    values = {field.name: getattr(command, field.name) for field in fields(SessionCreated)}
    created = SessionCreated(**values)
    return [created, EpochStarted(now.epoch, None, None)]


def _check_seats(command: c.CreateSession) -> None:
    """Every seat once, nobody named like the server, the host in a role that may be host, and
    nobody beside someone who sits beside another."""
    seats = {info.seat: info for info in command.seats}
    host = seats.get(command.host_seat)
    if len(seats) != len(command.seats) or c.SERVER in seats:
        raise Refused("seats_not_distinct")
    if host is None or host.role not in HOSTING:
        raise Refused("host_role")
    for info in command.seats:
        if info.beside is not None:
            neighbour = seats.get(info.beside)
            if neighbour is None or neighbour is info or neighbour.beside is not None:
                raise Refused("beside_unknown")


def pause_session(state: RoomState, reason: PauseReason) -> list[Event]:
    """Paused means not recorded: the recording is paused first, in the same transaction."""
    return [*pause(state, "session_paused" if reason == "host" else reason), SessionPaused(reason)]


def on_pause(state: RoomState, _: c.PauseSession, _actor: SeatId, _now: Now) -> list[Event]:
    return pause_session(state, "host")


def on_resume(state: RoomState, _: c.ResumeSession, actor: SeatId, _now: Now) -> list[Event]:
    """The session alone: the recording stays paused until the host resumes that as well."""
    require_heard(state, actor)
    return [SessionResumed()]


def on_close(state: RoomState, _: c.CloseSession, _actor: SeatId, _now: Now) -> list[Event]:
    events = stop(state)
    for endpoint in state.endpoints.values():
        events += [*end_tracks(endpoint), EndpointLeft(endpoint.endpoint, "closed")]
    return [*events, SessionClosed()]


def on_issue(state: RoomState, command: c.IssueLink, _actor: SeatId, now: Now) -> list[Event]:
    if command.seat not in state.seats:
        raise Refused("seat_unknown")
    if command.link in state.links or command.expires_at_us <= now.wall_us:
        raise Refused("bad_message")
    return [LinkIssued(command.link, command.seat, command.expires_at_us)]


def on_open(state: RoomState, command: c.OpenLink, _actor: SeatId, now: Now) -> list[Event]:
    issued = _issued(state, command.link)
    if issued.withdrawn:
        raise Refused("link_withdrawn")
    if now.wall_us >= issued.expires_at_us:
        raise Refused("link_expired")
    return [LinkOpened(command.link, issued.seat, command.login)]


def on_withdraw(state: RoomState, command: c.WithdrawLink, _actor: SeatId, now: Now) -> list[Event]:
    issued = _issued(state, command.link)
    if issued.withdrawn:
        return []
    events: list[Event] = [LinkWithdrawn(command.link, issued.seat)]
    endpoint = _opened_with(state, command.link, now.wall_us)
    if endpoint is not None:
        events += depart(state, endpoint, "expired")
    return events


def _issued(state: RoomState, link: LinkId) -> IssuedLink:
    issued = state.links.get(link)
    if issued is None:
        raise Refused("link_unknown")
    return issued


def _opened_with(state: RoomState, link: LinkId, wall_us: int) -> Endpoint | None:
    """The endpoint that the link's seat opened, unless another link of that seat still opens."""
    seat = state.links[link].seat
    others = (other for name, other in state.links.items() if name != link and other.seat == seat)
    if any(not other.withdrawn and wall_us < other.expires_at_us for other in others):
        return None
    return next((e for e in state.endpoints.values() if e.opened_by == seat), None)
