"""Time as an argument. Instants and durations are integer microseconds (`*_us`)."""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from; tests pass a clock they turn by hand."""

    def wall_us(self) -> int:
        """UTC microseconds since 1970; may be set back or forth by an administrator."""
        ...

    def mono_us(self) -> int:
        """Microseconds of a clock that never runs back; comparable between processes of one
        machine while it is up, never across its restarts."""
        ...


@dataclass(frozen=True, slots=True)
class Now:
    """One reading of the clocks, with the life of the server (`epoch`) in which it was taken."""

    wall_us: int
    mono_us: int
    epoch: str


def read(clock: Clock, epoch: str) -> Now:
    """Both clocks at once."""
    return Now(clock.wall_us(), clock.mono_us(), epoch)


class SystemClock:
    """The machine's clocks: CLOCK_REALTIME and CLOCK_MONOTONIC, which is system-wide on Linux."""

    def wall_us(self) -> int:
        return time.time_ns() // 1000

    def mono_us(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
