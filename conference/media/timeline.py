"""One outgoing stream that goes on while its source changes: sequence numbers and timestamps."""

from __future__ import annotations

from conference.media.rtp import unwrap


class Timeline:
    """Maps the numbers of the current source to those of the slot.

    A new source goes on with the next sequence number, and with the last timestamp plus the time
    that passed: browsers freeze for seconds when a timestamp jumps.  Extended sequence numbers in,
    16 and 32 bits out.
    """

    __slots__ = (
        "_seq_offset", "clock_rate", "first", "highest", "last_us", "next_seq", "timestamp",
        "timestamp_offset",
    )  # fmt: skip

    def __init__(self, clock_rate: int, seq: int, timestamp: int) -> None:
        """Begin with `seq` and `timestamp` (random, RFC 3550 §5.1; `seq` below 2^15, so that the
        first wrap cannot be mistaken, RFC 3711 §3.3.1)."""
        self.clock_rate = clock_rate
        self.next_seq = seq
        self.timestamp = timestamp
        self.last_us: int | None = None
        self.first = 0
        """Lowest index of the source that belongs to the slot."""
        self.highest = -1
        """Highest index that was mapped; below `first` when the source has not begun."""
        self._seq_offset = 0
        self.timestamp_offset = 0

    def start(self, index: int, timestamp: int, now_us: int) -> None:
        """A source begins with its packet `index`."""
        if self.last_us is None:
            target = self.timestamp
        else:
            passed = max(1, (now_us - self.last_us) * self.clock_rate // 1_000_000)
            target = self.timestamp + passed
        self.timestamp_offset = (target - timestamp) & 0xFFFFFFFF
        self._seq_offset = self.next_seq - index
        self.first = index
        self.highest = index - 1

    def map(self, index: int, timestamp: int, now_us: int) -> int:
        """The slot's sequence number of the source's packet `index`, which is not below `first`;
        its timestamp is `timestamp` + `timestamp_offset`."""
        if index > self.highest:
            self.highest = index
            self.next_seq = index + self._seq_offset + 1
            self.timestamp = timestamp + self.timestamp_offset
            self.last_us = now_us
        return (index + self._seq_offset) & 0xFFFF

    def source_of(self, seq: int) -> int | None:
        """The index of the packet that was sent as `seq`; None for what is not of this source."""
        if self.highest < self.first:
            return None
        index = unwrap(seq, self.next_seq - 1) - self._seq_offset
        return index if self.first <= index <= self.highest else None

    def close(self) -> None:
        """The source ends: none of its packets is answered for any more."""
        self.first = self.highest + 1
