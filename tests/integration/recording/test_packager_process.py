"""The packager as a process: it follows, is killed, is asked again; damaged evidence is named."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from conference.events.recording import (
    RecordingPaused,
    RecordingResumed,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
    SealedTrack,
)
from conference.ids import SessionId, TrackId
from conference.recording.packager.manifest import FlawFound, Manifest
from conference.recording.packaging import PackageState, PackagingService
from tests.support.packaging import SESSION, Diary, of_endpoint
from tests.support.rushes import Line, Reel, Sender, beeps, flashes, lengths
from tests.support.wait import wait_until

S = 1_000_000
START = 5_000 * S
ENDPOINTS = ("ma", "wang")
READY_SECONDS = 10.0


class Set:
    """A recording of two people that grows as fast as the test wants, and its packaging."""

    def __init__(self, directory: Path) -> None:
        self.recordings, self.derived = directory / "recordings", directory / "derived"
        self.folder = self.derived / SESSION
        self.diary = Diary()
        self.session = SessionId(SESSION)
        self.service = PackagingService(self.recordings, self.derived, self.diary)
        self.reels: list[Reel] = []
        self._senders = [
            (name, Sender(video, Line(seed=n), START)) for n, name in enumerate(ENDPOINTS)
            for video in (True, False)
        ]  # fmt: skip
        self._at = START

    def happen(self, *events: object) -> None:
        known = len(self.diary.entries)
        self.diary.happen(self._at, *events)  # type: ignore[arg-type]
        self.service.on_entries(self.session, self.diary.entries[known:])

    def start(self, take: str = "1") -> None:
        if not self.diary.entries:
            self.diary.publish(START - S, *ENDPOINTS)
        self.reels = [
            Reel(
                self.recordings / SESSION, take,
                f"{name}-{'camera' if sender.video else 'microphone'}", sender.video, "epoch-1",
            )
            for name, sender in self._senders
        ]  # fmt: skip
        self.happen(RecordingStarted(take) if take == "1" else RecordingResumed(take))

    def record(self, seconds: int) -> None:
        until = self._at + seconds * S
        for reel, (_, sender) in zip(self.reels, self._senders, strict=True):
            reel.write(sender.between(self._at, until - 50_000))
        self._at = until

    def pass_by(self, seconds: int) -> None:
        self._at += seconds * S

    def stop(self) -> None:
        """The host stops, and the writer ends its files and tells their heads."""
        for reel in self.reels:
            reel.end()
        take = self.reels[0].name.split("/")[0]
        tracks = [
            SealedTrack(TrackId(reel.track), *reel.head(), reel.chain.bytes, None)
            for reel in self.reels
        ]
        self.happen(RecordingStopped(take), RecordingSealed(take, tuple(tracks)))

    def is_ready(self) -> str | None:
        state = self.service.state(self.session)
        return None if state.state == "ready" else f"{state.state}, {state.progress:.0%}"

    async def ready(self, timeout: float = 20.0) -> Manifest:
        await wait_until(self.is_ready, timeout)
        state = self.service.state(self.session)
        assert state.manifest is not None
        return state.manifest

    def written(self) -> int:
        """Bytes of files that are being made."""
        return sum(path.stat().st_size for path in self.folder.glob("*.webm.part"))


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Set]:
    made = Set(tmp_path)
    yield made
    await made.service.close()


def assert_whole(studio: Set, manifest: Manifest, seconds: int) -> None:
    assert manifest.flaws == ()
    assert {file.endpoint for file in manifest.files} == set(ENDPOINTS)
    for file in manifest.files:
        path = studio.folder / file.file
        assert (file.bytes, file.video, file.audio) == (path.stat().st_size, True, True)
        for what, found in lengths(path).items():
            assert abs(found - seconds) <= 0.1, (what, found)
        assert len(flashes(path)) == len(beeps(path)) == seconds // 2
    assert not list(studio.folder.glob("*.part"))


async def test_follows_and_is_ready_at_once(studio: Set) -> None:
    studio.start()
    studio.record(20)
    await wait_until(lambda: None if studio.written() else "nothing is written yet", 10)
    assert studio.service.state(studio.session).state == "following"
    before = studio.written()
    studio.record(40)
    grown = lambda: None if studio.written() > before * 2 else "it does not follow"  # noqa: E731
    await wait_until(grown, 10)
    began = time.monotonic()
    studio.stop()
    manifest = await studio.ready()
    print(f"ready {time.monotonic() - began:.2f} s after the stop")
    assert time.monotonic() - began <= READY_SECONDS
    assert_whole(studio, manifest, 60)


@pytest.mark.parametrize("moment", ["while it follows", "behind the stop"])
async def test_killed_and_started_anew(studio: Set, moment: str) -> None:
    studio.start()
    studio.record(60)
    await wait_until(lambda: None if studio.written() else "nothing is written yet", 10)
    if moment == "behind the stop":
        studio.stop()
    pid = studio.service.pid(studio.session)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    if moment == "while it follows":
        await wait_until(lambda: None if studio.service.deaths else "nobody saw it die", 5)
        studio.stop()
    manifest = await studio.ready()
    print(f"ready {time.monotonic() - began:.2f} s after the kill")
    assert time.monotonic() - began <= READY_SECONDS
    assert studio.service.deaths == 1
    assert_whole(studio, manifest, 60)


async def test_deleted_files_are_made_again(studio: Set) -> None:
    studio.start()
    studio.record(10)
    studio.stop()
    first = await studio.ready()
    (studio.folder / first.files[0].file).unlink()
    assert studio.service.state(studio.session).state == "missing"
    assert (await studio.service.ensure(studio.session)).state == "packaging"
    again = await studio.ready()
    assert [file.endpoint for file in again.files] == [file.endpoint for file in first.files]
    assert_whole(studio, again, 10)
    assert (await studio.service.ensure(studio.session)) == PackageState("ready", 1.0, again)


async def test_never_recorded(studio: Set) -> None:
    studio.happen()
    assert (await studio.service.ensure(studio.session)).state == "none"


async def test_a_paused_recording_is_made_when_asked_for_and_goes_on(studio: Set) -> None:
    studio.start()
    studio.record(10)
    for reel in studio.reels:
        reel.end()
    studio.happen(RecordingPaused("1", "host"))
    await studio.service.ensure(studio.session)
    assert_whole(studio, await studio.ready(), 10)
    studio.pass_by(30)
    studio.start("2")
    assert studio.service.state(studio.session).state in ("following", "missing", "ready")
    studio.record(10)
    studio.stop()

    def longer() -> str | None:
        state = studio.service.state(studio.session)
        if state.manifest is None or state.manifest.r_end_us != 20 * S:
            return f"{state.state}, {state.manifest and state.manifest.r_end_us}"
        return None

    await wait_until(longer, 15)
    assert_whole(studio, await studio.ready(), 20)


def cut_tail(path: Path) -> None:
    """As a power cut leaves it: the last block is there in part."""
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size - 200)


def change_byte(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.seek(path.stat().st_size // 2)
        byte = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes((byte[0] ^ 1,)))


@pytest.mark.parametrize(
    ("harm", "named"),
    [(Path.unlink, {"missing"}), (cut_tail, {"torn", "cut"}), (change_byte, {"damaged"})],
)
async def test_harm_is_named_and_the_rest_is_packaged(
    studio: Set, harm: Callable[[Path], None], named: set[str]
) -> None:
    studio.start()
    studio.record(10)
    studio.stop()
    await studio.ready()
    harmed = studio.reels[0]
    harm(harmed.path)
    os.utime(studio.folder.parent)
    for path in studio.folder.glob("*.webm"):
        path.unlink()
    await studio.service.ensure(studio.session)
    manifest = await studio.ready()
    assert {flaw.file for flaw in manifest.flaws} == {harmed.name}
    assert {flaw.what for flaw in manifest.flaws} == named
    assert all(flaw.r_us is None or 0 <= flaw.r_us <= 10 * S for flaw in manifest.flaws)
    whole = studio.folder / of_endpoint(manifest, "wang").file
    assert len(flashes(whole)) == len(beeps(whole)) == 5
    hurt = studio.folder / of_endpoint(manifest, "ma").file
    assert len(beeps(hurt)) == 5


async def test_another_chain_is_not_the_one_of_the_journal(studio: Set) -> None:
    studio.start()
    studio.record(10)
    studio.stop()
    await studio.ready()
    forged = studio.reels[0]
    forged.path.unlink()
    other = Reel(forged.path.parents[1], "1", forged.track, True, "epoch-1")
    other.write(Sender(True, Line(seed=99), START).between(START, START + 11 * S))
    other.end()
    next(studio.folder.glob("*.webm")).unlink()
    await studio.service.ensure(studio.session)
    manifest = await studio.ready()
    assert manifest.flaws == (FlawFound(forged.name, "changed", None),)


async def test_leaves_the_disk_to_the_recording(studio: Set) -> None:
    free = os.statvfs(studio.recordings.parent)
    studio.service = PackagingService(
        studio.recordings, studio.derived, studio.diary, free.f_blocks * free.f_frsize
    )
    studio.start()
    studio.record(20)

    def failed() -> str | None:
        state = studio.service.state(studio.session).state
        return None if state == "failed" else state

    await wait_until(failed, 10)
    studio.stop()
    assert failed() is None
    assert await asyncio.to_thread(lambda: list(studio.folder.glob("*.webm*"))) == []


async def test_ends_with_the_server(studio: Set) -> None:
    studio.start()
    studio.record(10)
    await wait_until(
        lambda: None if studio.service.pid(studio.session) else "no packager runs", 5
    )  # fmt: skip
    pid = studio.service.pid(studio.session)
    await studio.service.close()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert await asyncio.to_thread(lambda: list(studio.folder.glob("*.webm"))) == []
