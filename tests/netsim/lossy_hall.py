"""A forwarder behind seeded, slow, lossy lines in virtual time.

Each end has a line of its own; every datagram on it is lost with a fixed chance or arrives after
the delay, in order.  Ends act as browsers do: publishers answer NACK and PLI when these arrive,
subscribers look for holes each 5 ms and report each second.
"""

import heapq
import random
from dataclasses import dataclass
from itertools import count

from conference.media.forwarder.api import Address, Datagram
from tests.support.forwarding import Hall
from tests.support.rtp_ends import End

_TICK_US = 20_000
_LOOK_US = 5_000
_REPORT_US = 1_000_000


@dataclass(frozen=True)
class Line:
    loss: float
    delay_us: int


class LossyHall(Hall):
    """`Hall` whose lines take time and lose datagrams, both ways alike."""

    def __init__(self, line: Line, seed: int) -> None:
        super().__init__(seed)
        self._line = line
        self._random = random.Random(seed)
        self._order = count()
        self._events: list[tuple[int, int, End, bytes, bool]] = []
        """(arrival, order, end, datagram, towards the server)"""

    def _send(self, datagram: Datagram, address: Address) -> bool:
        self._line_up(self.ends[address], bytes(datagram), False)
        return True

    def put(self, end: End, packet: bytes, address: Address | None = None) -> None:
        self._line_up(end, end.protect(packet), True)

    def _line_up(self, end: End, datagram: bytes, up: bool) -> None:
        if self._random.random() >= self._line.loss:
            arrival = self.now_us + self._line.delay_us
            heapq.heappush(self._events, (arrival, next(self._order), end, datagram, up))

    def deliver(self) -> None:
        """Everything that has arrived by now."""
        while self._events and self._events[0][0] <= self.now_us:
            _, _, end, datagram, up = heapq.heappop(self._events)
            if up:
                self.forwarder.receive(datagram, end.address, self.now_us)
            else:
                self.arrive(end, datagram)

    def run(self, duration_us: int, sending: bool = True) -> None:
        """Frames of all sources each 33 ms (sound 20 ms), ticks, holes, reports."""
        until = self.now_us + duration_us
        while self.now_us < until:
            self.now_us += 1000
            self.deliver()
            if sending:
                self._send_media()
            if self.now_us % _TICK_US == 0:
                self.forwarder.tick(self.now_us)
            if self.now_us % _LOOK_US == 0:
                self._look_for_holes()
            if self.now_us % _REPORT_US == 0:
                self._report()

    def _send_media(self) -> None:
        for source in self.sources:
            period = 33_000 if source.kind == "video" else 20_000
            if self.now_us % period == 0:
                for packet in source.frame(self.now_us):
                    self.put(source.end, packet)

    def _look_for_holes(self) -> None:
        for sink in self.sinks:
            asked = sink.asks(self.now_us)
            if asked is not None:
                self.put(sink.end, asked)

    def _report(self) -> None:
        for sink in self.sinks:
            self.put(sink.end, sink.receiver_report(self.now_us))
