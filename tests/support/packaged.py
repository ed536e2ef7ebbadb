"""What a running server's packager has made."""

from pathlib import Path

from conference.recording.packager.manifest import Manifest, read_manifest
from tests.support.wait import wait_until


async def packaged(data: Path, timeout: float) -> Manifest:
    """The manifest of the one session that was recorded, once it is ready."""
    found: list[Manifest] = []

    def probe() -> str | None:
        for path in (data / "derived").glob("*/manifest.json"):
            manifest = read_manifest(path.read_bytes())
            if manifest.state == "ready":
                found.append(manifest)
                return None
        return "no manifest says ready"

    await wait_until(probe, timeout)
    return found[0]
