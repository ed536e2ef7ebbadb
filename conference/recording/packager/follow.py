"""A recorded file read while it grows: the blocks that are sealed, checked as they come."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from conference.recording.packet_journal import Block, BlockKind, BlockReader, Flaw
from conference.recording.reading import Description, read_description

AT_ONCE = 16
"""Blocks that are kept in memory of a file that is read from far behind."""
SETTLED_SECONDS = 2.0
"""A file that has not grown for so long has been left by its writer."""


class FollowedFile:
    """One file of a take; `name` is take/track. `description` None: nothing can be read yet."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.description: Description | None = None
        self.flaws: list[tuple[str, int | None]] = []
        """What is wrong, and the arrival behind which."""
        self.blocks: deque[Block] = deque()
        """Blocks of packets that wait to be taken."""
        self.last_us = 0
        """Arrival of the last packet read."""
        self.unread = True
        """There may be more to read now."""
        self._path = path
        self._reader = BlockReader()
        self._seals: list[bytes] = []
        self._torn = False

    def read(self) -> None:
        """Take in what has been sealed since, some blocks at a time."""
        self.unread = False
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._reader.offset)
                for item in self._reader.read(stream):
                    self._take(item)
                    if len(self.blocks) >= AT_ONCE:
                        self.unread = True
                        return
        except OSError:
            self._broke("missing")

    @property
    def closed(self) -> bool:
        """The end that was written has been read."""
        return self._reader.ended

    def ended(self, now: float) -> bool:
        """Whether nothing more is to be read: the end is there, or cannot come any more. `now`:
        seconds since 1970, as the file's times."""
        if self.unread or self.blocks:
            return False
        if self._reader.ended or self._reader.broken:
            return True
        try:
            return now - self._path.stat().st_mtime > SETTLED_SECONDS
        except OSError:
            return True

    @property
    def read_bytes(self) -> int:
        return self._reader.offset

    def size(self) -> int:
        """Bytes on disk now; 0 when it has gone."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def judge(self, head: tuple[int, str] | None) -> list[tuple[str, int | None]]:
        """Everything that is wrong, when it has ended; `head` as the journal has it."""
        found = list(self.flaws)
        if self._torn and not self._reader.broken:
            found.append(("torn", self.last_us or None))
        if head is not None:
            blocks, seal = head
            if self._reader.number < blocks:
                found.append(("cut", self.last_us or None))
            elif self._seals[blocks - 1].hex() != seal and not found:
                found.append(("changed", None))
        return found

    def _take(self, item: Block | Flaw) -> None:
        self._torn = isinstance(item, Flaw) and item.torn
        if isinstance(item, Flaw):
            if not item.torn:
                self._seals.append(b"")
                self._broke("damaged", item.at_us)
            return
        self._seals.append(item.seal)
        if item.kind is BlockKind.PACKETS:
            self.last_us = item.last_us
            self.blocks.append(item)
        elif item.kind is BlockKind.DESCRIPTION:
            try:
                self.description = read_description(item)
            except ValueError:
                self._broke("unreadable")

    def _broke(self, what: str, at_us: int | None = None) -> None:
        if not any(known == what for known, _ in self.flaws):
            self.flaws.append((what, at_us))


class Folder:
    """The files of one session's takes: `directory`/take/track.rtpj."""

    def __init__(self, directory: Path, suffix: str) -> None:
        self.files: dict[str, FollowedFile] = {}
        self.directory = directory
        self._pattern = f"*/*{suffix}"

    def look(self) -> None:
        """Find new files, and read what is new in all of them."""
        for path in sorted(self.directory.glob(self._pattern)):
            name = f"{path.parent.name}/{path.stem}"
            if name not in self.files:
                self.files[name] = FollowedFile(path, name)
        for file in self.files.values():
            if not file.blocks and (file.unread or not file.closed):
                file.read()

    def next_block(self, rank: Callable[[FollowedFile], int | None]) -> FollowedFile | None:
        """The file whose next block came first; None when no block waits. `rank`: the place of a
        file's life of the server among others, None while the file has to wait."""
        best: tuple[tuple[int, int], FollowedFile] | None = None
        for file in self.files.values():
            if not file.blocks and file.unread:
                file.read()
            place = rank(file) if file.blocks else None
            if place is not None:
                key = (place, file.blocks[0].first_us)
                if best is None or key < best[0]:
                    best = (key, file)
        return None if best is None else best[1]

    def complete(self) -> bool:
        """Whether every file has been read to its end."""
        now = time.time()
        return all(file.ended(now) for file in self.files.values())

    def progress(self) -> float:
        """The share of all bytes that has been read, from 0 to 1."""
        total = sum(file.size() for file in self.files.values())
        return min(1.0, sum(f.read_bytes for f in self.files.values()) / total) if total else 1.0
