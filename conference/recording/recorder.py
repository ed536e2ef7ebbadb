"""The writer, a process of its own: packets come in over a socket, sealed blocks go to disk.

    python -m conference.recording.recorder SOCKET_FD DIRECTORY RESERVE_BYTES

Started by writer.py, which holds the other end of the SEQPACKET socket. Each second it seals what
came, on disk before it says so, and it says each second that it lives. When the socket closes (the
server died, or ended) it seals what it has and exits. An error it cannot deal with does the same
with exit code 1: the server starts another one. Imports little, so that it starts fast.

Overload: while the disk is busy packets gather in memory; at WAITING_LIMIT it stops reading, the
socket fills, and the server counts what it could not hand over.
"""

import contextlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conference.recording import wire
from conference.recording.disk import DISK_FULL, Disk, DiskFailed, Portion, Round, Sealed

SEAL_US = 1_000_000
WAITING_LIMIT = 64 * 1024 * 1024
"""About 40 s of nine 720p tracks at 1.5 Mb/s."""
READS_IN_A_ROW = 256
REST_MS = 100
"""While it records it looks into the socket so often, and not at each batch: a wake-up costs more
than a message."""


MonoUs = Callable[[], int]


@dataclass(slots=True)
class _Track:
    """One track of a take, with what came since the last round."""

    take: str
    track: str
    folder: str
    description: bytes
    opened_us: int
    records: bytearray = field(default_factory=bytearray)
    count: int = 0
    first_us: int = 0
    last_us: int = 0
    ended: bool = False

    def cut(self) -> Portion:
        """Hand out what came, and begin anew."""
        portion = Portion(
            self.take, self.track, self.folder, self.description, self.opened_us,
            self.records, self.count, self.first_us, self.last_us, self.ended,
        )  # fmt: skip
        self.records, self.count = bytearray(), 0
        return portion


