"""Four participants, a kill in the middle, a mute: what the packager makes of a real recording."""

import time
from pathlib import Path

import av

from conference.recording.packager.manifest import Manifest, PackagedFile
from tests.support.evidence import journal_entries
from tests.support.packaged import packaged
from tests.support.participants import HOST, crowd, demo_plan, not_left
from tests.support.rushes import lengths
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

SECONDS = 22.0
KILLED_AT_S = 8.0
READY_S = 10.0
MUTED = "刘卫东"


def script(name: str) -> str:
    if name == HOST:
        return "1 record start, 14 session resume, 14.5 record resume, 20 record stop"
    return "3 mute microphone, 6 unmute microphone" if name == MUTED else ""


async def test_a_real_recording_becomes_files(server: ServerProcess, tmp_path: Path) -> None:
    plan = demo_plan(server.demo(), 4, SECONDS, script)
    async with crowd(tmp_path / "crowd", plan) as people:
        ready_us = await people.ready()

        def to_go() -> str | None:
            left = ready_us / 1e6 + KILLED_AT_S - time.monotonic()
            return f"{left:.1f} s to go" if left > 0 else None

        await wait_until(to_go, KILLED_AT_S + 5)
        await server.kill()
        await server.start()
        reports = await people.reports(timeout=SECONDS + 45)
    assert not not_left(reports), people.output()
    manifest = await packaged(server.data, server.demo()["sessions"][0]["id"], READY_S)
    await server.stop()
    entries = [e for e in journal_entries(server.data) if e["stream"] == manifest.session]
    (stopped,) = [e["r_us"] for e in entries if e["kind"] == "recording:session:stopped"]
    assert manifest.r_end_us == stopped > 8_000_000
    assert manifest.flaws == ()
    assert len(manifest.files) == 4
    for file in manifest.files:
        check(server.data / "derived" / manifest.session / file.file, file, manifest)
    muted = [s for f in manifest.files for s in f.filled if s.kind == "muted"]
    assert [2.5 < (s.to_r_us - s.from_r_us) / 1e6 < 3.5 for s in muted] == [True]


def check(path: Path, file: PackagedFile, manifest: Manifest) -> None:
    assert (file.video, file.audio) == (True, True)
    for what, seconds in lengths(path).items():
        assert abs(seconds - manifest.r_end_us / 1e6) <= 0.1, what
    holes = sum(span.to_r_us - span.from_r_us for span in file.holes)
    with av.open(str(path)) as container:
        times = [float(frame.time or 0) for frame in container.decode(video=0)]
    shown = manifest.r_end_us - holes
    print(f"{len(times)} frames in {shown / 1e6:.1f} s, holes {file.holes}, filled {file.filled}")
    assert len(times) >= 0.9 * 20 * shown / 1e6
    assert holes < 3_000_000
