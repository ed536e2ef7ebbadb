"""When the cap is told."""

from conference.media.remb import RembSchedule


def test_at_the_first_moment_then_each_half_second() -> None:
    schedule = RembSchedule(1_500_000)
    told = [now for now in range(7_000, 2_000_000, 1000) if schedule.due(now)]
    assert told == [7_000, 507_000, 1_007_000, 1_507_000]


def test_restart() -> None:
    schedule = RembSchedule(1)
    schedule.due(0)
    schedule.restart()
    assert schedule.due(1)
    assert not schedule.due(2)
