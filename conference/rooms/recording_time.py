"""Recording time R(t): how much recording there has been, from the journal alone.

R stands at 0 until the first start, runs on the monotonic clock while the recording is on (a
failed writer does not stop it: what is missing is a gap on R), and stands still while it is
paused or stopped. The death of a server is a pause; where it began on R is written into the
entry that starts the next life (`EpochStarted.recording_ended_r_us`), since monotonic clocks of
two lives cannot be compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from conference.events.base import Entry, Event
from conference.events.recording import (
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.server import EpochStarted

_BEGINS = (RecordingStarted, RecordingResumed)
_ENDS = (RecordingPaused, RecordingStopped)


@dataclass(frozen=True, slots=True)
class RecordingTime:
    """R up to the last begin or end (`base_us`), and the instant of CLOCK_MONOTONIC since which
    it has been running (None: it stands)."""

    base_us: int = 0
    since_mono_us: int | None = None
    started: bool = False

    def at(self, mono_us: int) -> int:
        """R at an instant of the present life, µs."""
        if self.since_mono_us is None:
            return self.base_us
        return self.base_us + max(0, mono_us - self.since_mono_us)

    def after(self, event: Event, mono_us: int) -> "RecordingTime":
        """R from this event on."""
        if isinstance(event, _BEGINS) and self.since_mono_us is None:
            return RecordingTime(self.base_us, mono_us, True)
        if isinstance(event, _ENDS):
            return RecordingTime(self.at(mono_us), None, True)
        if isinstance(event, EpochStarted):
            ended = event.recording_ended_r_us
            return RecordingTime(self.base_us if ended is None else ended, None, self.started)
        return self

    def stamp(self, event: Event, mono_us: int) -> int | None:
        """The `r_us` of an entry with this event: R while recording, and at every begin and end
        of it; else None, "not recording"."""
        if isinstance(event, EpochStarted):
            return event.recording_ended_r_us
        if self.since_mono_us is None and not isinstance(event, (*_BEGINS, *_ENDS)):
            return None
        return self.at(mono_us)


def recording_time(entries: Iterable[Entry]) -> RecordingTime:
    """R after all these entries of one stream."""
    time = RecordingTime()
    for entry in entries:
        time = time.after(entry.event, entry.mono_us)
    return time
