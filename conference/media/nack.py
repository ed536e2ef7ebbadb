"""Which packets of one incoming stream are new, which are missing, and when to ask for them."""

from __future__ import annotations

from conference.media.rtp import unwrap

DEFAULT_RTT_US = 100_000
_SPACING_US = 10_000
_ASK_FOR_US = 800_000
_MAX_TRIES = 10
_HOPE_FOR_US = 2_000_000
"""After the last request a packet may still come: how long it is taken as new."""
_MAX_GAP = 1000
"""A longer hole is no loss but a new beginning."""


class _Missing:
    __slots__ = ("due_us", "since_us", "tries")

    def __init__(self, now_us: int) -> None:
        self.since_us = now_us
        self.due_us = now_us
        self.tries = 0


class LossTracker:
    """Duplicates, holes, and the negative acknowledgements they cause (RFC 4585 §6.2.1).

    A hole is asked for at once and then each round trip + 10 ms, 10 times or 0.8 s long; then it
    is given up, and whoever decodes needs a keyframe.  What comes after that is still taken once.
    """

    __slots__ = ("_fresh", "_given_up", "_missing", "highest")

    def __init__(self) -> None:
        self.highest = -1
        """Highest extended sequence number; -1 before the first packet."""
        self._missing: dict[int, _Missing] = {}
        self._given_up: dict[int, int] = {}
        self._fresh = False

    def arrived(self, seq: int, now_us: int) -> int:
        """The extended sequence number of a packet that is new, -1 for one that is not."""
        highest = self.highest
        if highest < 0:
            self.highest = 0x10000 + seq  # room below for packets that were overtaken
            return self.highest
        if seq == (highest + 1) & 0xFFFF:
            self.highest = highest + 1
            return highest + 1
        index = unwrap(seq, highest)
        if index > highest:
            self._gap(highest + 1, index, now_us)
            self.highest = index
            return index
        return index if self._was_missing(index) else -1

    def skip(self, seq: int) -> None:
        """Count a packet nobody wants: it is seen, and holes do not matter."""
        if self.highest < 0:
            self.highest = 0x10000 + seq
        else:
            self.highest = max(self.highest, unwrap(seq, self.highest))
        self.forget()

    def forget(self) -> None:
        """Ask for nothing that is missing by now."""
        self._missing.clear()
        self._given_up.clear()
        self._fresh = False

    @property
    def fresh(self) -> bool:
        """A hole has been found that was not asked for yet."""
        return self._fresh

    @property
    def missing(self) -> int:
        """How many packets are being asked for."""
        return len(self._missing)

    def due(self, now_us: int, rtt_us: int) -> list[int]:
        """Sequence numbers (16 bits) to ask for now; each then waits for its answer."""
        self._fresh = False
        asked = []
        for index, entry in self._missing.items():
            if entry.due_us <= now_us:
                entry.tries += 1
                entry.due_us = now_us + rtt_us + _SPACING_US
                asked.append(index & 0xFFFF)
        return asked

    def give_up(self, now_us: int) -> list[int]:
        """Extended sequence numbers that were asked for long enough, each named once."""
        lost = []
        for index, entry in self._missing.items():
            waited = now_us - entry.since_us
            if waited >= _ASK_FOR_US or (entry.tries >= _MAX_TRIES and entry.due_us <= now_us):
                lost.append(index)
        for index in lost:
            del self._missing[index]
            self._given_up[index] = now_us
        self._prune(now_us)
        return lost

    def _gap(self, start: int, end: int, now_us: int) -> None:
        if end - start > _MAX_GAP:
            self.forget()
            # Given up at the next tick, so that a keyframe is asked for.
            self._missing[end - 1] = _Missing(now_us - _ASK_FOR_US)
            return
        for index in range(start, end):
            self._missing[index] = _Missing(now_us)
        self._fresh = True
        while len(self._missing) > _MAX_GAP:
            oldest = next(iter(self._missing))
            del self._missing[oldest]

    def _was_missing(self, index: int) -> bool:
        return (
            self._missing.pop(index, None) is not None
            or self._given_up.pop(index, None) is not None
        )

    def _prune(self, now_us: int) -> None:
        while self._given_up:
            oldest = next(iter(self._given_up))
            if now_us - self._given_up[oldest] <= _HOPE_FOR_US:
                break
            del self._given_up[oldest]
