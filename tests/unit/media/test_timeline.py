"""The outgoing numbers of a slot, over wraps and switches."""

from hypothesis import given
from hypothesis import strategies as st

from conference.media.timeline import Timeline

START = st.integers(0, 0x7FFF)
STAMP = st.integers(0, 0xFFFFFFFF)
INDEX = st.integers(0x10000, 0x1FFFF)


class TestTimeline:
    @given(START, STAMP, st.lists(st.tuples(INDEX, STAMP, st.integers(1, 80_000)), max_size=6))
    def test_goes_on_over_any_number_of_switches(
        self, seq: int, stamp: int, sources: list[tuple[int, int, int]]
    ) -> None:
        timeline, now = Timeline(90_000, seq, stamp), 0
        seqs, stamps, instants = [], [], []
        for index, timestamp, packets in sources:
            timeline.start(index, timestamp, now)
            for step in range(0, packets, 997):
                now += 33_333 * 997
                seqs.append(timeline.map(index + step, timestamp + 3000 * step, now))
                sent = (timestamp + 3000 * step + timeline.timestamp_offset) & 0xFFFFFFFF
                stamps.append(sent)
                instants.append(now)
            last = seqs[-1]
            assert timeline.source_of(last) == timeline.highest
            now += 500_000
            timeline.close()
            assert timeline.source_of(last) is None
            # The next source's first packet has the number after the last one.
            timeline.start(0x10000, 0, now)
            assert timeline.map(0x10000, 0, now) == (last + 1) & 0xFFFF
            passed = (timeline.timestamp - stamps[-1]) & 0xFFFFFFFF
            assert passed == 45_000
            timeline.close()

    @given(START, INDEX, st.integers(0, 0x7000), st.integers(0, 0xFFFF))
    def test_source_of_inverts_map(self, seq: int, first: int, length: int, asked: int) -> None:
        timeline = Timeline(90_000, seq, 0)
        timeline.start(first, 0, 0)
        sent = {timeline.map(first + step, 0, 0): first + step for step in range(0, length + 1, 7)}
        for out, index in sent.items():
            assert timeline.source_of(out) == index
        found = timeline.source_of(asked)
        assert found is None or first <= found <= timeline.highest

    def test_late_packets_do_not_move_the_end(self) -> None:
        timeline = Timeline(48_000, 10, 0)
        timeline.start(100, 1000, 0)
        assert timeline.map(100, 1000, 0) == 10
        assert timeline.map(103, 1003, 5) == 13
        assert timeline.map(101, 1001, 9) == 11
        assert (timeline.next_seq, timeline.last_us) == (14, 5)

    def test_no_time_passed(self) -> None:
        timeline = Timeline(48_000, 0, 500)
        timeline.start(1, 70, 0)
        timeline.map(1, 70, 0)
        timeline.start(9, 9, 0)
        assert (9 + timeline.timestamp_offset) & 0xFFFFFFFF == 501

    def test_nothing_was_sent_yet(self) -> None:
        assert Timeline(48_000, 0, 0).source_of(0) is None
