"""When something was heard and seen: RTP time to the server's monotonic clock, by sender reports.

A sender report (RFC 3550 §6.4.1) names one instant twice, in RTP units of its track and as NTP
time of the sender's clock. That clock is the same for all tracks of an endpoint, so that what they
say of each other (sound and picture) hangs on sender reports alone and never on when packets came.
Where the sender's clock lies on ours is told by the report that travelled fastest; it is asked
anew all the time, so that a clock that runs fast or slow is followed.

    mono = rtp + (ntp − rtp, median of the track's last reports) + (mono − ntp, least of 60 s)
"""

import statistics
import struct
from collections import deque
from dataclasses import dataclass

WINDOW_US = 60_000_000
REPORTS = 9
STEP_US = 100_000
"""A report that contradicts the ones before it by so much tells of another clock."""
BELIEVED_US = 200_000

_NTP_EPOCH_S = 2_208_988_800
_SENDER = struct.Struct(">IQI")
_WRAP = 1 << 32


@dataclass(frozen=True, slots=True)
class Report:
    """What a sender report says: `ntp_us` of the sender's clock since 1970, `timestamp` in RTP
    units, and when it came."""

    ssrc: int
    ntp_us: int
    timestamp: int
    arrival_us: int


def read_report(data: bytes, arrival_us: int) -> Report | None:
    """The sender report that a recorded packet is; None when it is none."""
    if len(data) < 28 or data[1] != 200:
        return None
    ssrc, ntp, timestamp = _SENDER.unpack_from(data, 4)
    ntp_us = ((ntp >> 32) - _NTP_EPOCH_S) * 1_000_000 + ((ntp & 0xFFFFFFFF) * 1_000_000 >> 32)
    return Report(ssrc, ntp_us, timestamp, arrival_us)


class EndpointClock:
    """The clock of one endpoint beside the server's, within one life of the server."""

    def __init__(self) -> None:
        self._reports: deque[tuple[int, int]] = deque()
        """Arrival, and arrival − NTP time: rising towards the end, so that the first is least."""

    def heard(self, report: Report) -> None:
        """A report of any of the endpoint's tracks came."""
        offset = report.arrival_us - report.ntp_us
        while self._reports and self._reports[-1][1] >= offset:
            self._reports.pop()
        self._reports.append((report.arrival_us, offset))
        while self._reports[0][0] < report.arrival_us - WINDOW_US:
            self._reports.popleft()

    def restart(self) -> None:
        """The sender has set its clock."""
        self._reports.clear()

    @property
    def offset_us(self) -> int | None:
        """mono − NTP time; None before the first report."""
        return self._reports[0][1] if self._reports else None


class TrackClock:
    """RTP time of one run of packets of one SSRC. `shared` is that of the endpoint; `before` that
    of the run before it, of the same SSRC."""

    def __init__(
        self, clock_rate: int, shared: EndpointClock, before: "TrackClock | None" = None
    ) -> None:
        self._rate = clock_rate
        self._shared = shared
        self._near: int | None = None if before is None else before._near
        self._inherited: int | None = None if before is None else before._median
        self._offsets: deque[int] = deque(maxlen=REPORTS)
        self._median: int | None = None
        self._by_arrival: int | None = None

    @property
    def ready(self) -> bool:
        """Whether a sender report has tied the track to the endpoint's clock."""
        return self._median is not None

    def unwrap(self, timestamp: int) -> int:
        """The extended timestamp: the one nearest to the last."""
        if self._near is None:
            self._near = timestamp + _WRAP
        self._near += (timestamp - self._near + _WRAP // 2) % _WRAP - _WRAP // 2
        return self._near

    def media_us(self, timestamp: int) -> int:
        """RTP time in µs, from an origin that stays the same within the run."""
        return self.unwrap(timestamp) * 1_000_000 // self._rate

    def report(self, report: Report) -> None:
        """A sender report of this SSRC came."""
        offset = report.ntp_us - self.media_us(report.timestamp)
        if self._median is not None and abs(offset - self._median) > STEP_US:
            self._offsets.clear()
            self._shared.restart()
        self._offsets.append(offset)
        self._median = int(statistics.median(self._offsets))
        self._shared.heard(report)

    def arrived(self, media_us: int, arrival_us: int) -> None:
        """A packet came: all there is to go by while no report has come."""
        offset = arrival_us - media_us
        if self._by_arrival is None or offset < self._by_arrival:
            self._by_arrival = offset

    def do_without(self) -> None:
        """No report comes in time. What held before a hole holds on, unless arrivals contradict
        it."""
        shared = self._shared.offset_us
        if self._inherited is None or shared is None or self._by_arrival is None:
            return
        if abs(self._inherited + shared - self._by_arrival) < BELIEVED_US:
            self._median = self._inherited

    def mono_us(self, media_us: int) -> int:
        """The server's instant at which this was heard or seen, as if nothing had been on the way
        longer than the fastest report."""
        shared = self._shared.offset_us
        if self._median is not None and shared is not None:
            return media_us + self._median + shared
        assert self._by_arrival is not None, "no packet of this track has come"
        return media_us + self._by_arrival
