"""When a publisher is told how much it may send (draft-alvestrand-rmcat-remb-03)."""

from __future__ import annotations

PERIOD_US = 500_000


class RembSchedule:
    """The room's cap, told at the first moment it can be and then each 0.5 s.

    `cap_bps` is what later stages lower when subscribers lose packets.
    """

    __slots__ = ("_due_us", "cap_bps")

    def __init__(self, cap_bps: int) -> None:
        self.cap_bps = cap_bps
        self._due_us: int | None = None

    def restart(self) -> None:
        """Say it again as soon as possible."""
        self._due_us = None

    def due(self, now_us: int) -> bool:
        """True when the cap is to be told now; asked only while it can be."""
        if self._due_us is not None and now_us < self._due_us:
            return False
        self._due_us = now_us + PERIOD_US
        return True
