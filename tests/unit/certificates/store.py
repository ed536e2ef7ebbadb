"""Files of an authority in memory."""

from pathlib import Path

DAY_US = 86_400_000_000


class Memory:
    """conference.certificates.ports.Files; `written` in order."""

    path = Path("ca")

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.written: list[str] = []

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)

    def write(self, name: str, content: bytes) -> None:
        self.files[name] = content
        self.written.append(name)
