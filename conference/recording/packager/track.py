"""One recorded file becomes frames in their places on recording time: order, whole frames, time.

What comes without a break from one SSRC is a run. The frames of a run wait for its first sender
report, at most PATIENCE_US; a picture begins with a keyframe.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conference.media.rtp import RtpPacket, parse
from conference.recording.packager.clock import (
    EndpointClock,
    Report,
    TrackClock,
    read_report,
)
from conference.recording.packager.depacketizer import Frame, Vp8Frames
from conference.recording.packager.plan import Interval
from conference.recording.packager.reorder import WINDOW_US, Reorder
from conference.recording.packet_journal import Packet
from conference.recording.reading import Description

PATIENCE_US = 10_000_000
EARLY_US, LATE_US = 500_000, 15_000_000
"""A clock that says that a frame came sooner than it was sent, or was on its way for longer, is
not believed; arrival counts then."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A frame and where on recording time it belongs, µs."""

    r_us: int
    frame: Frame


class _Run:
    """Packets of one SSRC without a break."""

    def __init__(self, first: RtpPacket, clock: TrackClock, video: bool) -> None:
        self.ssrc = first.ssrc
        self.began_us = self.last_us = first.arrival_us
        self.last_seq = first.seq
        self.clock = clock
        self.reorder = Reorder()
        self.vp8 = Vp8Frames() if video else None
        self.waiting: deque[tuple[int, Frame]] = deque()
        """Frames with their RTP time in µs."""
        self._awaits_keyframe = video

    def goes_on(self, packet: RtpPacket) -> bool:
        """Whether a packet belongs to this run; after a hole as long as the window nothing says
        how much is missing, and another run begins."""
        if packet.ssrc != self.ssrc:
            return False
        near = packet.arrival_us - self.last_us <= WINDOW_US
        return near or packet.seq == (self.last_seq + 1) & 0xFFFF

    def take(self, packet: RtpPacket) -> None:
        self.last_us = packet.arrival_us
        if (packet.seq - self.last_seq) & 0xFFFF < 0x8000:
            self.last_seq = packet.seq
        self.clock.arrived(self.clock.media_us(packet.timestamp), packet.arrival_us)
        self._collect(self.reorder.push(packet))

    def due(self, now_us: int) -> None:
        self._collect(self.reorder.due(now_us))

    def finish(self) -> None:
        self._collect(self.reorder.flush())
        if not self.clock.ready:
            self.clock.do_without()

    def _collect(self, packets: list[RtpPacket]) -> None:
        for packet in packets:
            for frame in self._frames(packet):
                if frame.keyframe:
                    self._awaits_keyframe = False
                if not self._awaits_keyframe:
                    self.waiting.append((self.clock.media_us(frame.timestamp), frame))

    def _frames(self, packet: RtpPacket) -> Iterator[Frame]:
        if self.vp8 is not None:
            yield from self.vp8.push(packet)
        elif packet.payload:
            data = bytes(packet.payload)
            yield Frame(data, packet.timestamp, packet.arrival_us, keyframe=False)


class TrackReader:
    """Frames of one file. `interval_at(mono_us)`: the stretch of recording time of its life of the
    server that had begun at an instant."""

    def __init__(
        self,
        description: Description,
        shared: EndpointClock,
        interval_at: Callable[[int], Interval | None],
    ) -> None:
        self.description = description
        self.missing = self.broken = self.outside = self.unreadable = 0
        """Packets that never came, frames with a hole, frames outside of recording time, packets
        that are none."""
        self._shared = shared
        self._interval_at = interval_at
        self._video = description.kind == "video"
        self._run: _Run | None = None
        self._reports: list[Report] = []

    def take(self, packet: Packet) -> Iterator[Placed]:
        """The next packet of the file."""
        if packet.rtcp:
            self._take_report(packet)
        else:
            parsed = parse(packet.data, packet.arrival_us)
            if parsed is None:
                self.unreadable += 1
                return
            if self._run is None or not self._run.goes_on(parsed):
                yield from self.finish()
                self._begin(parsed)
            assert self._run is not None
            self._run.take(parsed)
        if self._run is not None and self._in_time(packet.arrival_us):
            yield from self._place(self._run)

    def due(self, now_us: int) -> Iterator[Placed]:
        """What has waited long enough at this instant of arrival, though nothing new came."""
        run = self._run
        if run is not None:
            run.due(now_us)
            if self._in_time(now_us):
                yield from self._place(run)

    def finish(self) -> Iterator[Placed]:
        """Nothing more comes of this run: what still waits."""
        run = self._run
        if run is not None:
            run.finish()
            self.missing += run.reorder.missing
            self.broken += 0 if run.vp8 is None else run.vp8.broken
            yield from self._place(run)

    @property
    def waits_since_us(self) -> int | None:
        """Arrival of the oldest frame that waits for a sender report; None when none does."""
        run = self._run
        return run.waiting[0][1].arrival_us if run is not None and run.waiting else None

    def _begin(self, packet: RtpPacket) -> None:
        older = self._run
        before = older.clock if older is not None and older.ssrc == packet.ssrc else None
        clock = TrackClock(self.description.clock_rate, self._shared, before)
        self._run = _Run(packet, clock, self._video)
        for report in self._reports:
            if report.ssrc == packet.ssrc:
                clock.report(report)
        self._reports.clear()

    def _take_report(self, packet: Packet) -> None:
        report = read_report(packet.data, packet.arrival_us)
        if report is None:
            self.unreadable += 1
        elif self._run is not None and self._run.ssrc == report.ssrc:
            self._run.clock.report(report)
        else:  # of a run that begins
            self._reports.append(report)

    def _in_time(self, now_us: int) -> bool:
        assert self._run is not None
        if self._run.clock.ready:
            return True
        if now_us - self._run.began_us < PATIENCE_US:
            return False
        self._run.clock.do_without()
        return True

    def _place(self, run: _Run) -> Iterator[Placed]:
        while run.waiting:
            media_us, frame = run.waiting.popleft()
            interval = self._interval_at(frame.arrival_us)
            if interval is None:
                self.outside += 1
                continue
            mono_us = run.clock.mono_us(media_us)
            if not -EARLY_US <= frame.arrival_us - mono_us <= LATE_US:
                mono_us = frame.arrival_us
            r_us = max(interval.r_from_us, interval.r_us(mono_us))
            if interval.r_to_us is not None and r_us >= interval.r_to_us:
                self.outside += 1
            else:
                yield Placed(r_us, frame)
