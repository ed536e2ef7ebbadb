"""What a dead writer left: the last sealed instant of each take, and the heads of its files.

Files are read only: a torn tail stays where it is, as evidence of what happened. Only the heads of
blocks are read, and the last block whole, so that hours of recording are looked through at once.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conference.events.recording import SealedTrack
from conference.ids import SessionId, TrackId
from conference.recording.packet_journal import SUFFIX, BlockKind, holds, skim

WAIT_SECONDS = 3.0
LOCK_NAME = "writer.lock"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the sealed part of one file ends. `end_us`: mono µs up to which it is complete, which
    is the last packet or the end that was written behind it; `packet_us`: the last packet."""

    blocks: int
    head: str
    bytes: int
    end_us: int
    packet_us: int | None


def tail(path: Path) -> Tail | None:
    """The end of the sealed part; None when nothing in the file is sealed."""
    with path.open("rb", buffering=0) as stream:
        marks = list(skim(stream))
        while marks and not holds(stream, marks[-1]):
            marks.pop()
    if not marks:
        return None
    last = marks[-1]
    packets = (mark.last_us for mark in reversed(marks) if mark.kind is BlockKind.PACKETS)
    size = last.offset + last.size
    return Tail(len(marks), last.seal.hex(), size, last.last_us, next(packets, None))


def sealed_tracks(directory: Path, session: SessionId, take: str) -> tuple[SealedTrack, ...]:
    """The heads of a take's files, as they belong into the journal; sorted by track."""
    tails = ((path, tail(path)) for path in _files(directory / session / take))
    return tuple(
        SealedTrack(TrackId(path.stem), end.blocks, end.head, end.bytes, end.packet_us)
        for path, end in tails
        if end is not None
    )


def last_sealed(directory: Path, session: SessionId, take: str) -> int | None:
    """CLOCK_MONOTONIC µs (of the life that wrote it) up to which a take is on disk: its last
    packet, or the end that was written; None when nothing of it is on disk. A take that was
    continued by another writer counts with it."""
    folders = [directory / session / name for name in takes_of_order(directory, session, take)]
    tails = [tail(path) for folder in folders for path in _files(folder)]
    return max((end.end_us for end in tails if end is not None), default=None)


def takes_of_order(directory: Path, session: SessionId, take: str) -> list[str]:
    """A take and those that other writers continued it with (capture.py), as far as on disk."""
    order = take.split("-")[0]
    names = (folder.name for folder in (directory / session).glob("*"))
    return sorted(name for name in names if name.split("-")[0] == order)


async def await_writer(directory: Path) -> None:
    """Wait until no writer of an older life of the server is still sealing."""
    descriptor = _open_lock(directory)
    try:
        for _ in range(round(WAIT_SECONDS / 0.02)):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                await asyncio.sleep(0.02)
        _log.error("an older recording writer still runs; its last second may be missing")
    finally:
        os.close(descriptor)


def lock_for_writer(directory: Path) -> int:
    """A descriptor for a writer to inherit: while one process holds it, a server started anew
    waits for the last seal (flock(2) belongs to the open file, not to the process)."""
    descriptor = _open_lock(directory)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _open_lock(directory: Path) -> int:
    return os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)


def _files(take: Path) -> Iterator[Path]:
    yield from sorted(take.glob(f"*{SUFFIX}"))
