"""The recording with its real writer process: what goes in comes out, and every failure is told."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conference.events.media import TrackEnded
from conference.events.recording import (
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import MuteSet
from conference.ids import TrackId
from conference.recording.reading import describe
from conference.recording.recovery import last_sealed, sealed_tracks
from conference.recording.verify import verify_recordings
from tests.support.recording import CAMERA, MICROPHONE, SESSION, WANG, Studio, packets_in
from tests.support.wait import wait_until

FAILURE_SHOWN = 5.0
"""Seconds within which the host must see a dead or silent writer."""


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with Studio(tmp_path / "recordings") as studio:
        await studio.happen(CAMERA, MICROPHONE)
        yield studio


async def until_sealed(studio: Studio, take: str) -> None:
    await wait_until(
        lambda: None if studio.rooms.sealed(take) else f"take {take} is not sealed", 5.0
    )


async def until_writing(studio: Studio) -> None:
    def probe() -> str | None:
        status = studio.service.status(SESSION)
        return None if status.writing else f"the status is {status}"

    await wait_until(probe, 10.0)


async def test_packets_come_back_as_they_came(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    sent = studio.feed(CAMERA.track, [1100] * 400)
    sent += studio.feed(CAMERA.track, [28], rtcp=True)
    sent += studio.feed(CAMERA.track, [1, 65_000, 0, 1200])
    heard = studio.feed(MICROPHONE.track, [90] * 50)
    await studio.happen(RecordingPaused("1", "host"))
    studio.feed(CAMERA.track, [1100] * 10)
    await until_sealed(studio, "1")

    assert packets_in(studio.file("1", CAMERA.track)) == sent
    assert packets_in(studio.file("1", MICROPHONE.track)) == heard
    verdict = verify_recordings(studio.directory, studio.rooms.heads())
    assert (verdict.faults, verdict.notes, verdict.files) == ([], [], 2)
    assert studio.rooms.sealed("1")[-1].tracks == sealed_tracks(studio.directory, SESSION, "1")
    assert not studio.rooms.gaps() and not studio.rooms.failed()


async def test_each_order_of_the_host_has_its_own_take(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    first = studio.feed(CAMERA.track, [100] * 5)
    await studio.happen(RecordingPaused("1", "host"))
    await studio.happen(RecordingResumed("2"))
    second = studio.feed(CAMERA.track, [100] * 5)
    await studio.happen(RecordingStopped("2"))
    await until_sealed(studio, "1")
    await until_sealed(studio, "2")
    assert packets_in(studio.file("1", CAMERA.track)) == first
    assert packets_in(studio.file("2", CAMERA.track)) == second
    assert not studio.file("2", MICROPHONE.track).exists(), "a track without packets has no file"


async def test_nothing_of_a_muted_track_is_handed_over(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    heard = studio.feed(MICROPHONE.track, [90] * 5)
    await studio.service.tighten(SESSION, [MuteSet(WANG, "microphone", True, None)])
    studio.feed(MICROPHONE.track, [90] * 5)
    await studio.service.loosen(SESSION, [MuteSet(WANG, "microphone", True, None)])
    studio.feed(MICROPHONE.track, [90] * 5)
    await studio.happen(MuteSet(WANG, "microphone", False, None))
    heard += studio.feed(MICROPHONE.track, [90] * 5)
    await studio.happen(RecordingStopped("1"))
    await until_sealed(studio, "1")
    assert packets_in(studio.file("1", MICROPHONE.track)) == heard
    assert studio.rooms.gaps() == []


async def test_a_track_that_ends_is_finished_and_one_that_comes_is_recorded(
    studio: Studio,
) -> None:
    await studio.happen(TrackEnded(WANG, MICROPHONE.track, "microphone", "audio"))
    await studio.happen(RecordingStarted("1"))
    await studio.happen(MICROPHONE)
    heard = studio.feed(MICROPHONE.track, [90] * 5)
    await studio.happen(TrackEnded(WANG, MICROPHONE.track, "microphone", "audio"))
    studio.feed(MICROPHONE.track, [90] * 5)
    await studio.happen(RecordingStopped("1"))
    await until_sealed(studio, "1")
    path = studio.file("1", MICROPHONE.track)
    assert packets_in(path) == heard
    said = describe(path)
    assert (said.endpoint, said.source, said.codec) == (WANG, "microphone", "opus")
    assert said.wall_of(heard[0].arrival_us) == pytest.approx(studio.clock.wall_us(), abs=5e6)


async def test_the_status_follows_the_writer(studio: Studio) -> None:
    assert studio.service.status(SESSION).state == "off"
    await studio.happen(RecordingStarted("1"))
    assert not studio.service.status(SESSION).writing, "nothing is on disk yet"
    studio.feed(CAMERA.track, [1100])
    await until_writing(studio)
    status = studio.service.status(SESSION)
    assert status.state == "on" and status.free_bytes
    assert status.written_r_us is not None and 0 < status.written_r_us < 5_000_000
    await studio.happen(RecordingPaused("1", "host"))
    assert (studio.service.status(SESSION).state, studio.service.status(SESSION).writing) == (
        "paused",
        False,
    )


async def assert_failure_is_told(studio: Studio, reason: str) -> None:
    """Failed, then restored in another take, with one gap row that covers all that is missing."""
    rooms = studio.rooms

    def probe() -> str | None:
        return None if rooms.restored() and rooms.gaps() else f"told are {rooms.told}"

    await wait_until(lambda: None if rooms.failed() else "no failure told", FAILURE_SHOWN)
    assert [failure.reason for failure in rooms.failed()] == [reason]
    await wait_until(probe, FAILURE_SHOWN)
    assert [restored.take for restored in rooms.restored()] == ["1-2"]
    await until_writing(studio)
    studio.stop_pump()
    await studio.happen(RecordingStopped("1-2"))
    await until_sealed(studio, "1-2")
    await until_sealed(studio, "1")
    (gap,) = rooms.gaps()
    assert (gap.track, gap.reason) == (None, reason)
    assert_only_the_gap_is_missing(studio, gap.from_r_us, gap.to_r_us)
    verdict = verify_recordings(studio.directory, rooms.heads())
    assert verdict.faults == []


def assert_only_the_gap_is_missing(studio: Studio, from_r_us: int, to_r_us: int) -> None:
    start_us = min(packet.arrival_us for packet in studio.sent[CAMERA.track])
    for track, sent in studio.sent.items():
        on_disk = {
            packet.arrival_us
            for take in ("1", "1-2")
            for packet in packets_in(studio.file(take, track))
        }
        missing = [p.arrival_us - start_us for p in sent if p.arrival_us not in on_disk]
        outside = [r for r in missing if not from_r_us - 1000 <= r <= to_r_us]
        assert not outside, f"{track}: {outside} are missing outside {from_r_us}–{to_r_us}"


async def test_a_killed_writer(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    studio.pump(CAMERA.track, MICROPHONE.track)
    await until_writing(studio)
    assert studio.service.writer.pid is not None
    os.kill(studio.service.writer.pid, signal.SIGKILL)
    await assert_failure_is_told(studio, "writer_died")


async def test_a_stopped_writer(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    studio.pump(CAMERA.track, MICROPHONE.track)
    await until_writing(studio)
    stopped = studio.service.writer.pid
    assert stopped is not None
    os.kill(stopped, signal.SIGSTOP)
    await assert_failure_is_told(studio, "writer_stalled")
    with pytest.raises(ProcessLookupError):
        os.kill(stopped, 0)


async def test_a_writer_that_pauses_for_a_second_loses_nothing(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    studio.pump(CAMERA.track, MICROPHONE.track, size=1200)
    await until_writing(studio)
    pid, until_us = studio.service.writer.pid, studio.clock.mono_us() + 1_000_000
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await wait_until(
        lambda: None if studio.clock.mono_us() > until_us else "the second is not over", 3.0
    )
    os.kill(pid, signal.SIGCONT)
    studio.stop_pump()
    await studio.happen(RecordingStopped("1"))
    await until_sealed(studio, "1")
    for track, sent in studio.sent.items():
        assert packets_in(studio.file("1", track)) == sent
    assert not studio.rooms.failed() and not studio.rooms.gaps()


async def test_signals_for_the_servers_group_do_not_end_the_writer(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    await until_writing(studio)
    pid = studio.service.writer.pid
    assert pid is not None
    assert os.getsid(pid) != os.getsid(0)
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, sent)
    studio.feed(CAMERA.track, [100])
    await studio.happen(RecordingStopped("1"))
    await until_sealed(studio, "1")
    assert studio.service.writer.pid == pid


async def test_writers_that_keep_dying_stay_failed_until_one_lives(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    studio.pump(CAMERA.track)
    await until_writing(studio)
    elsewhere = studio.directory.with_name("elsewhere")
    await asyncio.to_thread(studio.directory.rename, elsewhere)
    pid = studio.service.writer.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    def died_again() -> str | None:
        pid_now = studio.service.writer.pid
        return None if studio.service.writer.deaths >= 2 else f"the writer is {pid_now}"

    await wait_until(died_again, 10.0)
    assert len(studio.rooms.failed()) == 1, "one failure is told once"
    assert studio.service.status(SESSION).state == "failed"
    await asyncio.to_thread(elsewhere.rename, studio.directory)
    await wait_until(lambda: None if studio.rooms.restored() else "not restored", 15.0)
    assert len(studio.rooms.gaps()) == 1


async def test_pausing_while_the_writer_is_down_ends_the_gap(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    studio.feed(CAMERA.track, [100])
    await until_writing(studio)
    pid = studio.service.writer.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await wait_until(lambda: None if studio.rooms.failed() else "no failure told", FAILURE_SHOWN)
    await studio.happen(RecordingPaused("1", "host"))
    paused_r_us = studio.rooms.time.base_us
    await wait_until(lambda: None if studio.rooms.gaps() else "no gap told", 5.0)
    assert studio.rooms.gaps()[0].to_r_us <= paused_r_us
    assert studio.service.status(SESSION).state == "paused"


async def test_the_end_of_the_server_finishes_the_takes(tmp_path: Path) -> None:
    async with Studio(tmp_path) as studio:
        await studio.happen(CAMERA, RecordingStarted("1"))
        sent = studio.feed(CAMERA.track, [1000] * 20)
        writer = studio.service.writer.pid
    assert writer is not None and packets_in(studio.file("1", CAMERA.track)) == sent
    assert verify_recordings(tmp_path, studio.rooms.heads()).faults == []
    assert studio.rooms.sealed("1")[-1].tracks == sealed_tracks(tmp_path, SESSION, "1")
    assert last_sealed(tmp_path, SESSION, "1") is not None
    with pytest.raises(ProcessLookupError):
        os.kill(writer, 0)


async def test_a_fault_of_the_recording_reaches_nobody(studio: Studio) -> None:
    await studio.happen(RecordingStarted("1"))
    studio.service.tap.packet(CAMERA.track, -1, b"no record holds this time", False)
    studio.service.tap.packet(TrackId("unknown"), 1, b"x", False)
    sent = studio.feed(CAMERA.track, [100])
    await studio.happen(RecordingStopped("1"))
    await until_sealed(studio, "1")
    assert studio.service.tap.faults == 1
    assert packets_in(studio.file("1", CAMERA.track)) == sent
