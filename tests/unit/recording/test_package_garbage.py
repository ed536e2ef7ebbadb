"""Whatever stands in sealed blocks, the packager makes files as long as the recording."""

import random
import tempfile
from pathlib import Path

import pytest

from conference.events.recording import RecordingStarted, RecordingStopped
from tests.support.packaging import SESSION, Diary, package
from tests.support.rushes import Line, Reel, Sender, beeps, lengths

S = 1_000_000
T = 500 * S


def spoiled(chance: random.Random, packet: tuple[int, bytes, bool]) -> tuple[int, bytes, bool]:
    """The packet with bytes changed, cut, or replaced by noise."""
    at, data, report = packet
    way = chance.randrange(5)
    if way == 0:
        return at, chance.randbytes(chance.randrange(60)), chance.random() < 0.5
    if way == 1:
        return at, data[: chance.randrange(len(data))], report
    if way == 2:
        return at, data, not report
    changed = bytearray(data)
    for _ in range(3):
        changed[chance.randrange(min(40, len(changed)))] = chance.randrange(256)
    return at, bytes(changed), report


@pytest.mark.parametrize("seed", range(12))
def test_garbage_makes_no_hole_in_time(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        folder, diary = directory / "recordings" / SESSION, Diary()
        diary.happen(T, RecordingStarted("1"))
        diary.happen(T + 12 * S, RecordingStopped("1"))
        for kind in ("camera", "microphone"):
            video = kind == "camera"
            reel = Reel(folder, "1", f"ma-{kind}", video, "epoch-1")
            sent = Sender(video, Line(), T).between(T, T + 12 * S - 50_000)
            reel.write([spoiled(chance, p) if chance.random() < 0.05 else p for p in sent])
            reel.end()
        manifest = package(folder, directory / "derived", diary)
        (file,) = manifest.files
        path = directory / "derived" / file.file
        assert manifest.r_end_us == 12 * S and file.audio and file.video
        for what, seconds in lengths(path).items():
            assert abs(seconds - 12) <= 0.1, what
        assert len(beeps(path)) >= 3
