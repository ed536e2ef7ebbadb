"""The packager's plan out of a session's journal: a pure projection of its entries."""

from dataclasses import dataclass, field

from conference.events.base import Entry
from conference.events.recording import (
    RecordingGap,
    RecordingPaused,
    RecordingResumed,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import (
    EndpointLeft,
    EndpointLost,
    EndpointReplaced,
    EndpointRestored,
    MuteSet,
    SessionClosed,
)
from conference.events.server import EpochStarted
from conference.recording.packager.plan import Interval, Plan, Reason
from conference.rooms.recording_time import RecordingTime

RELEVANT = (
    EpochStarted, EndpointLeft, EndpointLost, EndpointReplaced, EndpointRestored, MuteSet,
    RecordingGap, RecordingPaused, RecordingResumed, RecordingSealed, RecordingStarted,
    RecordingStopped, SessionClosed,
)  # fmt: skip
"""The events that change a plan."""

_Open = tuple[str, str, str | None]
"""kind, endpoint, source."""


@dataclass(slots=True)
class Planner:
    """What the entries so far say. `seq`: the last of them. `ordered`: a recording is on or
    paused."""

    session: str
    seq: int = 0
    ordered: bool = False
    _time: RecordingTime = field(default_factory=RecordingTime)
    _intervals: list[Interval] = field(default_factory=list)
    _reasons: list[Reason] = field(default_factory=list)
    _open: dict[_Open, int] = field(default_factory=dict)
    _heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def started(self) -> bool:
        """Whether anything was ever recorded."""
        return bool(self._intervals)

    @property
    def running(self) -> bool:
        """Recording time runs."""
        return self._time.since_mono_us is not None

    @property
    def r_end_us(self) -> int:
        """The length of the recording when it does not run."""
        return self._time.base_us

    def plan(self, final: bool) -> Plan:
        """The plan as of now. `final`: say that nothing more comes, unless recording runs."""
        still = [
            Reason(kind, endpoint, source, since, None)
            for (kind, endpoint, source), since in self._open.items()
        ]
        return Plan(
            self.session, self.r_end_us, final and not self.running, tuple(self._intervals),
            (*self._reasons, *still), dict(self._heads),
        )  # fmt: skip

    def apply(self, entry: Entry) -> None:
        """The next entry of the stream."""
        self.seq = entry.seq
        before, self._time = self._time, self._time.after(entry.event, entry.mono_us)
        if self._time != before:
            self._clocked(before, entry)
        self._known(entry, self._time.at(entry.mono_us))

    def _clocked(self, before: RecordingTime, entry: Entry) -> None:
        """Recording time began to run, or ended."""
        since_us = self._time.since_mono_us
        if since_us is not None:
            self._intervals.append(Interval(entry.epoch, since_us, None, self._time.base_us))
        elif before.since_mono_us is not None:
            last = self._intervals[-1]
            ended_us = last.mono_from_us + self._time.base_us - last.r_from_us
            self._intervals[-1] = Interval(
                last.epoch, last.mono_from_us, ended_us, last.r_from_us
            )  # fmt: skip

    def _known(self, entry: Entry, r_us: int) -> None:
        match entry.event:
            case RecordingStarted() | RecordingResumed():
                self.ordered = True
            case RecordingStopped() | SessionClosed():
                self.ordered = False
            case RecordingSealed(take=take, tracks=tracks):
                for track in tracks:
                    self._heads[f"{take}/{track.track}"] = (track.blocks, track.head)
            case RecordingGap(track=None, from_r_us=from_us, to_r_us=to_us):
                self._reasons.append(Reason("writer", None, None, from_us, to_us))
            case EpochStarted():
                for key in [key for key in self._open if key[0] == "line_lost"]:
                    self._ends(key, r_us)
            case _:
                self._of_endpoint(entry, r_us)

    def _of_endpoint(self, entry: Entry, r_us: int) -> None:
        match entry.event:
            case MuteSet(endpoint=endpoint, source=source, muted=True):
                self._open.setdefault(("muted", endpoint, source), r_us)
            case MuteSet(endpoint=endpoint, source=source):
                self._ends(("muted", endpoint, source), r_us)
            case EndpointLost(endpoint=endpoint):
                self._open.setdefault(("line_lost", endpoint, None), r_us)
            case EndpointRestored(endpoint=endpoint):
                self._ends(("line_lost", endpoint, None), r_us)
            case EndpointLeft(endpoint=endpoint) | EndpointReplaced(endpoint=endpoint):
                for key in [key for key in self._open if key[1] == endpoint]:
                    self._ends(key, r_us)
            case _:
                pass

    def _ends(self, key: _Open, r_us: int) -> None:
        since_us = self._open.pop(key, None)
        if since_us is not None and r_us > since_us:
            kind, endpoint, source = key
            self._reasons.append(Reason(kind, endpoint, source, since_us, r_us))
