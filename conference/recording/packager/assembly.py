"""Sound and picture of one endpoint become one row of samples for its file.

Frames come from any number of tracks (published again, recorded anew after a pause), each roughly
in order; they leave in order of recording time, as far as nothing earlier can come any more.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from conference.recording.packager.depacketizer import OPUS_RATE, Frame, vp8_size
from conference.recording.packager.filling import Filling, Span
from conference.recording.packager.track import Placed

HOLE_US = 1_000_000
"""So long without a frame is a hole in the picture."""
SLACK_US = 500_000
"""Sound may lie so far behind the picture before silence is filled in."""
WHOLE = 960
"""While nothing is known of what comes, silence comes in packets of 20 ms."""
TICK_US = 1000
"""WebM's timestamps are in ms."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What goes into the file next. `at` and `duration` in samples at 48 kHz for sound, in µs of
    recording time for a picture."""

    video: bool
    at: int
    duration: int
    data: bytes
    keyframe: bool


@dataclass(slots=True)
class Picture:
    """Where the picture is, is not, and may look wrong."""

    last_us: int | None = None
    end_us: int = 0
    size: tuple[int, int] | None = None
    holes: list[Span] = field(default_factory=list)
    damaged: list[Span] = field(default_factory=list)
    frames: int = 0
    _wrong_since: int | None = None

    def note(self, r_us: int, frame: Frame) -> int:
        """Take note of a frame; gives its place, behind the one before it."""
        if self.last_us is not None:
            r_us = max(r_us, self.last_us + TICK_US)
        self._hole(r_us)
        self.last_us, self.frames = r_us, self.frames + 1
        if frame.keyframe:
            self.size = self.size or vp8_size(frame.data)
            self._right(r_us)
        elif frame.after_loss and self._wrong_since is None:
            self._wrong_since = r_us
        return r_us

    def finish(self, r_us: int) -> None:
        """The recording ends."""
        self._hole(r_us)
        self._right(r_us)

    def _hole(self, r_us: int) -> None:
        since = self.last_us or 0
        if r_us - since > HOLE_US:
            self.holes.append(Span(since, r_us))

    def _right(self, r_us: int) -> None:
        if self._wrong_since is not None:
            self.damaged.append(Span(self._wrong_since, r_us))
            self._wrong_since = None


class Assembly:
    """See the module."""

    def __init__(self) -> None:
        self.sound = Filling()
        self.picture = Picture()
        self.sounds = 0
        """Packets of sound that are not ours."""
        self.late = 0
        """Frames that came when their place had been passed."""
        self._heap: list[tuple[int, int, bool, Frame]] = []
        self._number = 0
        self._until_us = 0

    def put(self, placed: Placed, video: bool) -> None:
        """A frame of any of the endpoint's tracks."""
        if placed.r_us < self._until_us:
            self.late += 1
        self._number += 1
        heapq.heappush(self._heap, (placed.r_us, self._number, video, placed.frame))

    def advance(self, until_us: int) -> Iterator[Sample]:
        """What lies before an instant of R before which nothing more comes."""
        self._until_us = max(self._until_us, until_us)
        while self._heap and self._heap[0][0] < until_us:
            r_us, _, video, frame = heapq.heappop(self._heap)
            if video:
                yield from self._silence(r_us)
                yield self._show(r_us, frame)
            else:
                yield from self._say(r_us, frame)
        yield from self._silence(until_us)

    def finish(self, end_us: int) -> Iterator[Sample]:
        """The rest; the sound ends where the recording does."""
        yield from self.advance(end_us)
        for sound in self.sound.fill(end_us):
            yield Sample(False, sound.at, sound.samples, sound.data, True)
        self.picture.finish(end_us)

    def _show(self, r_us: int, frame: Frame) -> Sample:
        at = self.picture.note(r_us, frame)
        return Sample(True, at, 0, frame.data, frame.keyframe)

    def _say(self, r_us: int, frame: Frame) -> Iterator[Sample]:
        for sound in self.sound.put(r_us, frame.data):
            self.sounds += sound.data is frame.data
            yield Sample(False, sound.at, sound.samples, sound.data, True)

    def _silence(self, r_us: int) -> Iterator[Sample]:
        """Where no sound is, the file must not be without it for long."""
        if self.sound.at * 1_000_000 // OPUS_RATE < r_us - SLACK_US:
            for sound in self.sound.fill(r_us - SLACK_US // 2, WHOLE):
                yield Sample(False, sound.at, sound.samples, sound.data, True)
