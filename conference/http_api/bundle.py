"""Which built files a page needs: Vite's manifest (web/dist/.vite/manifest.json)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the bundle; paths are below /static/."""

    script: str
    modules: tuple[str, ...]
    styles: tuple[str, ...]


class Bundle:
    """Reads the manifest anew when the bundle was built anew, so that a page never names a file
    that is gone."""

    def __init__(self, dist: Path) -> None:
        self.dist = dist
        self._manifest_path = dist / ".vite" / "manifest.json"
        self._read_at = 0
        self._manifest: dict[str, dict[str, Any]] = {}

    def entry(self, source: str) -> Entry | None:
        """The files of one source of web/src; None while the bundle is not built."""
        self._refresh()
        found = self._manifest.get(source)
        if found is None:
            return None
        chunks = list(self._chunks(source, set()))
        styles = [style for chunk in chunks for style in chunk.get("css", [])]
        if found["file"].endswith(".css"):
            styles.append(found["file"])
        return Entry(
            script=found["file"],
            modules=tuple(chunk["file"] for chunk in chunks if chunk is not found),
            styles=tuple(dict.fromkeys(styles)),
        )

    def _refresh(self) -> None:
        try:
            written_at = self._manifest_path.stat().st_mtime_ns
            if written_at != self._read_at:
                self._manifest = json.loads(self._manifest_path.read_text("utf-8"))
                self._read_at = written_at
        except (OSError, ValueError):
            self._manifest, self._read_at = {}, 0

    def _chunks(self, name: str, seen: set[str]) -> list[dict[str, Any]]:
        if name in seen or name not in self._manifest:
            return []
        seen.add(name)
        chunk = self._manifest[name]
        imported = [
            deep for other in chunk.get("imports", []) for deep in self._chunks(other, seen)
        ]
        return [*imported, chunk]
