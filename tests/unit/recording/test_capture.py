"""One session's recording, on a virtual clock, with the writer's words spoken by the test."""

import itertools
from collections.abc import Iterator

import pytest

from conference.events.base import Event
from conference.events.recording import (
    RecordingFailed,
    RecordingGap,
    RecordingPaused,
    RecordingRestored,
    RecordingResumed,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
    SealedTrack,
)
from conference.ids import SessionId, TrackId
from conference.recording import wire
from conference.recording.capture import Capture, Surroundings
from conference.recording.ports import Report
from conference.recording.tap import Dropped, Tap, socket_pair
from conference.rooms.recording_time import RecordingTime
from tests.support.recording import CAMERA, MICROPHONE, SESSION
from tests.support.virtual_clock import VirtualClock

SECOND = 1_000_000


class Scene:
    """A capture, its room's recording time, and the writer's end of the socket."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.tap = Tap(lambda seconds, call: None)
        self.ours, self.theirs, _ = socket_pair()
        self.tap.attach(self.ours)
        self.told: list[Report] = []
        self.reread: list[str] = []
        self.time = RecordingTime()
        self.capture = Capture(SESSION, self.around())
        self.capture.writer_started()
        self.began_us = self.clock.mono_us()

    def around(self) -> Surroundings:
        def reread(session: SessionId, take: str) -> None:
            self.reread.append(take)

        def report(session: SessionId, event: Report) -> None:
            self.told.append(event)

        return Surroundings(
            self.clock, "epoch-1", self.tap, itertools.count(1), report, reread
        )  # fmt: skip

    def happen(self, *events: Event) -> None:
        self.capture.tighten(events)
        for event in events:
            self.time = self.time.after(event, self.clock.mono_us())
        self.capture.loosen(events, self.time if self.capture.changes_order(events) else None)

    def orders(self) -> Iterator[wire.Control]:
        self.tap.flush()
        while True:
            try:
                message = self.theirs.recv(wire.MAX_MESSAGE)
            except BlockingIOError:
                return
            if message[0] == wire.CONTROL:
                yield wire.read_control(message)

    def seal(self, take: str, *tracks: SealedTrack, fault: str | None = None) -> None:
        """The writer says that everything until now is on disk."""
        said = [
            {"track": t.track, "blocks": t.blocks, "head": t.head, "bytes": t.bytes}
            | {"last_mono_us": t.last_mono_us}
            for t in tracks
        ]
        message = {"type": "sealed", "take": f"{SESSION}/{take}", "free_bytes": 1, "tracks": said}
        more = {"cut_us": self.clock.mono_us(), "closed": False, "fault": fault}
        self.capture.sealed(message | more)

    def take_told(self) -> list[Report]:
        told, self.told = self.told[:], []
        return told


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    scene.happen(CAMERA, MICROPHONE, RecordingStarted("1"))
    yield scene
    scene.ours.close()
    scene.theirs.close()


def head(blocks: int) -> SealedTrack:
    return SealedTrack(CAMERA.track, blocks, f"{blocks:064x}", blocks * 1000, blocks)


def test_a_start_opens_the_take_and_its_tracks(scene: Scene) -> None:
    take, *tracks = scene.orders()
    assert (take["type"], take["take"]) == ("open_take", f"{SESSION}/1")
    assert {(t["track"], t["take"]) for t in tracks} == {
        ("camera", f"{SESSION}/1"),
        ("microphone", f"{SESSION}/1"),
    }
    assert len({track["number"] for track in tracks}) == 2


def test_writing_is_said_only_by_the_writer(scene: Scene) -> None:
    assert not scene.capture.status(1).writing
    scene.clock.advance(SECOND)
    assert not scene.capture.status(1).writing
    scene.seal("1", head(2))
    status = scene.capture.status(1)
    assert (status.state, status.writing, status.written_r_us) == ("on", True, SECOND)
    scene.clock.advance(3 * SECOND)
    assert not scene.capture.status(1).writing


def test_heads_go_into_the_journal_each_ten_seconds_while_they_change(scene: Scene) -> None:
    for second in range(1, 26):
        scene.clock.advance(SECOND)
        if second < 15:
            scene.seal("1", head(second))
        else:
            scene.seal("1")
        scene.capture.second()
    sealed = [event for event in scene.told if isinstance(event, RecordingSealed)]
    assert sealed == [RecordingSealed("1", (head(10),)), RecordingSealed("1", (head(14),))]


def test_drops_become_a_gap_row_of_their_track(scene: Scene) -> None:
    first_us = scene.clock.mono_us() + SECOND
    scene.capture.dropped(Dropped(CAMERA.track, 7, first_us, first_us + 2000))
    scene.capture.second()
    scene.clock.advance(2 * SECOND)
    scene.seal("1", head(2))
    scene.capture.second()
    gap = RecordingGap(TrackId("camera"), SECOND, SECOND + 2000, "overload", 7)
    assert scene.take_told() == [gap]


def test_a_disk_that_stalls_is_told_and_loses_nothing(scene: Scene) -> None:
    scene.clock.advance(SECOND)
    scene.seal("1", head(2))
    sealed_wall_us = scene.clock.wall_us()
    scene.clock.advance(6 * SECOND)
    scene.capture.second()
    scene.capture.second()
    assert scene.take_told() == [RecordingFailed("writer_stalled", sealed_wall_us)]
    scene.seal("1", head(3))
    assert scene.take_told() == [RecordingRestored(scene.clock.wall_us(), "1")]
    assert scene.capture.status(1).state == "on"


def test_a_dead_writer_ends_the_take_and_the_next_has_another_name(scene: Scene) -> None:
    scene.clock.advance(SECOND)
    scene.seal("1", head(2))
    list(scene.orders())
    scene.clock.advance(SECOND // 2)
    scene.capture.writer_failed("writer_died")
    assert scene.reread == ["1"]
    assert scene.capture.status(1).state == "failed"
    scene.clock.advance(SECOND // 2)
    scene.tap.attach(scene.ours)
    scene.capture.writer_started()
    assert next(scene.orders())["take"] == f"{SESSION}/1-2"
    scene.clock.advance(SECOND)
    scene.seal("1-2")
    failed, restored, gap = scene.take_told()
    assert isinstance(failed, RecordingFailed) and failed.reason == "writer_died"
    assert isinstance(restored, RecordingRestored) and restored.take == "1-2"
    assert gap == RecordingGap(None, SECOND, 2 * SECOND, "writer_died", 0)


def test_a_take_of_another_session_is_not_ours(scene: Scene) -> None:
    other = {"type": "sealed", "take": "other/1", "cut_us": scene.clock.mono_us() + SECOND}
    more = {"tracks": [], "closed": True, "fault": "disk_full", "free_bytes": 1}
    scene.capture.sealed(other | more)
    assert scene.take_told() == [] and scene.capture.status(1).state == "on"


def test_a_start_while_the_writer_is_down_is_a_failure_at_once() -> None:
    scene = Scene()
    scene.capture.writer_failed("writer_died")
    scene.happen(CAMERA, RecordingStarted("1"))
    assert [type(event) for event in scene.take_told()] == [RecordingFailed]
    scene.clock.advance(SECOND)
    scene.tap.attach(scene.ours)
    scene.capture.writer_started()
    scene.clock.advance(SECOND)
    scene.seal("1", head(2))
    restored, gap = scene.take_told()
    assert isinstance(restored, RecordingRestored) and restored.take == "1"
    assert gap == RecordingGap(None, 0, SECOND, "writer_died", 0)


def test_a_full_disk_stays_failed_until_the_host_resumes(scene: Scene) -> None:
    scene.clock.advance(SECOND)
    scene.seal("1", head(2), fault="disk_full")
    failed = [event for event in scene.take_told() if isinstance(event, RecordingFailed)]
    assert [event.reason for event in failed] == ["disk_full"]
    list(scene.orders())
    scene.clock.advance(SECOND)
    scene.happen(CAMERA)
    scene.capture.writer_failed("writer_died")
    scene.tap.attach(scene.ours)
    scene.capture.writer_started()
    assert list(scene.orders()) == [] and scene.take_told() == []
    scene.happen(RecordingResumed("2"))
    assert next(scene.orders())["take"] == f"{SESSION}/2"
    scene.clock.advance(SECOND)
    scene.seal("2", head(2))
    assert scene.take_told() == [RecordingGap(None, SECOND, 2 * SECOND, "disk_full", 0)]


def test_a_pause_ends_a_gap_where_recording_time_stops(scene: Scene) -> None:
    scene.clock.advance(SECOND)
    scene.seal("1", head(2))
    scene.capture.writer_failed("writer_stalled")
    scene.clock.advance(SECOND)
    scene.happen(RecordingPaused("1", "host"))
    assert scene.take_told()[-1] == RecordingGap(None, SECOND, 2 * SECOND, "writer_stalled", 0)
    list(scene.orders())
    scene.clock.advance(5 * SECOND)
    scene.tap.attach(scene.ours)
    scene.capture.writer_started()
    assert list(scene.orders()) == []
    scene.happen(RecordingResumed("2"))
    scene.clock.advance(SECOND)
    scene.seal("2", head(2))
    assert scene.take_told() == []
    assert scene.capture.status(1).written_r_us == 3 * SECOND


def test_a_take_whose_end_was_lost_has_a_gap_and_its_files_are_read(scene: Scene) -> None:
    scene.clock.advance(SECOND)
    scene.seal("1", head(2))
    scene.clock.advance(SECOND // 2)
    scene.happen(RecordingStopped("1"))
    assert not scene.capture.finished
    scene.clock.advance(SECOND)
    scene.capture.writer_failed("writer_died")
    gap = RecordingGap(None, SECOND, SECOND + SECOND // 2, "writer_died", 0)
    assert scene.take_told() == [gap]
    assert scene.reread == ["1"] and scene.capture.finished


def test_the_end_of_the_server_opens_nothing_more(scene: Scene) -> None:
    scene.capture.finish()
    assert list(scene.orders())[-1]["type"] == "close_take"
    scene.happen(RecordingResumed("2"))
    assert [order["type"] for order in scene.orders()] == []
