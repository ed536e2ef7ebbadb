"""One session's room: decides on commands, remembers events. Nothing here waits or looks at a
clock; `handle` changes nothing, `apply` refuses nothing."""

from collections.abc import Callable, Sequence
from typing import Any

from conference.clock import Now
from conference.events.base import Draft, Entry, Event
from conference.events.room import SessionPaused
from conference.events.server import EpochStarted
from conference.ids import CommandId, SeatId
from conference.rooms import commands as c
from conference.rooms import policy, recording_rules, seating, session_rules
from conference.rooms.ports import Asked, Matter
from conference.rooms.recording_time import RecordingTime
from conference.rooms.state import RoomState

Handler = Callable[[RoomState, Any, SeatId, Now], list[Event]]

HANDLERS: dict[type[c.Command], Handler] = {
    c.CreateSession: session_rules.on_create,
    c.PauseSession: session_rules.on_pause,
    c.ResumeSession: session_rules.on_resume,
    c.CloseSession: session_rules.on_close,
    c.IssueLink: session_rules.on_issue,
    c.OpenLink: session_rules.on_open,
    c.WithdrawLink: session_rules.on_withdraw,
    c.JoinEndpoint: seating.on_join,
    c.LeaveEndpoint: seating.on_leave,
    c.MarkLost: seating.on_lost,
    c.MarkHeard: seating.on_heard,
    c.SetMute: seating.on_mute,
    c.SetLayout: seating.on_layout,
    c.PublishTracks: seating.on_publish,
    c.EndTracks: seating.on_end_tracks,
    c.StartRecording: recording_rules.on_start,
    c.PauseRecording: recording_rules.on_pause,
    c.ResumeRecording: recording_rules.on_resume,
    c.StopRecording: recording_rules.on_stop,
    c.ReportWriterFailed: recording_rules.on_failed,
    c.ReportWriterRestored: recording_rules.on_restored,
    c.NoteGap: recording_rules.on_gap,
    c.NoteSealed: recording_rules.on_sealed,
}


class Room:
    """State, recording time and the commands that led here; owned by one task."""

    def __init__(self, matters: Sequence[Matter] = ()) -> None:
        self.state = RoomState()
        self.matters = tuple(matters)
        self.time = RecordingTime()
        self.seq = 0
        """Number of the last entry applied."""
        self._last_r_us = 0
        self._caused: dict[tuple[SeatId | None, CommandId], int] = {}

    def handle(self, command: Asked, actor: SeatId, now: Now) -> list[Event]:
        """What happens if this is done now, in order; an empty list when all is so already.
        Refused when the actor may not, or not in this state."""
        for matter in self.matters:
            if type(command) in matter.commands:
                return matter.handle(command, actor, now)
        if not isinstance(command, c.Command):
            raise TypeError(f"nobody decides on {type(command).__name__}")
        policy.check(self.state, command, actor)
        if isinstance(command, c.StartEpoch):
            return self._start_epoch(command, now)
        return HANDLERS[type(command)](self.state, command, actor, now)

    def drafts(
        self, events: Sequence[Event], command: Asked, actor: SeatId, now: Now
    ) -> list[Draft]:
        """The events with actor, cause and the recording time of their instant."""
        by, time, drafts = (None if actor == c.SERVER else actor), self.time, []
        for event in events:
            r_us = time.stamp(event, now.mono_us)
            time = time.after(event, now.mono_us)
            drafts.append(Draft(event, now, r_us, by, command.command_id))
        return drafts

    def apply(self, entry: Entry) -> None:
        """Take in the next entry of the stream."""
        if entry.seq != self.seq + 1:
            raise ValueError(f"entry {entry.seq} cannot follow entry {self.seq}")
        self.state.apply(entry)
        for matter in self.matters:
            matter.apply(entry)
        self.time = self.time.after(entry.event, entry.mono_us)
        self.seq = entry.seq
        if entry.r_us is not None:
            self._last_r_us = max(self._last_r_us, entry.r_us)
        if entry.cause is not None:
            self._caused[entry.actor, entry.cause] = entry.seq

    def answered(self, command: Asked, actor: SeatId) -> int | None:
        """The entry up to which this very command was done before; None for a new one."""
        if command.command_id is None:
            return None
        return self._caused.get((None if actor == c.SERVER else actor, command.command_id))

    def remember(self, command: Asked, actor: SeatId) -> None:
        """A command that found all done leaves no entry; it is known for the rest of this life
        of the server, so that its late repetition does not undo what came between."""
        if command.command_id is not None:
            key = (None if actor == c.SERVER else actor, command.command_id)
            self._caused.setdefault(key, self.seq)

    def _start_epoch(self, command: c.StartEpoch, now: Now) -> list[Event]:
        """The older life's tracks are gone with their connections. A recording that was on ended
        where it is known to be on disk, though never before an instant of R already told."""
        state = self.state
        interrupted = bool(state.endpoints or state.gone)
        recording = recording_rules.pause(state, "server_restarted")
        ended = self._recording_ended(command.sealed_mono_us) if recording else None
        previous = state.epoch if interrupted else None
        events: list[Event] = [EpochStarted(now.epoch, previous, ended)]
        for endpoint in state.endpoints.values():
            events += seating.end_tracks(endpoint)
        if recording:
            events += [*recording, SessionPaused("server_restarted")]
        return events

    def _recording_ended(self, sealed_mono_us: int | None) -> int:
        sealed_r_us = 0 if sealed_mono_us is None else self.time.at(sealed_mono_us)
        return max(sealed_r_us, self._last_r_us)