class Recorder:
    """The loop of the process. `mono_us` reads CLOCK_MONOTONIC, which the server reads too."""

    def __init__(self, sock: socket.socket, directory: Path, reserve: int, mono_us: MonoUs) -> None:
        self._socket = sock
        self._directory = directory
        self._mono_us = mono_us
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._disk = Disk(directory, reserve, lambda: os.eventfd_write(self._wake, 1))
        self._tracks: dict[int, _Track] = {}
        self._takes: dict[str, str] = {}
        self._opening: list[str] = []
        self._closing: list[str] = []
        self._in_round: list[str] = []
        self._buffer = bytearray(wire.MAX_MESSAGE)
        self._waiting = 0
        self._mark_us = 0
        self._busy = self._hurry = self._ended = False

    def run(self) -> int:
        """Until the socket closes; the exit code."""
        code = 0
        try:
            self._loop()
        except DiskFailed:
            _complain()
            return 1
        except Exception:
            _complain()
            code = 1
        try:
            self._finish()
        except Exception:
            _complain()
            code = 1
        return code

    def _loop(self) -> None:
        disk, all_of_it = select.poll(), select.poll()
        disk.register(self._wake, select.POLLIN)
        all_of_it.register(self._wake, select.POLLIN)
        all_of_it.register(self._socket, select.POLLIN)
        due = self._mono_us() + SEAL_US
        while not self._ended:
            left = max(0, due - self._mono_us()) / 1000
            if self._takes:
                disk.poll(min(left, REST_MS))
            else:
                all_of_it.poll(left)
            self._round_done()
            if self._waiting < WAITING_LIMIT:
                self._receive()
            tick = self._mono_us() >= due
            if tick:
                due += SEAL_US
            self._act(tick)

    def _act(self, tick: bool) -> None:
        if tick:
            self._say(type="status", waiting_bytes=self._waiting)
        if not self._busy and (tick or self._hurry or self._waiting >= WAITING_LIMIT):
            self._seal()

    def _receive(self) -> None:
        for _ in range(READS_IN_A_ROW):
            try:
                size = self._socket.recv_into(self._buffer)
            except BlockingIOError:
                return
            except ConnectionResetError:
                size = 0
            if not size:
                self._ended = True
                return
            message = memoryview(self._buffer)[:size]
            if message[0] == wire.PACKETS:
                self._take_packets(message)
            else:
                self._obey(wire.read_control(message))

    def _take_packets(self, message: memoryview) -> None:
        for number, packets, first_us, last_us, records in wire.sections(message):
            if last_us > self._mark_us:
                self._mark_us = last_us
            track = self._tracks.get(number)
            if track is not None:
                if not track.count:
                    track.first_us = first_us
                track.records += records
                track.count += packets
                track.last_us = last_us
                self._waiting += len(records)

    def _obey(self, order: wire.Control) -> None:
        """Do what the server says. `mono_us` of an order: everything older has been said."""
        kind = order["type"]
        self._mark_us = max(self._mark_us, order["mono_us"])
        if kind == "open_take":
            self._takes[order["take"]] = str(self._directory / order["take"])
            self._opening.append(order["take"])
            self._hurry = True
        elif kind == "open_track":
            take = order["take"]
            if take in self._takes:
                self._tracks[order["number"]] = _Track(
                    take, order["track"], self._takes[take],
                    order["description"].encode(), order["mono_us"],
                )  # fmt: skip
        elif kind == "close_track":
            if (track := self._tracks.get(order["number"])) is not None:
                track.ended = True
        elif kind == "close_take":
            self._close(order["take"])
        elif kind != "mark":
            raise wire.BadMessage("an unknown order")

    def _close(self, take: str) -> None:
        if take in self._takes:
            self._closing.append(take)
            self._hurry = True
            for track in self._tracks.values():
                track.ended = track.ended or track.take == take

    def _seal(self) -> None:
        """Hand the disk what came since the last round."""
        portions = [track.cut() for track in self._tracks.values() if track.count or track.ended]
        self._tracks = {n: track for n, track in self._tracks.items() if not track.ended}
        self._disk.submit(Round(self._mark_us, portions, self._opening))
        self._in_round, self._closing = self._closing, []
        self._opening = []
        self._waiting, self._hurry, self._busy = 0, False, True

    def _round_done(self) -> None:
        """Take the outcome of the round in flight, if it is there."""
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            return
        self._busy = False
        sealed = self._disk.take_result()
        for take in list(self._takes):
            self._tell(take, sealed)

    def _tell(self, take: str, sealed: Sealed) -> None:
        """Say what is on disk of a take, and whether it has ended."""
        full, closed = take in sealed.full, take in self._in_round
        tracks = [
            {"track": track, "blocks": blocks, "head": head, "bytes": size, "last_mono_us": last_us}
            for of, track, blocks, head, size, last_us in sealed.tracks
            if of == take
        ]
        self._say(
            type="sealed", take=take, cut_us=sealed.cut_us, free_bytes=sealed.free_bytes,
            tracks=tracks, closed=closed, fault=DISK_FULL if full else None,
        )  # fmt: skip
        if full or closed:
            del self._takes[take]
            self._tracks = {n: track for n, track in self._tracks.items() if track.take != take}

    def _say(self, **message: object) -> None:
        # When the server is gone or does not listen: the next round says it again.
        with contextlib.suppress(OSError):
            self._socket.send(wire.control(message))

    def _finish(self) -> None:
        """Seal everything and end every file in order."""
        if self._busy:
            self._await_disk()
        for take in list(self._takes):
            self._close(take)
        self._seal()
        self._await_disk()
        self._disk.close()

    def _await_disk(self) -> None:
        select.select([self._wake], [], [])
        self._round_done()


def _complain() -> None:
    """The trace for the log; the server's terminal may be gone."""
    with contextlib.suppress(OSError):
        traceback.print_exc()


def _monotonic_us() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def main(arguments: list[str]) -> int:
    """Run until the socket closes. Signals meant for the server's group do not end it: the last
    packets of a server that is being stopped are still to come."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    descriptor, directory, reserve = arguments
    sock = socket.socket(fileno=int(descriptor))
    sock.setblocking(False)
    return Recorder(sock, Path(directory), int(reserve), _monotonic_us).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
