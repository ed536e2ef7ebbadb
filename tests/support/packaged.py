"""What a running server's packager has made."""

from pathlib import Path

from conference.recording.packager.manifest import NAME, Manifest, read_manifest
from tests.support.wait import wait_until


async def packaged(data: Path, session: str, timeout: float) -> Manifest:
    """The manifest of a session that was recorded, once it is ready."""
    found: list[Manifest] = []

    def probe() -> str | None:
        path = data / "derived" / session / NAME
        if not path.exists():
            return "there is no manifest"
        manifest = read_manifest(path.read_bytes())
        if manifest.state != "ready":
            return f"it is {manifest.state}"
        found.append(manifest)
        return None

    await wait_until(probe, timeout)
    return found[0]
