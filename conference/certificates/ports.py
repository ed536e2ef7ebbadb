"""Where an authority keeps its files."""

from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """A folder that only the server's own user can read (storage/directory.py)."""

    @property
    def path(self) -> Path: ...

    def read(self, name: str) -> bytes | None: ...

    def write(self, name: str, content: bytes) -> None:
        """Replace a file as a whole, durably."""
        ...
