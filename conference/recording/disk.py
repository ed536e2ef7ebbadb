"""The writer's hand on the disk: one thread that seals rounds of blocks, so that a slow disk never
keeps the writer from emptying its socket.

Policy under overload: one round at a time. While the disk is busy the packets gather in memory
(recorder.py) and go into the next round, with larger blocks; nothing queues here.
"""

import errno
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conference.recording.packet_journal import SUFFIX, Chain

DISK_FULL = "disk_full"
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(slots=True)
class Portion:
    """What one track has for this round. `end`: the take is finished for this track."""

    take: str
    track: str
    folder: str
    description: bytes
    opened_us: int
    records: bytearray
    count: int
    first_us: int
    last_us: int
    end: bool = False


@dataclass(slots=True)
class Round:
    """Everything that arrived until `cut_us`, by the server's word. `opening`: takes that begin
    with this round."""

    cut_us: int
    portions: list[Portion]
    opening: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sealed:
    """The outcome of a round, on disk (fdatasync) when it is handed back. `tracks` has an entry
    for each track with new blocks; `full` names the takes that ended because the disk is full."""

    cut_us: int
    free_bytes: int
    tracks: list[tuple[str, str, int, str, int, int]]
    """take, track, blocks, head (hex), bytes, last packet's arrival µs."""
    full: set[str]


class DiskFailed(Exception):
    """The thread is gone; nothing more can be sealed by this process."""


class Disk:
    """Owns the files. `submit` and `take_result` are called from the writer's loop only.

    `notify()` is called from the thread when a result is there. Any error but a full disk ends the
    thread and is raised by `take_result` as DiskFailed: the writer dies of it and is started anew.
    """

    def __init__(self, directory: Path, reserve: int, notify: Callable[[], None]) -> None:
        self._directory = directory
        self._reserve = reserve
        self._notify = notify
        self._files: dict[tuple[str, str], _File] = {}
        self._full: set[str] = set()
        self._rounds: queue.SimpleQueue[Round | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Sealed | Exception] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="disk", daemon=True)
        self._thread.start()

    def submit(self, work: Round) -> None:
        """Hand over the next round; the one before must have come back."""
        self._rounds.put(work)

    def take_result(self) -> Sealed:
        """The outcome of the round that `notify` told of."""
        result = self._results.get_nowait()
        if isinstance(result, Exception):
            raise DiskFailed(str(result)) from result
        return result

    def close(self) -> None:
        """End the thread when it has done what it has."""
        self._rounds.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (work := self._rounds.get()) is not None:
            try:
                self._results.put(self._seal(work))
            except Exception as error:
                self._results.put(error)
                return
            finally:
                self._notify()

    def _seal(self, work: Round) -> Sealed:
        sealed = Sealed(work.cut_us, 0, [], set())
        if work.opening and self._free() < self._reserve:
            self._full.update(work.opening)
            sealed.full.update(work.opening)
        for portion in work.portions:
            if portion.take not in self._full:
                self._seal_portion(portion, sealed)
        sealed.free_bytes = self._free()
        if sealed.free_bytes < self._reserve:
            self._end_all(sealed)
        return sealed

    def _seal_portion(self, portion: Portion, sealed: Sealed) -> None:
        key = (portion.take, portion.track)
        try:
            file = self._files.get(key)
            if file is None:
                if not portion.count:
                    return
                file = self._files[key] = _File(Path(portion.folder), portion)
            file.append(portion, sealed.cut_us)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self._full.add(portion.take)
            sealed.full.add(portion.take)
            if (file := self._files.pop(key, None)) is not None:
                file.close()
            return
        sealed.tracks.append((*key, *file.state()))
        if portion.end:
            self._files.pop(key).close()

    def _end_all(self, sealed: Sealed) -> None:
        """The reserve is reached: what is written is finished in order, what follows is refused."""
        for key, file in self._files.items():
            sealed.full.add(key[0])
            try:
                file.end(sealed.cut_us)
                sealed.tracks.append((*key, *file.state()))
            except OSError as error:
                if error.errno not in _FULL:
                    raise
            file.close()
        self._files.clear()
        self._full |= sealed.full

    def _free(self) -> int:
        state = os.statvfs(self._directory)
        return state.f_bavail * state.f_frsize


class _File:
    """One growing file; after an error it ends where its last whole block ends."""

    def __init__(self, folder: Path, portion: Portion) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (portion.track + SUFFIX)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        self._chain = Chain()
        self._last_us = portion.first_us
        self._start = self._chain.describe(portion.description, portion.opened_us)
        for directory in (folder, folder.parent):
            _sync_directory(directory)

    def append(self, portion: Portion, cut_us: int) -> None:
        """Seal the packets of a round, and the end of the take when it is due."""
        data, self._start = self._start, b""
        if portion.count:
            span = (portion.first_us, portion.last_us)
            data += self._chain.packets(bytes(portion.records), portion.count, span)
            self._last_us = portion.last_us
        if portion.end:
            data += self._chain.end(max(cut_us, self._last_us))
        if data:
            self._write(data)

    def end(self, ended_us: int) -> None:
        """Finish the file in order."""
        self._write(self._chain.end(max(ended_us, self._last_us)))

    def state(self) -> tuple[int, str, int, int]:
        """blocks, head (hex), bytes, last packet's arrival."""
        return self._chain.blocks, self._chain.head.hex(), self._chain.bytes, self._last_us

    def close(self) -> None:
        os.close(self._descriptor)

    def _write(self, data: bytes) -> None:
        good = self._chain.bytes - len(data)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fdatasync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, good)
            raise


def _sync_directory(directory: Path) -> None:
    """A new name is on disk only when its directory is (fsync(2), notes)."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
