"""What is missing from a session's recording, until it can be said: pure bookkeeping.

Instants are mono µs. A hole begins at the last instant known to be on disk when the writer failed,
and ends with the first packet of the next take, or when the recording was to stop anyway. Packets
that found the socket full are gathered by track into one gap as long as they keep coming.
"""

from dataclasses import dataclass, field

from conference.events.recording import FailureReason
from conference.ids import TrackId
from conference.recording.tap import Dropped

OVERLOAD = "overload"
LONGEST_US = 10_000_000
"""A gap that keeps growing is told in pieces, so that the host sees it while it grows."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing packets of one track, or of all (None)."""

    track: TrackId | None
    from_us: int
    to_us: int
    reason: str
    packets: int


@dataclass(slots=True)
class Gaps:
    """`hole`: where the present hole began and why; None while packets reach the disk."""

    hole: tuple[int, FailureReason] | None = None
    _lost: int = 0
    _overload: dict[TrackId, Dropped] = field(default_factory=dict)
    _growing: set[TrackId] = field(default_factory=set)

    def begin(self, from_us: int, reason: FailureReason) -> None:
        """A hole begins; within a hole nothing changes."""
        if self.hole is None:
            self.hole = (from_us, reason)

    def finish(self, to_us: int) -> list[Gap]:
        """The hole ends."""
        if self.hole is None:
            return []
        (from_us, reason), self.hole = self.hole, None
        lost, self._lost = self._lost, 0
        return [Gap(None, from_us, max(from_us, to_us), reason, lost)]

    def dropped(self, drop: Dropped) -> None:
        """The tap could not hand over packets of one track."""
        if self.hole is not None:
            self._lost += drop.packets
            return
        known = self._overload.setdefault(drop.track, drop)
        if known is not drop:
            known.packets += drop.packets
            known.last_us = drop.last_us
        self._growing.add(drop.track)

    def ripe(self, all_of_them: bool = False) -> list[Gap]:
        """Once a second: the gaps by overload that came to an end, or became long."""
        done = [
            Gap(track, drop.first_us, drop.last_us, OVERLOAD, drop.packets)
            for track, drop in self._overload.items()
            if all_of_them
            or track not in self._growing
            or drop.last_us - drop.first_us >= LONGEST_US
        ]
        for gap in done:
            if gap.track is not None:
                del self._overload[gap.track]
        self._growing.clear()
        return done
