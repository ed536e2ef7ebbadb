"""Rules of the recording: what the host orders and what the writer reports.

off ──start──▶ on ──pause, host lost, session paused, server died──▶ paused ──resume──▶ on
on ──writer failed──▶ failed ──writer restored, or resume──▶ on
    on, paused, failed ──stop──▶ off
"""

from conference.clock import Now
from conference.errors import Refused
from conference.events.base import Event
from conference.events.recording import (
    RecordingFailed,
    RecordingGap,
    RecordingPaused,
    RecordingPauseReason,
    RecordingRestored,
    RecordingResumed,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
)
from conference.ids import SeatId
from conference.rooms import commands as c
from conference.rooms.state import RoomState


def pause(state: RoomState, reason: RecordingPauseReason) -> list[Event]:
    """The pause that something else brings with it; nothing when nothing is recorded."""
    if state.recording not in ("on", "failed"):
        return []
    return [RecordingPaused(current_take(state), reason)]


def stop(state: RoomState) -> list[Event]:
    """The end that the end of the session brings with it."""
    return [] if state.recording == "off" else [RecordingStopped(current_take(state))]


def on_start(state: RoomState, _: c.StartRecording, actor: SeatId, _now: Now) -> list[Event]:
    if state.recording != "off":
        raise Refused("recording_started")
    require_heard(state, actor)
    return [RecordingStarted(_next_take(state))]


def on_pause(state: RoomState, _: c.PauseRecording, _actor: SeatId, _now: Now) -> list[Event]:
    events = pause(state, "host")
    if not events:
        raise Refused("recording_not_on")
    return events


def on_resume(state: RoomState, _: c.ResumeRecording, actor: SeatId, _now: Now) -> list[Event]:
    if state.recording not in ("paused", "failed"):
        raise Refused("recording_not_paused")
    require_heard(state, actor)
    return [RecordingResumed(_next_take(state))]


def on_stop(state: RoomState, _: c.StopRecording, _actor: SeatId, _now: Now) -> list[Event]:
    events = stop(state)
    if not events:
        raise Refused("recording_not_on")
    return events


def on_failed(
    state: RoomState, command: c.ReportWriterFailed, _actor: SeatId, _now: Now
) -> list[Event]:
    if state.recording != "on":
        return []
    return [RecordingFailed(command.reason, command.since_us)]


def on_restored(
    state: RoomState, command: c.ReportWriterRestored, _actor: SeatId, _now: Now
) -> list[Event]:
    if state.recording != "failed":
        return []
    return [RecordingRestored(command.since_us, command.take or _next_take(state))]


def on_gap(state: RoomState, command: c.NoteGap, _actor: SeatId, _now: Now) -> list[Event]:
    if not 0 <= command.from_r_us <= command.to_r_us or not state.takes:
        raise Refused("bad_message")
    gap = (command.from_r_us, command.to_r_us, command.reason, command.packets)
    return [RecordingGap(command.track, *gap)]


def on_sealed(state: RoomState, command: c.NoteSealed, _actor: SeatId, _now: Now) -> list[Event]:
    if not state.takes:
        raise Refused("bad_message")
    return [RecordingSealed(command.take, command.tracks)]


def require_heard(state: RoomState, actor: SeatId) -> None:
    """What starts something again needs a host whose line is up (a lost host means paused)."""
    endpoint = state.endpoint_of(actor)
    if endpoint is None or endpoint.lost:
        raise Refused("line_lost")


def current_take(state: RoomState) -> str:
    assert state.take is not None, "a recording that is not off has a take"
    return state.take


def _next_take(state: RoomState) -> str:
    number = len(state.takes) + 1
    while str(number) in state.takes:
        number += 1
    return str(number)
