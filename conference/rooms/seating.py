"""Rules of seats and endpoints: coming in, going, lost lines, switches and tracks."""

from conference.clock import Now
from conference.errors import Refused
from conference.events.base import Event
from conference.events.media import TrackEnded, TrackPublished
from conference.events.room import (
    EndpointJoined,
    EndpointLeft,
    EndpointLost,
    EndpointReplaced,
    EndpointRestored,
    LayoutSet,
    LeaveReason,
    MuteSet,
    SessionOpened,
    SessionPaused,
)
from conference.ids import EndpointId, SeatId
from conference.rooms import commands as c
from conference.rooms.recording_rules import pause
from conference.rooms.state import Endpoint, RoomState, Track


def on_join(state: RoomState, command: c.JoinEndpoint, actor: SeatId, _now: Now) -> list[Event]:
    """The older endpoint of a seat goes first, then the new one comes; the host's coming opens a
    scheduled session, and resumes nothing."""
    if command.endpoint in state.endpoints or command.endpoint in state.gone:
        raise Refused("bad_message")
    seats = _carried(state, actor)
    events: list[Event] = []
    for older in state.endpoints.values():
        if not set(older.seats) - set(seats):
            replaced = EndpointReplaced(older.endpoint, command.endpoint)
            events += [*end_tracks(older), replaced]
    events.append(EndpointJoined(command.endpoint, seats, command.device))
    for source in sorted(command.muted):
        events.append(MuteSet(command.endpoint, source, True, actor))
    if state.session == "scheduled" and state.host_seat in seats:
        events.append(SessionOpened())
    return events


def _carried(state: RoomState, actor: SeatId) -> tuple[SeatId, ...]:
    """The actor, and who sits beside without an endpoint opened by a link of their own."""
    own = {endpoint.opened_by for endpoint in state.endpoints.values()}
    beside = (info.seat for info in state.seats.values() if info.beside == actor)
    return (actor, *(seat for seat in beside if seat not in own))


def on_leave(state: RoomState, command: c.LeaveEndpoint, actor: SeatId, _now: Now) -> list[Event]:
    endpoint = _acting_on(state, actor, command.endpoint)
    return [] if endpoint is None else depart(state, endpoint, command.reason)


def depart(state: RoomState, endpoint: Endpoint, reason: LeaveReason) -> list[Event]:
    """The endpoint goes for good; with the host's the session pauses."""
    gone = [*end_tracks(endpoint), EndpointLeft(endpoint.endpoint, reason)]
    return [*gone, *_pause_without_host(state, endpoint)]


def on_lost(state: RoomState, command: c.MarkLost, _actor: SeatId, _now: Now) -> list[Event]:
    endpoint = state.endpoints.get(command.endpoint)
    if endpoint is None or endpoint.lost:
        return []
    return [EndpointLost(command.endpoint), *_pause_without_host(state, endpoint)]


def _pause_without_host(state: RoomState, endpoint: Endpoint) -> list[Event]:
    """A seat is on one endpoint at most, so the host's endpoint is the last one of the host."""
    if state.session != "open" or state.host_seat not in endpoint.seats:
        return []
    return [*pause(state, "host_lost"), SessionPaused("host_lost")]


def on_heard(state: RoomState, command: c.MarkHeard, _actor: SeatId, _now: Now) -> list[Event]:
    """Back on the line. Nothing resumes by itself, not even for the host."""
    endpoint = state.endpoints.get(command.endpoint)
    if endpoint is None or not endpoint.lost:
        return []
    return [EndpointRestored(command.endpoint)]


def on_mute(state: RoomState, command: c.SetMute, actor: SeatId, _now: Now) -> list[Event]:
    endpoint = state.own_endpoint(actor, command.endpoint)
    if (command.source in endpoint.muted) == command.muted:
        return []
    return [MuteSet(command.endpoint, command.source, command.muted, actor)]


def on_layout(state: RoomState, command: c.SetLayout, actor: SeatId, _now: Now) -> list[Event]:
    if command.focus is not None and command.focus not in state.seats:
        raise Refused("seat_unknown")
    if state.layouts.get(actor, ("grid", None)) == (command.layout, command.focus):
        return []
    return [LayoutSet(actor, command.layout, command.focus)]


def on_publish(state: RoomState, command: c.PublishTracks, actor: SeatId, _now: Now) -> list[Event]:
    endpoint = _acting_on(state, actor, command.endpoint)
    if endpoint is None:
        raise Refused("not_joined")
    _check_tracks(state, command)
    sources = {new.source for new in command.tracks}
    older = [t for t in endpoint.tracks.values() if t.source in sources]
    published = (
        TrackPublished(command.endpoint, new.track, new.source, new.kind) for new in command.tracks
    )
    return [*_ended(command.endpoint, older), *published]


def _check_tracks(state: RoomState, command: c.PublishTracks) -> None:
    known = {track for endpoint in state.endpoints.values() for track in endpoint.tracks}
    names = {new.track for new in command.tracks}
    sources = {new.source for new in command.tracks}
    if len(names) != len(command.tracks) or len(sources) != len(command.tracks) or names & known:
        raise Refused("bad_message")


def on_end_tracks(state: RoomState, command: c.EndTracks, actor: SeatId, _now: Now) -> list[Event]:
    """Tracks that ended already are passed over."""
    endpoint = _acting_on(state, actor, command.endpoint)
    if endpoint is None:
        return []
    wanted = dict.fromkeys(command.tracks)
    return _ended(command.endpoint, [endpoint.tracks[t] for t in wanted if t in endpoint.tracks])


def end_tracks(endpoint: Endpoint) -> list[Event]:
    return _ended(endpoint.endpoint, list(endpoint.tracks.values()))


def _ended(endpoint: EndpointId, tracks: list[Track]) -> list[Event]:
    return [TrackEnded(endpoint, t.track, t.source, t.kind) for t in tracks]


def _acting_on(state: RoomState, actor: SeatId, endpoint: EndpointId) -> Endpoint | None:
    """The actor's own endpoint, or for the server any; None for one that the server knows and
    that has gone."""
    if actor == c.SERVER:
        return state.endpoints.get(endpoint)
    return state.own_endpoint(actor, endpoint)
