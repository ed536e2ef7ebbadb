"""One session's recording while the server lives: what is open at the tap and at the writer, what
the writer has put on disk, and what the room must be told.

A take of the host's order can end and go on in another one when the writer is replaced; the first
has the order's name, the next ones that name with -2, -3 … Nothing here waits.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from conference.clock import Clock, Now, read
from conference.events.base import Event
from conference.events.media import TrackPublished
from conference.events.recording import (
    FailureReason,
    RecordingFailed,
    RecordingGap,
    RecordingRestored,
    RecordingSealed,
    SealedTrack,
)
from conference.ids import SessionId, TrackId
from conference.recording import wire
from conference.recording.gaps import Gap, Gaps
from conference.recording.ports import RecordingStatus, Report
from conference.recording.roster import Roster
from conference.recording.tap import Dropped, Tap
from conference.rooms.recording_time import RecordingTime

ANCHOR_US = 10_000_000
"""How often the heads of a running take go into the journal."""
PROOF_US = 500_000
"""A take without packets counts as written when the writer sealed so long after its beginning."""
FRESH_US = 2_500_000
SLOW_US = 5_000_000
"""Nothing sealed for so long, by a writer that lives: its disk is stalled."""

CODECS = {"audio": ("opus", 48_000), "video": ("VP8", 90_000)}
"""What every room speaks: codec, RTP clock rate."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all captures of a server share."""

    clock: Clock
    epoch: str
    tap: Tap
    numbers: Iterator[int]
    report: Callable[[SessionId, Report], None]
    reread: Callable[[SessionId, str], None]
    """Report the heads of a take whose writer is gone, from its files."""


@dataclass(slots=True)
class Take:
    """One take at the present writer. `key` names it there: session/name, its folder too.
    `sealed_us`: everything until then is on disk."""

    name: str
    key: str
    opened_us: int
    sealed_us: int
    numbers: dict[TrackId, int] = field(default_factory=dict)
    heads: dict[TrackId, SealedTrack] = field(default_factory=dict)
    anchored: dict[TrackId, SealedTrack] = field(default_factory=dict)
    anchored_us: int = 0
    ended_us: int | None = None


