"""A clock that stands still until a test turns it."""

from conference.clock import Now

START_WALL_US = 1_784_534_400_000_000
"""2026-07-20 16:00:00 Beijing time."""


class VirtualClock:
    """Starts at the first instant of story A's session; wall and monotonic time move together
    unless a test sets the wall alone, as an administrator would."""

    def __init__(self, wall_us: int = START_WALL_US, mono_us: int = 1_000_000_000) -> None:
        self._wall_us = wall_us
        self._mono_us = mono_us

    def wall_us(self) -> int:
        return self._wall_us

    def mono_us(self) -> int:
        return self._mono_us

    def advance(self, us: int) -> None:
        if us < 0:
            raise ValueError("time does not run back; set_wall moves the wall clock alone")
        self._wall_us += us
        self._mono_us += us

    def set_wall(self, wall_us: int) -> None:
        self._wall_us = wall_us

    def now(self, epoch: str = "epoch-1") -> Now:
        return Now(self._wall_us, self._mono_us, epoch)
