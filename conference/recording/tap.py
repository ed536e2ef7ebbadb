"""Where recorded packets leave the server: batches over a non-blocking socket to the writer.

Never waits and never raises into the media path. Overload: when the socket is full (the writer has
not read for seconds) the batch is dropped and counted by track; the count becomes a gap row.
"""

import logging
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from conference.ids import TrackId
from conference.recording import wire
from conference.recording.packet_journal import RECORD

BATCH_SECONDS = 0.02
HEADROOM = 4 * 1024 * 1024
"""What the socket is asked to hold: seconds of a stalled writer."""

CallLater = Callable[[float, Callable[[], object]], object]
"""`loop.call_later`."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Dropped:
    """Packets of one track that could not be handed over, with their first and last arrival."""

    track: TrackId
    packets: int
    first_us: int
    last_us: int


@dataclass(slots=True)
class _Feed:
    """One open track: its number at the writer and its share of the next batch."""

    track: TrackId
    number: int
    records: bytearray = field(default_factory=bytearray)
    count: int = 0
    first_us: int = 0
    last_us: int = 0
    began_us: int | None = None


class Tap:
    """Implements media's PacketSink. Lives on the event loop's thread; all instants are mono µs.

    Tracks that were not opened are ignored. Orders to the writer go the same way as packets, in
    order; while one waits for room in the socket, packets behind it are dropped and counted.
    """

    def __init__(self, call_later: CallLater) -> None:
        self._call_later = call_later
        self._socket: socket.socket | None = None
        self._broken = False
        self._feeds: dict[TrackId, _Feed] = {}
        self._dirty: list[_Feed] = []
        self._size = 0
        self._timed = False
        self._orders: deque[bytes] = deque()
        self._dropped: dict[TrackId, Dropped] = {}
        self.handed_over = 0
        """Packets given to the socket."""
        self.faults = 0
        """Packets that could not be taken for a reason of their own."""

    def packet(
        self, track: TrackId, arrival_us: int, data: bytes | bytearray | memoryview, rtcp: bool
    ) -> None:
        """Take one packet; see PacketSink."""
        feed = self._feeds.get(track)
        if feed is None:
            return
        try:
            size = len(data)
            if self._size + size > wire.BATCH_BYTES:
                self.flush()
            feed.records += RECORD.pack(arrival_us, size, rtcp)
            feed.records += data
            if not feed.count:
                feed.first_us = arrival_us
                self._dirty.append(feed)
                if not self._timed:
                    self._timed = True
                    self._call_later(BATCH_SECONDS, self._time_is_up)
            feed.count += 1
            feed.last_us = arrival_us
            self._size += size
        except Exception:
            self._fault()

    def attach(self, sock: socket.socket) -> None:
        """Packets and orders go to this writer from now on. What was open is forgotten: tracks
        are opened anew, since another writer knows none of them."""
        self._socket, self._broken = sock, False
        self._orders.clear()
        self._feeds.clear()
        self._clear_batch()

    def detach(self) -> None:
        """The writer is gone. Packets of open tracks are counted as dropped from now on."""
        self._socket, self._broken = None, False
        self._orders.clear()

    def open(self, track: TrackId, number: int) -> None:
        """Hand over the packets of this track, as `number`."""
        self._feeds[track] = _Feed(track, number)

    def close(self, track: TrackId) -> None:
        """Hand nothing of this track over any more once this has returned."""
        if track in self._feeds:
            self.flush()
            del self._feeds[track]

    def is_open(self, track: TrackId) -> bool:
        return track in self._feeds

    def began_us(self, track: TrackId) -> int | None:
        """Arrival of the first packet handed over since the track was opened."""
        feed = self._feeds.get(track)
        return feed.began_us if feed is not None else None

    def order(self, message: wire.Control) -> None:
        """Send a control message behind the packets so far. Its `mono_us` tells the writer that
        everything that arrived before has been handed over. Without a writer it is void."""
        self.flush()
        if self._socket is None:
            return
        self._orders.append(wire.control(message))
        self._send_orders()

    def take_dropped(self) -> list[Dropped]:
        """What was dropped since the last call. When the socket has broken nothing is told until
        `detach`: then it is known that the writer's death was the cause, not an overload."""
        if self._broken:
            return []
        dropped = list(self._dropped.values())
        self._dropped.clear()
        return dropped

    def flush(self) -> None:
        """Send the batch as it is."""
        self._send_orders()
        if not self._dirty:
            return
        parts = [bytes((wire.PACKETS,))]
        for feed in self._dirty:
            span = (feed.first_us, feed.last_us)
            parts.append(wire.SECTION.pack(feed.number, feed.count, len(feed.records), *span))
            parts.append(bytes(feed.records))
        sent = not self._orders and self._send(b"".join(parts))
        for feed in self._dirty:
            if sent:
                self.handed_over += feed.count
                if feed.began_us is None:
                    feed.began_us = feed.first_us
            else:
                self._drop(feed)
        self._clear_batch()

    def _clear_batch(self) -> None:
        for feed in self._dirty:
            feed.records.clear()
            feed.count = 0
        self._dirty.clear()
        self._size = 0

    def _send_orders(self) -> None:
        while self._orders and self._send(self._orders[0]):
            self._orders.popleft()
        if self._orders and self._socket is not None and not self._timed:
            self._timed = True
            self._call_later(BATCH_SECONDS, self._time_is_up)

    def _send(self, message: bytes) -> bool:
        if self._socket is None:
            return False
        try:
            self._socket.send(message)
        except BlockingIOError:
            return False
        except OSError:  # the writer is gone: its supervisor sees that too and starts another
            self._socket, self._broken = None, True
            return False
        return True

    def _drop(self, feed: _Feed) -> None:
        known = self._dropped.get(feed.track)
        if known is None:
            lost = Dropped(feed.track, feed.count, feed.first_us, feed.last_us)
            self._dropped[feed.track] = lost
        else:
            known.packets += feed.count
            known.last_us = feed.last_us

    def _time_is_up(self) -> None:
        self._timed = False
        try:
            self.flush()
        except Exception:
            self._fault()

    def _fault(self) -> None:
        self.faults += 1
        if self.faults == 1:
            _log.exception("the tap failed; further failures are counted only")


def socket_pair() -> tuple[socket.socket, socket.socket, int]:
    """The server's end, the writer's end, and the bytes that the kernel granted for sending
    (it doubles what is asked for and counts its own overhead, socket(7))."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, HEADROOM)
    return ours, theirs, ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
