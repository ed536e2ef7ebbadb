"""What sender and receiver reports are made of (RFC 3550 §6.4, appendix A.3 and A.8)."""

from __future__ import annotations

from conference.media.rtcp import ReportBlock

PERIOD_US = 1_000_000
_DRIFT_PPM = 200
_SANE_US = 10_000_000


def ntp_from_us(mono_us: int) -> int:
    """Mono µs as 32.32 fixed point: our reports count from the machine's start, which RFC 3550 §4
    allows; receivers only compare."""
    return (mono_us << 32) // 1_000_000


def us_from_ntp(ntp: int) -> int:
    """32.32 fixed point as µs."""
    return ntp * 1_000_000 >> 32


def middle(ntp: int) -> int:
    """The middle 32 bits: seconds in 16.16 fixed point."""
    return ntp >> 16 & 0xFFFFFFFF


def round_trip_us(block: ReportBlock, now_us: int) -> int | None:
    """Round trip that a report block about our stream shows; None when it shows none."""
    if block.last_sr == 0:
        return None
    ticks = (middle(ntp_from_us(now_us)) - block.last_sr - block.delay) & 0xFFFFFFFF
    if ticks >= 0x80000000:
        return 0  # rounding, on a line with next to no delay
    micros = ticks * 1_000_000 >> 16
    return micros if micros < _SANE_US else None


class Reception:
    """Loss and jitter of one incoming stream, retransmissions on another SSRC not counted."""

    __slots__ = (
        "_base", "_clock_rate", "_expected_before", "_highest", "_jitter", "_last_sr",
        "_last_sr_us", "_received", "_received_before", "_transit",
    )  # fmt: skip

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._base = -1
        self._highest = -1
        self._received = 0
        self._expected_before = 0
        self._received_before = 0
        self._transit: int | None = None
        self._jitter = 0
        """In 1/16 tick, as in appendix A.8."""
        self._last_sr = 0
        self._last_sr_us = 0

    def arrived(self, index: int, timestamp: int, now_us: int) -> None:
        """Count one packet with its extended sequence number."""
        if self._base < 0:
            self._base = index
        self._received += 1
        if index <= self._highest:
            return
        self._highest = index
        transit = now_us * self._clock_rate // 1_000_000 - timestamp
        if self._transit is not None:
            change = abs(((transit - self._transit + 0x80000000) & 0xFFFFFFFF) - 0x80000000)
            self._jitter += change - ((self._jitter + 8) >> 4)
        self._transit = transit

    def sender_report(self, ntp: int, now_us: int) -> None:
        """Remember for LSR and DLSR."""
        self._last_sr = middle(ntp)
        self._last_sr_us = now_us

    def block(self, ssrc: int, now_us: int) -> ReportBlock | None:
        """The report block, and the beginning of the next interval; None before any packet."""
        if self._base < 0:
            return None
        expected = self._highest - self._base + 1
        interval = expected - self._expected_before
        lost = interval - (self._received - self._received_before)
        self._expected_before, self._received_before = expected, self._received
        fraction = min(255, (lost << 8) // interval) if interval > 0 and lost > 0 else 0
        delay = (now_us - self._last_sr_us) * 65536 // 1_000_000 if self._last_sr else 0
        return ReportBlock(
            ssrc,
            fraction,
            expected - self._received,
            self._highest - 0x10000,  # the first cycle is counted 0
            self._jitter >> 4,
            self._last_sr,
            delay,
        )


class PublisherClock:
    """A publisher's NTP clock against ours, one for all of its tracks, so that what was in step
    stays in step whatever the difference is taken to be.

    The difference is the smallest seen (the report that travelled fastest), forgotten as slowly as
    clocks drift.
    """

    __slots__ = ("_offset_us", "_updated_us")

    def __init__(self) -> None:
        self._offset_us: int | None = None
        self._updated_us = 0

    def report(self, ntp: int, now_us: int) -> None:
        """A sender report of any track came."""
        sample = now_us - us_from_ntp(ntp)
        if self._offset_us is None:
            self._offset_us = sample
        else:
            drift = (now_us - self._updated_us) * _DRIFT_PPM // 1_000_000
            self._offset_us = min(self._offset_us + drift, sample)
        self._updated_us = now_us

    def ours_us(self, ntp: int) -> int:
        """That instant on our clock; only after a report."""
        return us_from_ntp(ntp) + (self._offset_us or 0)


class MediaClock:
    """Which RTP timestamp one track has at an instant: from its newest sender report, or, until
    there is one that makes sense, from its newest packet."""

    __slots__ = ("_clock_rate", "_ntp", "_publisher", "_reported")

    def __init__(self, clock_rate: int, publisher: PublisherClock) -> None:
        self._clock_rate = clock_rate
        self._publisher = publisher
        self._ntp: int | None = None
        self._reported = 0

    def report(self, ntp: int, timestamp: int) -> None:
        """The track's sender report, already told to the publisher's clock."""
        self._ntp = ntp
        self._reported = timestamp

    def timestamp_at(self, now_us: int, newest: int, newest_us: int) -> int:
        """The 32-bit timestamp at `now_us`; `newest` arrived at `newest_us`."""
        by_arrival = newest + (now_us - newest_us) * self._clock_rate // 1_000_000
        if self._ntp is None:
            return by_arrival & 0xFFFFFFFF
        passed = (now_us - self._publisher.ours_us(self._ntp)) * self._clock_rate // 1_000_000
        by_report = self._reported + passed
        difference = ((by_report - by_arrival + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if abs(difference) > self._clock_rate * _SANE_US // 1_000_000:
            return by_arrival & 0xFFFFFFFF
        return by_report & 0xFFFFFFFF
