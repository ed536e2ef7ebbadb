"""The room as one seat may see it at one instant: what a page needs to draw itself."""

from typing import Any

from conference.clock import Now
from conference.errors import Refused
from conference.events.room import SeatInfo
from conference.ids import SeatId
from conference.rooms.policy import allowed
from conference.rooms.room import Room
from conference.rooms.state import Endpoint, RoomState


def snapshot(room: Room, seat: SeatId, now: Now) -> dict[str, Any]:
    """JSON values in the shape of the protocol's `snapshot`: session, recording, seats,
    endpoints, you, now_us, and what the matters add. `recording.r_us` is R at `now_us`, None
    before the first start. Refused `seat_unknown` for a seat that the session does not have."""
    state = room.state
    if seat not in state.seats or state.created is None:
        raise Refused("seat_unknown")
    created = state.created
    r_us = room.time.at(now.mono_us) if room.time.started else None
    return {
        "session": {
            "id": created.session,
            "title": created.title,
            "case_number": created.case_number,
            "track": created.track,
            "state": state.session,
            "host_seat": created.host_seat,
            "dial_number": created.dial_number,
            "opened_us": state.opened_at_us,
            "pause_reason": state.pause_reason,
        },
        "recording": {
            "state": state.recording,
            "r_us": r_us,
            "reason": None if state.fault is None else state.fault.reason,
            "since_us": None if state.fault is None else state.fault.since_us,
        },
        "seats": [_seat(state, info) for info in state.seats.values()],
        "endpoints": [_endpoint(endpoint) for endpoint in state.endpoints.values()],
        "you": _you(state, seat),
        "now_us": now.wall_us,
        **{name: part for each in room.matters for name, part in each.snapshot(seat).items()},
    }


def _seat(state: RoomState, info: SeatInfo) -> dict[str, Any]:
    endpoint = state.endpoint_of(info.seat)
    return {
        "seat": info.seat,
        "name": info.name,
        "role": info.role,
        "standing": info.standing,
        "unit": info.unit,
        "endpoint": None if endpoint is None else endpoint.endpoint,
        "beside": info.beside,
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "endpoint": endpoint.endpoint,
        "seats": list(endpoint.seats),
        "device": endpoint.device,
        "line": "lost" if endpoint.lost else "online",
        "since_us": endpoint.since_us,
        "muted": {s: s in endpoint.muted for s in ("microphone", "camera")},
        "tracks": [
            {"track": t.track, "source": t.source, "kind": t.kind} for t in endpoint.tracks.values()
        ],
    }


def _you(state: RoomState, seat: SeatId) -> dict[str, Any]:
    endpoint = state.endpoint_of(seat)
    layout, focus = state.layouts.get(seat, ("grid", None))
    return {
        "seats": [seat] if endpoint is None else list(endpoint.seats),
        "endpoint": None if endpoint is None else endpoint.endpoint,
        "role": state.seats[seat].role,
        "layout": layout,
        "focus": focus,
        "can": allowed(state, seat),
    }
