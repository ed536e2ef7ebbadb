"""The data directory: one server at a time, and the secret that only this server has."""

import fcntl
import os
import secrets
from pathlib import Path
from typing import Self

SECRET_BYTES = 32


class DirectoryTaken(Exception):
    """Another server works on this directory."""


class DirectoryUnusable(Exception):
    """One sentence: why nothing can be kept there."""


class DataDirectory:
    """Paths below DIR. `lock` is held until `release`, or until the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @property
    def database(self) -> Path:
        return self.path / "conference.db"

    @property
    def recordings(self) -> Path:
        return self.path / "recordings"

    @property
    def blobs(self) -> Path:
        return self.path / "blobs"

    @property
    def derived(self) -> Path:
        """What is made of the recordings and can be made again."""
        return self.path / "derived"

    @property
    def demo(self) -> Path:
        return self.path / "demo.json"

    @property
    def control(self) -> Path:
        return self.path / "control.sock"

    @property
    def authority(self) -> "PrivateFolder":
        """Root, keys and server certificate of the installation's own authority."""
        return PrivateFolder(self.path / "ca")

    def lock(self) -> Self:
        """Make the directory if it is not there and take it; DirectoryTaken when a server has
        it, DirectoryUnusable when nothing can be written. What this process and its children
        make from now on is for their user alone: journal and recordings are about people."""
        os.umask(0o077)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DirectoryUnusable(
                f"the data directory {self.path} cannot be written: {error.strerror}"
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise DirectoryTaken(
                f"another server works on the data directory {self.path}"
            ) from None
        self._lock = lock
        return self

    def release(self) -> None:
        """Let the next server have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secret(self) -> bytes:
        """32 bytes that stay the same for the life of the directory, readable by its owner only.
        Made complete before it gets its name, so that a kill leaves no half secret."""
        path = self.path / "secret.key"
        if not path.exists():
            self.write_private(path, secrets.token_bytes(SECRET_BYTES))
        secret = path.read_bytes()
        if len(secret) != SECRET_BYTES:
            raise DirectoryUnusable(f"{path} is not a key of {SECRET_BYTES} bytes")
        return secret

    def write_private(self, path: Path, content: bytes) -> None:
        """Replace a file as a whole, durably, mode 0600."""
        _write_private(path, content)


class PrivateFolder:
    """A folder whose files nobody but the server's user reads."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file; DirectoryUnusable when it is unreadable."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DirectoryUnusable(
                f"{self.path / name} cannot be read: {error.strerror}"
            ) from None

    def write(self, name: str, content: bytes) -> None:
        """Replace a file as a whole, durably; DirectoryUnusable when that cannot be done."""
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            _write_private(self.path / name, content)
        except OSError as error:
            raise DirectoryUnusable(
                f"{self.path / name} cannot be written: {error.strerror}"
            ) from None


def _write_private(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
