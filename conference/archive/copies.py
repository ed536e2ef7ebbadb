"""Whether the files that were made of a recording are still what was made."""

import hashlib
from collections.abc import Callable
from pathlib import Path

AT_ONCE = 1 << 20


def fingerprint(path: Path) -> tuple[int, int, int] | None:
    """Another one means that the file has to be read again; None when it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def holds(path: Path, sha256: str, stopped: Callable[[], bool]) -> bool | None:
    """Whether the content has this hash; None when it was `stopped` before that was known."""
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while part := file.read(AT_ONCE):
                if stopped():
                    return None
                digest.update(part)
    except OSError:
        return False
    return digest.hexdigest() == sha256
