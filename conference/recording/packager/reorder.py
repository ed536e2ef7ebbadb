"""Puts packets into the order in which they were sent (RFC 3550 §5.1, sequence number).

A recording has no delay to save: it waits WINDOW_US for a packet that is missing, so that one that
was asked for again is in its place when it came at all.
"""

from conference.media.rtp import RtpPacket, unwrap

WINDOW_US = 2_000_000


class Reorder:
    """Packets of one SSRC in, packets in order out; each once. `index` of a packet becomes its
    extended sequence number."""

    def __init__(self) -> None:
        self.missing = 0
        """Packets that never came, so far."""
        self._waiting: dict[int, RtpPacket] = {}
        self._next: int | None = None
        self._newest = 0
        self._first_us = 0

    def push(self, packet: RtpPacket) -> list[RtpPacket]:
        """Take a packet, in the order of arrival; gives those whose turn has come."""
        if self._next is None:
            if not self._waiting:
                self._newest, self._first_us = packet.seq, packet.arrival_us
            index = unwrap(packet.seq, self._newest)
        else:
            index = unwrap(packet.seq, self._newest)
            if index < self._next:
                return []  # a repeat, or later than the window
        packet.index = index
        self._newest = max(self._newest, index)
        self._waiting.setdefault(index, packet)
        return self.due(packet.arrival_us)

    def due(self, now_us: int) -> list[RtpPacket]:
        """What may go at this instant of arrival: what lacks nothing before it, or has waited."""
        if self._next is None:
            # The first packet seen need not be the first one sent.
            if not self._waiting or now_us - self._first_us < WINDOW_US // 4:
                return []
            self._next = min(self._waiting)
        ready = self._in_a_row()
        while self._waiting:
            first = min(self._waiting)
            if now_us - self._waiting[first].arrival_us < WINDOW_US:
                break
            self.missing += first - self._next
            self._next = first
            ready += self._in_a_row()
        return ready

    def flush(self) -> list[RtpPacket]:
        """Everything that is left."""
        ready = []
        while self._waiting:
            first = min(self._waiting)
            if self._next is not None:
                self.missing += first - self._next
            self._next = first
            ready += self._in_a_row()
        return ready

    def _in_a_row(self) -> list[RtpPacket]:
        assert self._next is not None
        ready = []
        while (packet := self._waiting.pop(self._next, None)) is not None:
            ready.append(packet)
            self._next += 1
        return ready
