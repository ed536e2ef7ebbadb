"""What the packager is told: where recording time runs, and what is known of what is missing.

One line of JSON for each plan; a later one stands in place of the one before it, and only says
more: intervals that have ended stay as they were.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

DISK_FULL = 3
"""Exit code of a packager that leaves the disk to the recording."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Recording time that ran without a break: instants of CLOCK_MONOTONIC in the life `epoch` of
    the server, µs (`mono_to_us` None: it runs), and where on R it begins."""

    epoch: str
    mono_from_us: int
    mono_to_us: int | None
    r_from_us: int

    def r_us(self, mono_us: int) -> int:
        """R at an instant, which may lie outside of the interval."""
        return self.r_from_us + mono_us - self.mono_from_us

    @property
    def r_to_us(self) -> int | None:
        return None if self.mono_to_us is None else self.r_us(self.mono_to_us)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may be missing in a stretch of R: `kind` is muted, line_lost or writer.
    `endpoint`, `source` None: of all."""

    kind: str
    endpoint: str | None
    source: str | None
    from_us: int
    to_us: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`r_end_us`: how long the recording is, so far as it stands. `final`: nothing more comes.
    `heads`: of each file, as take/track, the number of its last block in the journal and that
    block's hash (hex)."""

    session: str
    r_end_us: int
    final: bool
    intervals: tuple[Interval, ...] = ()
    reasons: tuple[Reason, ...] = ()
    heads: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def interval_at(self, epoch: str, mono_us: int) -> Interval | None:
        """The last interval of that life that had begun at this instant."""
        found = None
        for interval in self.intervals:
            if interval.epoch == epoch and interval.mono_from_us <= mono_us:
                found = interval
        return found

    def order_of(self, epoch: str) -> int | None:
        """The place of a life of the server among those that recorded."""
        epochs = list(dict.fromkeys(interval.epoch for interval in self.intervals))
        return epochs.index(epoch) if epoch in epochs else None


def write_plan(plan: Plan) -> bytes:
    """One line."""
    return json.dumps(asdict(plan), separators=(",", ":")).encode() + b"\n"


def read_plan(line: bytes) -> Plan:
    """The plan on a line; ValueError or TypeError when it is none."""
    said: dict[str, Any] = json.loads(line)
    said["intervals"] = tuple(Interval(**each) for each in said["intervals"])
    said["reasons"] = tuple(Reason(**each) for each in said["reasons"])
    said["heads"] = {name: (blocks, head) for name, (blocks, head) in said["heads"].items()}
    return Plan(**said)


def reason_for(
    reasons: Iterable[Reason], endpoint: str, source: str, span: tuple[int, int]
) -> str | None:
    """The reason that covers most of a stretch of R, at least half of it."""
    best, covered = None, (span[1] - span[0]) / 2
    for reason in reasons:
        if reason.endpoint not in (None, endpoint) or reason.source not in (None, source):
            continue
        to_us = span[1] if reason.to_us is None else min(span[1], reason.to_us)
        overlap = to_us - max(span[0], reason.from_us)
        if overlap >= covered and overlap > 0:
            best, covered = reason.kind, overlap
    return best
