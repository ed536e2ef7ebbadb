"""The allowance of one socket."""

from conference.signaling.limits import BURST, MESSAGES_PER_SECOND, Allowance


def taken(allowance: Allowance, now_us: int) -> int:
    count = 0
    while allowance.take(now_us):
        count += 1
    return count


def test_a_burst_and_then_a_steady_rate() -> None:
    allowance = Allowance(filled_us=0)
    assert taken(allowance, 0) == BURST
    assert taken(allowance, 1_000_000) == MESSAGES_PER_SECOND


def test_a_long_silence_earns_no_more_than_one_burst() -> None:
    allowance = Allowance(filled_us=0)
    assert taken(allowance, 3_600_000_000) == BURST