class Capture:
    """See the module. The room's events come through `tighten` before their commit and `loosen`
    behind it; the writer's words through `sealed`, `writer_started`, `writer_failed`."""

    def __init__(self, session: SessionId, around: Surroundings) -> None:
        self.session = session
        self.roster = Roster()
        self.failed: FailureReason | None = None
        self._around = around
        self._take: Take | None = None
        self._closing: dict[str, Take] = {}
        self._takes_of_order = 0
        self._gaps = Gaps()
        self._writer = False
        self._sealed_us: int | None = None
        self._time = RecordingTime()
        self._until_r_us: int | None = None
        self._over = False

    # --- the room's events ------------------------------------------------------------------

    def tighten(self, events: Sequence[Event]) -> None:
        """What the events forbid is not handed over any more when this returns."""
        after = self.roster.after(events)
        wanted = after.wanted() if after.take == self.roster.take else {}
        for track in self.roster.tracks:
            if track not in wanted:
                self._around.tap.close(track)

    def changes_order(self, events: Sequence[Event]) -> bool:
        """Whether these events begin or end a take of the host's order."""
        return self.roster.after(events).take != self.roster.take

    def loosen(self, events: Sequence[Event], time: RecordingTime | None) -> None:
        """The events are stored: begin, go on or end as they say. `time`: the room's recording
        time behind them, when they change the order."""
        before, self.roster = self.roster, self.roster.after(events)
        for track in before.tracks.keys() - self.roster.tracks.keys():
            self._end_track(track)
        if self.roster.take != before.take:
            self._end_order(time)
        self._follow()

    # --- the writer's words -----------------------------------------------------------------

    def writer_started(self) -> None:
        self._writer = True
        self._follow()

    def writer_failed(self, reason: FailureReason) -> None:
        """Every take of that writer has ended where its files end."""
        self._writer = False
        for take in self._closing.values():
            self._lost_end(take, reason)
        self._closing.clear()
        if self._take is not None:
            self._around.reread(self.session, self._take.name)
        if self.roster.order == "on" and self.failed != "disk_full":
            self._fail(reason)
        self._take = None

    def sealed(self, message: wire.Control) -> None:
        """The writer sealed a round of one of our takes, or ended the take."""
        take = self._closing.get(message["take"]) or self._take
        if take is None or take.key != message["take"]:
            return
        take.sealed_us = max(take.sealed_us, message["cut_us"])
        self._sealed_us = take.sealed_us
        self._note_heads(take, message["tracks"])
        if message["fault"] is not None:
            self._disk_full(take)
        elif message["closed"]:
            self._closing.pop(take.key, None)
            self._anchor(take)
        elif take is self._take and (take.heads or take.sealed_us >= take.opened_us + PROOF_US):
            self._proved(take)

    def dropped(self, drop: Dropped) -> None:
        """The tap could not hand over packets of one of our tracks."""
        self._gaps.dropped(drop)

    def second(self) -> None:
        """Once a second: gaps by overload, heads into the journal, a disk that stalls."""
        self._tell_gaps(self._gaps.ripe())
        take, now = self._take, self._around.clock.mono_us()
        if take is None:
            return
        if now - take.anchored_us >= ANCHOR_US and take.heads != take.anchored:
            self._anchor(take)
        if self.failed is None and now - take.sealed_us > SLOW_US:
            self._fail("writer_stalled", lost=False)

    def status(self, free_bytes: int | None) -> RecordingStatus:
        """What every screen shows."""
        written = None
        if self._sealed_us is not None:
            written = self._r_us(self._sealed_us)
        if self.failed is not None:
            return RecordingStatus("failed", False, written, free_bytes)
        now = self._around.clock.mono_us()
        take = self._take
        writing = take is not None and take.opened_us < take.sealed_us > now - FRESH_US
        return RecordingStatus(self.roster.order, writing, written, free_bytes)

    def finish(self) -> None:
        """The server ends in order: the take is finished, and no other begins."""
        self._over = True
        self._end_take()

    @property
    def finished(self) -> bool:
        """No take is still being finished."""
        return not self._closing

    # --- takes and tracks -------------------------------------------------------------------

    def _follow(self) -> None:
        """Open what is wanted and not open; nothing while no writer takes it."""
        if self.roster.take is None or self.failed == "disk_full" or self._over:
            return
        if not self._writer:
            self._fail("writer_died")
            return
        if self._take is None:
            self._take = self._open_take(self.roster.take)
        tap = self._around.tap
        for track, published in self.roster.wanted().items():
            if not tap.is_open(track):
                tap.open(track, self._number(self._take, published))

    def _open_take(self, order: str) -> Take:
        self._takes_of_order += 1
        name = order if self._takes_of_order == 1 else f"{order}-{self._takes_of_order}"
        now = self._around.clock.mono_us()
        take = Take(name, f"{self.session}/{name}", now, now, anchored_us=now)
        self._order(type="open_take", take=take.key)
        return take

    def _number(self, take: Take, published: TrackPublished) -> int:
        """The track's number at the writer, which learns it at the first call."""
        if published.track not in take.numbers:
            number = take.numbers[published.track] = next(self._around.numbers)
            self._order(
                type="open_track", number=number, take=take.key, track=published.track,
                description=description(
                    self.session, take.name, published, read(self._around.clock, self._around.epoch)
                ).decode(),
            )  # fmt: skip
        return take.numbers[published.track]

    def _end_track(self, track: TrackId) -> None:
        self._around.tap.close(track)
        if self._take is not None and track in self._take.numbers:
            self._order(type="close_track", number=self._take.numbers.pop(track))

    def _end_order(self, time: RecordingTime | None) -> None:
        """An order of the host ends, and perhaps another begins: close its take; a hole goes on
        into the next take, but not into a pause."""
        self._end_take()
        goes_on = self.roster.order == "on"
        if time is not None and not goes_on:
            self._until_r_us = time.base_us
        self._tell_gaps(self._gaps.ripe(all_of_them=True))
        if not goes_on:
            self._tell_gaps(self._gaps.finish(self._around.clock.mono_us()))
        elif time is not None:
            self._time, self._until_r_us = time, None
        self._takes_of_order = 0
        self.failed = None

    def _end_take(self) -> None:
        for track in self.roster.tracks:
            self._around.tap.close(track)
        if self._take is not None:
            self._closing[self._take.key] = self._take
            self._take.ended_us = self._order(type="close_take", take=self._take.key)
            self._take = None

    # --- failures ---------------------------------------------------------------------------

    def _fail(self, reason: FailureReason, lost: bool = True) -> None:
        """`lost`: nothing gets to disk from the last sealed instant on; otherwise it is late."""
        take, now = self._take, self._around.clock.mono_us()
        since_us = take.sealed_us if take is not None else now
        if lost:
            self._gaps.begin(since_us, reason)
        if self.failed is None:
            self._report(RecordingFailed(reason, self._wall_us(since_us)))
        self.failed = reason

    def _disk_full(self, take: Take) -> None:
        """The writer has finished the take at its reserve; the host must make room and resume."""
        self._anchor(take)
        if self._closing.pop(take.key, None) is not None:
            self._lost_end(take, "disk_full", reread=False)
            return
        self._fail("disk_full")
        for track in self.roster.tracks:
            self._around.tap.close(track)
        self._take = None

    def _lost_end(self, take: Take, reason: FailureReason, reread: bool = True) -> None:
        """A take that was being closed lost what came after its last sealed round."""
        if take.ended_us is not None and take.ended_us > take.sealed_us:
            self._tell_gaps([Gap(None, take.sealed_us, take.ended_us, reason, 0)])
        if reread:
            self._around.reread(self.session, take.name)

    def _proved(self, take: Take) -> None:
        """The take is being written: a failure before it is over."""
        if self.failed is None and self._gaps.hole is None:
            return
        since_us = take.sealed_us
        if self._gaps.hole is not None:
            began = [self._around.tap.began_us(track) for track in take.numbers]
            since_us = min((us for us in began if us is not None), default=take.opened_us)
        if self.failed is not None:
            self.failed = None
            self._report(RecordingRestored(self._wall_us(since_us), take.name))
        self._tell_gaps(self._gaps.finish(since_us))

    # --- what the room is told --------------------------------------------------------------

    def _note_heads(self, take: Take, tracks: list[dict[str, Any]]) -> None:
        for said in tracks:
            track = SealedTrack(**said)
            take.heads[track.track] = track

    def _anchor(self, take: Take) -> None:
        """The heads of the take go into the journal."""
        take.anchored_us = self._around.clock.mono_us()
        take.anchored = dict(take.heads)
        if take.heads:
            heads = tuple(take.heads[track] for track in sorted(take.heads))
            self._report(RecordingSealed(take.name, heads))

    def _tell_gaps(self, gaps: list[Gap]) -> None:
        for gap in gaps:
            span = (self._r_us(gap.from_us), self._r_us(gap.to_us))
            self._report(RecordingGap(gap.track, *span, gap.reason, gap.packets))

    def _r_us(self, mono_us: int) -> int:
        """Recording time at an instant of the present order, or of the last one."""
        r_us = self._time.at(mono_us)
        return r_us if self._until_r_us is None else min(r_us, self._until_r_us)

    def _report(self, event: Report) -> None:
        self._around.report(self.session, event)

    def _order(self, **message: object) -> int:
        now = self._around.clock.mono_us()
        self._around.tap.order(message | {"mono_us": now})
        return now

    def _wall_us(self, mono_us: int) -> int:
        clock = self._around.clock
        return clock.wall_us() - (clock.mono_us() - mono_us)


def description(session: SessionId, take: str, published: TrackPublished, now: Now) -> bytes:
    """Block 0 of a track's file, canonical JSON; the anchors are one reading of both clocks."""
    codec, clock_rate = CODECS[published.kind]
    return rfc8785.dumps(
        {
            "format": "rtpj/1",
            "session": session,
            "take": take,
            "track": published.track,
            "endpoint": published.endpoint,
            "source": published.source,
            "kind": published.kind,
            "codec": codec,
            "clock_rate": clock_rate,
            "epoch": now.epoch,
            "anchor": {"mono_us": now.mono_us, "wall_us": now.wall_us},
        }
    )
