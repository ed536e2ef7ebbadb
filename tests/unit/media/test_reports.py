"""Round trips, loss, jitter, and the clocks behind sender reports."""

import pytest
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket as OtherPacket
from hypothesis import given
from hypothesis import strategies as st

from conference.media.reports import (
    MediaClock,
    PublisherClock,
    Reception,
    middle,
    ntp_from_us,
    round_trip_us,
    us_from_ntp,
)
from conference.media.rtcp import ReportBlock

HOUR_US = 3_600_000_000


@given(st.integers(0, 2**50))
def test_ntp_there_and_back(us: int) -> None:
    assert abs(us_from_ntp(ntp_from_us(us)) - us) <= 1


class TestRoundTrip:
    @given(st.integers(1_000_000, 2**45), st.integers(0, 5_000_000), st.integers(0, 9_000_000))
    def test_any_instant_also_where_the_16_bits_of_seconds_wrap(
        self, sent_us: int, held_us: int, rtt_us: int
    ) -> None:
        last_sr = middle(ntp_from_us(sent_us))
        block = ReportBlock(1, 0, 0, 0, 0, last_sr, held_us * 65536 // 1_000_000)
        if last_sr:
            measured = round_trip_us(block, sent_us + held_us + rtt_us)
            assert measured == pytest.approx(rtt_us, abs=50)

    def test_no_report_no_measure(self) -> None:
        assert round_trip_us(ReportBlock(1, 0, 0, 0, 0, 0, 0), 5) is None

    def test_nonsense_is_no_measure(self) -> None:
        last_sr = middle(ntp_from_us(HOUR_US))
        assert round_trip_us(ReportBlock(1, 0, 0, 0, 0, last_sr, 0), 2 * HOUR_US) is None
        assert round_trip_us(ReportBlock(1, 0, 0, 0, 0, last_sr, 9), HOUR_US) == 0


class TestReception:
    def test_loss(self) -> None:
        reception = Reception(90_000)
        assert reception.block(5, 0) is None
        for index in range(0x10000, 0x10000 + 100):
            if index % 4:
                reception.arrived(index, index * 3000, index * 33_333)
        block = reception.block(5, 0)
        assert block is not None
        # The first packet was lost and the count begins with the second.
        assert (block.ssrc, block.lost, block.fraction_lost) == (5, 24, 24 * 256 // 99)
        assert block.highest == 99
        reception.arrived(0x10000 + 100, 0, 0)
        again = reception.block(5, 0)
        assert again is not None
        assert (again.lost, again.fraction_lost) == (24, 0)

    def test_packets_that_come_late_take_the_loss_back(self) -> None:
        reception = Reception(90_000)
        for index in (65_536, 65_538):
            reception.arrived(index, 0, 0)
        reception.block(1, 0)
        reception.arrived(65_537, 0, 0)
        block = reception.block(1, 0)
        assert block is not None
        assert (block.lost, block.fraction_lost) == (0, 0)

    def test_since_the_last_sender_report(self) -> None:
        reception = Reception(90_000)
        reception.arrived(65_536, 0, 0)
        reception.sender_report(0x1234_5678_9ABC_DEF0, 1_000_000)
        block = reception.block(1, 1_500_000)
        assert block is not None
        assert (block.last_sr, block.delay) == (0x5678_9ABC, 32_768)

    @given(st.lists(st.integers(0, 60_000), min_size=2, max_size=80), st.integers(0, 2**32 - 1))
    def test_jitter_is_that_of_appendix_a_8(self, delays: list[int], first: int) -> None:
        """A plain transcription with floating point is within the rounding of the integer one."""
        reception, jitter, last = Reception(90_000), 0.0, None
        for number, delay in enumerate(delays):
            now = 10_000_000 + number * 33_333 + delay
            timestamp = (first + number * 3000) & 0xFFFFFFFF
            reception.arrived(65_536 + number, timestamp, now)
            transit = now * 90_000 // 1_000_000 - (first + number * 3000)
            if last is not None:
                jitter += (abs(transit - last) - jitter) / 16
            last = transit
        block = reception.block(1, 0)
        assert block is not None
        assert block.jitter == pytest.approx(jitter, abs=2)

    def test_agrees_with_aiortc_on_loss(self) -> None:
        ours, theirs = Reception(90_000), StreamStatistics(90_000)
        for step in range(500):
            if step % 7 != 3:
                ours.arrived(0x10000 + 65_300 + step, 0, 0)
                theirs.add(OtherPacket(sequence_number=(65_300 + step) & 0xFFFF, timestamp=0))
        block = ours.block(1, 0)
        assert block is not None
        assert block.lost == theirs.packets_lost
        assert block.fraction_lost == theirs.fraction_lost
        assert block.highest == 65_300 + 499


class TestClocks:
    def test_before_any_report_the_newest_packet_counts(self) -> None:
        clock = MediaClock(90_000, PublisherClock())
        assert clock.timestamp_at(1_500_000, 100, 1_000_000) == 45_100

    @given(st.integers(0, 2**40), st.integers(0, 2**32 - 1), st.integers(0, 60_000_000))
    def test_extrapolated_from_the_report(self, theirs_us: int, stamp: int, later: int) -> None:
        publisher = PublisherClock()
        clock = MediaClock(90_000, publisher)
        publisher.report(ntp_from_us(theirs_us), 5_000_000)
        clock.report(ntp_from_us(theirs_us), stamp)
        newest = (stamp + later * 9 // 100) & 0xFFFFFFFF
        found = clock.timestamp_at(5_000_000 + later, newest, 5_000_000 + later)
        assert ((found - newest + 10) & 0xFFFFFFFF) <= 20

    def test_the_fastest_report_counts_for_all_tracks(self) -> None:
        publisher = PublisherClock()
        ntp = ntp_from_us(1_000_000)
        publisher.report(ntp, 9_030_000)
        publisher.report(ntp_from_us(2_000_000), 10_010_000)
        assert publisher.ours_us(ntp) == pytest.approx(9_010_000, abs=2)

    def test_clocks_that_drift_are_followed(self) -> None:
        publisher = PublisherClock()
        for second in range(3600):
            publisher.report(ntp_from_us(second * 1_000_000), second * 1_000_100)  # 100 ppm
        assert publisher.ours_us(ntp_from_us(3_599_000_000)) == pytest.approx(
            3_599 * 1_000_100, abs=300
        )

    def test_a_report_that_makes_no_sense_is_not_used(self) -> None:
        publisher = PublisherClock()
        clock = MediaClock(90_000, publisher)
        publisher.report(ntp_from_us(0), 0)
        clock.report(ntp_from_us(0), 0x8000_0000)
        assert clock.timestamp_at(1_000_000, 500, 1_000_000) == 500
