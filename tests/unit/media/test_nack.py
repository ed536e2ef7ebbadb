"""The loss tracker against a plain model, and its timing."""

from hypothesis import given
from hypothesis import strategies as st

from conference.media.nack import LossTracker

RTT_US = 50_000


def tracker(*seqs: int, now_us: int = 0) -> LossTracker:
    made = LossTracker()
    for seq in seqs:
        made.arrived(seq & 0xFFFF, now_us)
    return made


class TestArrived:
    @given(
        start=st.integers(0, 0xFFFF),
        order=st.permutations(range(30)),
        copies=st.lists(st.integers(0, 29), max_size=20),
    )
    def test_each_is_new_once_whatever_the_order(
        self, start: int, order: list[int], copies: list[int]
    ) -> None:
        loss = tracker(start - 1)
        base = loss.highest
        indices = [loss.arrived((start + step) & 0xFFFF, 0) for step in order]
        assert indices == [base + 1 + step for step in order]
        assert all(loss.arrived((start + step) & 0xFFFF, 0) == -1 for step in copies)
        assert loss.missing == 0

    def test_over_many_wraps(self) -> None:
        loss = LossTracker()
        first = loss.arrived(65_000, 0)
        for step in range(1, 200_000, 3):
            assert loss.arrived((65_000 + step) & 0xFFFF, step) == first + step
            loss.forget()

    def test_older_than_the_first_is_not_new(self) -> None:
        assert tracker(100).arrived(99, 0) == -1

    def test_a_leap_is_no_loss_but_breaks_the_picture(self) -> None:
        loss = tracker(100)
        assert loss.arrived(5000, 0) > 0
        assert loss.missing <= 1
        assert len(loss.give_up(0)) == 1

    def test_skip_counts_without_asking(self) -> None:
        loss = tracker(10)
        loss.skip(20)
        assert (loss.missing, loss.arrived(15, 0)) == (0, -1)
        assert loss.arrived(21, 0) > 0


class TestDue:
    def test_at_once_then_spaced_by_the_round_trip(self) -> None:
        loss = tracker(65_534, 2)
        before = loss.fresh
        assert loss.due(0, RTT_US) == [65_535, 0, 1]
        assert (before, loss.fresh) == (True, False)
        assert loss.due(59_999, RTT_US) == []
        assert loss.arrived(0, 59_999) > 0
        assert loss.due(60_000, RTT_US) == [65_535, 1]

    def test_given_up_after_800_ms(self) -> None:
        loss = tracker(1, 3)
        asked = sum(len(loss.due(now, 100_000)) for now in range(0, 800_000, 1000))
        assert asked == 8
        assert loss.give_up(799_999) == []
        assert [index & 0xFFFF for index in loss.give_up(800_000)] == [2]
        assert loss.give_up(800_000) == []
        assert loss.due(2_000_000, 100_000) == []

    def test_given_up_after_ten_tries(self) -> None:
        loss = tracker(1, 3)
        now, asked = 0, 0
        while not loss.give_up(now):
            asked += len(loss.due(now, 0))
            now += 1000
        assert asked == 10
        assert now == 100_000

    def test_what_comes_after_that_is_taken_once_for_a_while(self) -> None:
        loss = tracker(1, 4)
        loss.due(0, 0)
        assert len(loss.give_up(800_000)) == 2
        assert loss.arrived(2, 900_000) > 0
        assert loss.arrived(2, 900_000) == -1
        loss.give_up(2_800_001)
        assert loss.arrived(3, 2_800_002) == -1

    def test_memory_is_bounded(self) -> None:
        loss = LossTracker()
        for seq in range(0, 60_000, 2):
            loss.arrived(seq, 0)
        assert loss.missing <= 1000
