"""Things that never change, kept under the hash of their bytes: handwriting, finished documents.

DIR/blobs/ab/ab12… is a file whose hex SHA-256 is its name. A file gets its name only when all of
it is on disk, so that a name in the journal always has its bytes.
"""

import asyncio
import errno
import hashlib
import os
import re
import secrets
from pathlib import Path

from conference.documents.ports import BlobChanged
from conference.errors import Refused

_HASH = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """The store below one directory, mode 0600. Reading and writing happen in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, digest: str) -> Path:
        """Where the bytes of this hex SHA-256 are; ValueError when it is none."""
        if not _HASH.fullmatch(digest):
            raise ValueError("not a SHA-256 in hex")
        return self._folder / digest[:2] / digest

    async def put(self, content: bytes) -> str:
        """Store and return the hex SHA-256, once it is durable. Refused `storage_full` or
        `journal_failed` when that cannot be done."""
        try:
            return await asyncio.to_thread(self._put, content)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise Refused("storage_full" if full else "journal_failed") from error

    async def get(self, digest: str) -> bytes:
        """The bytes; KeyError when there are none, BlobChanged when they were tampered with."""
        return await asyncio.to_thread(self._get, digest)

    async def has(self, digest: str) -> bool:
        return await asyncio.to_thread(self.path(digest).is_file)

    def unchecked(self, digest: str) -> bytes | None:
        """Whatever lies where the bytes should be, None when nothing does; for one who verifies.
        Blocks."""
        try:
            return self.path(digest).read_bytes()
        except (FileNotFoundError, ValueError):
            return None

    def _put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        if path.is_file() and path.stat().st_size == len(content):
            _sync(path.parent)  # the one who wrote it may not have come so far
            return digest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f".{secrets.token_hex(8)}")
        try:
            _write(new, content)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        for folder in (path.parent, self._folder, self._folder.parent):
            _sync(folder)
        return digest

    def _get(self, digest: str) -> bytes:
        try:
            content = self.path(digest).read_bytes()
        except FileNotFoundError:
            raise KeyError(digest) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise BlobChanged(f"blob {digest[:12]} is not what was stored")
        return content


def _write(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(file, view) :]
        os.fsync(file)
    finally:
        os.close(file)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
