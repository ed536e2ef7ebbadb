"""What is true at all times, whatever anyone asks and however often the server dies."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from conference.errors import Refused
from conference.events.base import Entry
from conference.events.codec import decode, encode
from conference.events.recording import (
    RecordingFailed,
    RecordingRestored,
    RecordingResumed,
    RecordingStarted,
)
from conference.events.server import EpochStarted
from conference.ids import CommandId
from conference.rooms.audience import NOBODY, Feeds, feed, learns
from conference.rooms.commands import SERVER, JoinEndpoint, PauseRecording, StopRecording
from conference.rooms.room import Room
from conference.rooms.snapshot import snapshot
from tests.support.playbook import Playbook
from tests.support.story_a import MEDIATOR, SEATS, endpoint
from tests.unit.rooms.random_session import SESSIONS, Ask, Step, take, with_id

FEW = settings(max_examples=60, deadline=None)


def begun() -> Playbook:
    """A session that the host has opened, so that random commands find something to do."""
    play = Playbook().created()
    play.says(MEDIATOR, JoinEndpoint(endpoint("0"), "browser"))
    return play


def played(steps: list[Step]) -> Playbook:
    play = begun()
    for number, step in enumerate(steps):
        take(play, step, number)
    return play


def check_room(room: Room) -> None:
    state = room.state
    carried = [seat for each in state.endpoints.values() for seat in each.seats]
    assert len(carried) == len(set(carried)), "a seat is on one endpoint at most"
    for each in state.endpoints.values():
        assert each.seats, "an endpoint that carries nobody is gone"
        assert each.opened_by in each.seats
        sources = [track.source for track in each.tracks.values()]
        assert len(sources) == len(set(sources)), "one track per source"
    assert state.recording in ("off", "paused") or state.session == "open"
    host = state.endpoint_of(MEDIATOR)
    if state.session == "open":
        assert host is not None, "the host is gone and the session is not paused"
        assert not host.lost, "the host is lost and the session is not paused"
    assert (room.time.since_mono_us is not None) == (state.recording in ("on", "failed"))


@FEW
@given(SESSIONS)
def test_seats_session_and_recording_stay_in_order(steps: list[Step]) -> None:
    play = begun()
    for number, step in enumerate(steps):
        take(play, step, number)
        check_room(play.room)


@FEW
@given(SESSIONS)
def test_recording_time_never_falls_and_is_what_was_recorded(steps: list[Step]) -> None:
    play, r_us = begun(), 0
    for number, step in enumerate(steps):
        take(play, step, number)
        assert play.r_us >= r_us
        r_us = play.r_us
        assert play.room.time.at(play.clock.mono_us()) == r_us
    stamps = [entry.r_us for entry in play.entries if entry.r_us is not None]
    assert stamps == sorted(stamps)
    assert r_us == recorded_us(play.entries, play.clock.mono_us())


def recorded_us(entries: list[Entry], mono_us: int) -> int:
    """The sum of the stretches between begin and end, counted another way than the product's:
    stretch by stretch, each within one life of the server."""
    total, begin = 0, None
    for entry in entries:
        if entry.kind in BEGINS and begin is None:
            begin = entry.mono_us
        elif entry.kind in ENDS and begin is not None:
            total, begin = total + entry.mono_us - begin, None
        elif isinstance(entry.event, EpochStarted) and begin is not None:
            ended = entry.event.recording_ended_r_us
            assert ended is not None, "a recording that was on ended somewhere"
            assert ended >= total
            total, begin = ended, None
    return total if begin is None else total + mono_us - begin


BEGINS = ("recording:session:started", "recording:session:resumed")
ENDS = ("recording:session:paused", "recording:session:stopped")


@FEW
@given(SESSIONS)
def test_the_indicator_moves_only_along_its_arrows(steps: list[Step]) -> None:
    arrows = {
        ("off", "recording:session:started"): "on",
        ("on", "recording:session:paused"): "paused",
        ("failed", "recording:session:paused"): "paused",
        ("paused", "recording:session:resumed"): "on",
        ("failed", "recording:session:resumed"): "on",
        ("on", "recording:session:stopped"): "off",
        ("paused", "recording:session:stopped"): "off",
        ("failed", "recording:session:stopped"): "off",
        ("on", "recording:writer:failed"): "failed",
        ("failed", "recording:writer:restored"): "on",
    }
    room = Room()
    for entry in played(steps).entries:
        before = room.state.recording
        room.apply(entry)
        assert room.state.recording == arrows.get((before, entry.kind), before)
        if entry.kind.startswith(("recording:session", "recording:writer")):
            assert (before, entry.kind) in arrows


@FEW
@given(SESSIONS)
def test_nothing_resumes_unless_the_host_asks(steps: list[Step]) -> None:
    for entry in played(steps).entries:
        if entry.kind.endswith(("session:resumed", "recording:session:started")):
            assert entry.actor == MEDIATOR


@FEW
@given(SESSIONS, st.data())
def test_hidden_events_leave_no_trace_in_a_feed(steps: list[Step], data: st.DataObject) -> None:
    entries = played(steps).entries
    for info in SEATS:
        whole = feed(entries, info.seat)
        assert [item.n for item in whole] == list(range(1, len(whole) + 1))
        seen = [entry for entry in entries if learns(info.seat, entry.event, MEDIATOR)]
        assert feed(seen, info.seat) == whole
        after = data.draw(st.integers(0, len(whole) + 2))
        assert feed(entries, info.seat, after) == whole[after:]
        kinds = {hidden.KIND for hidden in NOBODY}
        assert not any(item.kind in kinds for item in whole)


@FEW
@given(SESSIONS)
def test_feeds_kept_up_are_those_computed_anew(steps: list[Step]) -> None:
    entries, feeds = played(steps).entries, Feeds()
    for entry in entries:
        feeds.add(entry)
        positions = feeds.positions(entry.seq)
    for info in SEATS:
        assert feeds.items(info.seat) == feed(entries, info.seat)
        assert feeds.items(info.seat, 3) == feed(entries, info.seat, 3)
        assert positions[info.seat] == len(feed(entries, info.seat))
        assert feeds.positions(1)[info.seat] == 1


@FEW
@given(SESSIONS)
def test_a_room_rebuilt_from_the_bytes_of_the_journal_is_the_same(steps: list[Step]) -> None:
    play = played(steps)
    rebuilt = Room()
    for entry in play.entries:
        rebuilt.apply(decode(encode(entry)))
    assert rebuilt.state == play.room.state
    assert rebuilt.time == play.room.time
    now = play.clock.now(play.epoch)
    for info in SEATS:
        assert snapshot(rebuilt, info.seat, now) == snapshot(play.room, info.seat, now)


@FEW
@given(SESSIONS)
def test_a_command_that_was_done_is_known_also_after_a_restart(steps: list[Step]) -> None:
    play = played(steps)
    play.restart()
    causes: dict[CommandId | None, Entry] = {e.cause: e for e in play.entries if e.cause}
    for number, step in enumerate(steps):
        if isinstance(step, Ask):
            command = with_id(step.command, number)
            last = causes.get(command.command_id)
            known = play.room.answered(command, step.actor)
            assert known == (None if last is None else last.seq)


@FEW
@given(SESSIONS)
def test_entries_name_who_asked(steps: list[Step]) -> None:
    seats = {info.seat for info in SEATS}
    for entry in played(steps).entries:
        assert entry.actor is None or entry.actor in seats
        assert entry.actor != SERVER


@FEW
@given(SESSIONS)
def test_a_writer_reports_only_about_a_recording(steps: list[Step]) -> None:
    before = "off"
    room = Room()
    for entry in played(steps).entries:
        if isinstance(entry.event, RecordingFailed):
            assert before == "on"
        if isinstance(entry.event, RecordingRestored):
            assert before == "failed"
        room.apply(entry)
        before = room.state.recording


@FEW
@given(SESSIONS)
def test_every_stretch_of_recording_has_a_take_of_its_own(steps: list[Step]) -> None:
    events = [entry.event for entry in played(steps).entries]
    begins = (RecordingStarted, RecordingResumed, RecordingRestored)
    begun_takes = [event.take for event in events if isinstance(event, begins)]
    assert len(begun_takes) == len(set(begun_takes))


def test_refusals_change_nothing() -> None:
    play = begun()
    before = dataclasses.asdict(play.room.state)
    for command in (PauseRecording(), StopRecording()):
        try:
            play.says(MEDIATOR, command)
        except Refused:
            continue
        raise AssertionError("was not refused")
    assert dataclasses.asdict(play.room.state) == before
