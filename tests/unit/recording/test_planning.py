"""The plan says the same recording time as the room, and why something may be missing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

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
from conference.events.room import (
    EndpointLeft,
    EndpointLost,
    EndpointRestored,
    MuteSet,
    SessionClosed,
)
from conference.events.server import EpochStarted
from conference.ids import EndpointId, TrackId
from conference.recording.packager.plan import Interval, Reason
from conference.rooms.recording_time import RecordingTime
from tests.support.packaging import Diary

MA, WANG = EndpointId("ma"), EndpointId("wang")


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from("srpxefc")), max_size=30))
def test_every_instant_is_where_the_room_says(steps: list[tuple[int, str]]) -> None:
    """Starts, pauses, resumptions, stops, lives of the server and failed writers, as a room lets
    them happen; at every instant at which R runs the plan says the same R."""
    diary, time, now, order, lives = Diary("life-0"), RecordingTime(), 0, "off", 0
    seen: list[tuple[str, int, int]] = []
    for passes, step in steps:
        for mono in range(now, now + passes):
            if time.since_mono_us is not None:
                seen.append((diary.epoch, mono, time.at(mono)))
        now += passes
        events, order = happens(step, order, time, now)
        if isinstance(events and events[0], EpochStarted):
            lives += 1
            diary.epoch, now = f"life-{lives}", 1000 - 10 * lives
        for event in events:
            time = time.after(event, now)
            diary.happen(now, event)
    planner = diary.planner()
    plan = planner.plan(final=True)
    assert plan.r_end_us == time.base_us and plan.final == (time.since_mono_us is None)
    assert planner.ordered == (order != "off")
    for epoch, mono, r_us in seen:
        found = plan.interval_at(epoch, mono)
        # What a dead server had not sealed lies behind the end of its interval.
        if found is not None and (found.r_to_us is None or r_us < found.r_to_us):
            assert found.r_us(mono) == r_us
    ends = [(i.r_from_us, i.r_to_us) for i in plan.intervals]
    assert all(to == begin for (_, to), (begin, _) in pairwise(ends))
    assert not ends or (ends[0][0] == 0 and ends[-1][1] in (None, plan.r_end_us))


def happens(step: str, order: str, time: RecordingTime, now: int) -> tuple[list[Event], str]:
    """What a room makes of a step, and its order after it."""
    match step, order:
        case "s", "off":
            return [RecordingStarted("1")], "on"
        case "r", "paused":
            return [RecordingResumed("2")], "on"
        case "f", "on":  # the writer failed, and the host resumed: R ran on
            return [RecordingFailed("disk_full", 0), RecordingResumed("3")], "on"
        case "p", "on":
            return [RecordingPaused("1", "host")], "paused"
        case (("x" | "c"), ("on" | "paused")):
            stopped: list[Event] = [RecordingStopped("1")]
            return [*stopped, *([SessionClosed()] if step == "c" else [])], "off"
        case "e", "on":
            sealed = max(time.base_us, time.at(now) - 2)
            started = EpochStarted("next", "life", sealed)
            return [started, RecordingPaused("1", "server_restarted")], "paused"
        case "e", _:
            return [EpochStarted("next", "life", None)], order
    return [], order


def test_what_is_known_of_what_is_missing() -> None:
    diary = Diary()
    diary.happen(50, MuteSet(WANG, "camera", True, None))
    diary.happen(100, RecordingStarted("1"))
    diary.happen(110, MuteSet(MA, "microphone", True, None))
    diary.happen(130, MuteSet(MA, "microphone", False, None))
    diary.happen(140, EndpointLost(MA))
    diary.happen(145, EndpointRestored(MA))
    diary.happen(146, RecordingGap(None, 46, 48, "writer_died", 0))
    diary.happen(147, RecordingRestored(0, "1-2"))
    diary.happen(150, EndpointLost(MA))
    sealed = SealedTrack(TrackId("t"), 3, "ab", 9, None)
    diary.happen(155, RecordingSealed("1", (sealed,)))
    diary.happen(160, EndpointLeft(MA, "expired"))
    diary.happen(170, RecordingPaused("1", "host"))
    planner = diary.planner()
    assert (planner.ordered, planner.running, planner.started) == (True, False, True)
    plan = planner.plan(final=False)
    assert plan.intervals == (Interval("epoch-1", 100, 170, 0),)
    assert set(plan.reasons) == {
        Reason("muted", "ma", "microphone", 10, 30),
        Reason("line_lost", "ma", None, 40, 45),
        Reason("writer", None, None, 46, 48),
        Reason("line_lost", "ma", None, 50, 60),
        Reason("muted", "wang", "camera", 0, None),
    }
    assert (plan.heads, plan.final, planner.plan(final=True).final) == (
        {"1/t": (3, "ab")},
        False,
        True,
    )
