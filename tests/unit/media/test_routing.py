"""From room events to routes."""

from hypothesis import given
from hypothesis import strategies as st

from conference.events.base import Event
from conference.events.media import TrackEnded, TrackPublished
from conference.events.recording import (
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import (
    EndpointJoined,
    EndpointLeft,
    EndpointLost,
    EndpointReplaced,
    MuteSet,
    SessionClosed,
    SessionCreated,
    SessionPaused,
)
from conference.ids import EndpointId, SeatId, SessionId, TrackId
from conference.media.forwarder.api import SlotId
from conference.media.routing import Assignments, RoomView, intersection, table

WANG, AI, MA = EndpointId("wang"), EndpointId("ai"), EndpointId("ma")
PEOPLE = [WANG, AI, MA]


def joined(*endpoints: EndpointId) -> list[Event]:
    return [EndpointJoined(each, (SeatId(each),), "browser") for each in endpoints]


def published(endpoint: EndpointId) -> list[Event]:
    return [
        TrackPublished(endpoint, sound(endpoint), "microphone", "audio"),
        TrackPublished(endpoint, picture(endpoint), "camera", "video"),
    ]


def sound(endpoint: EndpointId) -> TrackId:
    return TrackId(f"{endpoint} sound")


def picture(endpoint: EndpointId) -> TrackId:
    return TrackId(f"{endpoint} picture")


def view(*events: Event) -> RoomView:
    result = RoomView()
    for event in events:
        result = result.applied(event)
    return result


def everything() -> Assignments:
    """Everybody's slots carry all there could be, the own tracks and strangers' too."""
    pairs = [
        (receiver, track)
        for receiver in PEOPLE
        for sender in PEOPLE
        for track in (sound(sender), picture(sender))
    ]
    return {SlotId(number): pair for number, pair in enumerate(pairs)}


def heard(of: RoomView) -> set[tuple[EndpointId, TrackId]]:
    assigned = everything()
    return {assigned[slot] for slot in table(of, assigned).routes}


TWO: list[Event] = [*joined(WANG, AI), *published(WANG), *published(AI)]


def test_everybody_inside_gets_everybody_else_s_tracks() -> None:
    assert heard(view(*TWO)) == {
        (WANG, sound(AI)),
        (WANG, picture(AI)),
        (AI, sound(WANG)),
        (AI, picture(WANG)),
    }


def test_a_muted_source_goes_nowhere_the_other_goes_on() -> None:
    muted = view(*TWO, MuteSet(WANG, "microphone", True, None))
    assert (AI, sound(WANG)) not in heard(muted) and (AI, picture(WANG)) in heard(muted)
    assert heard(muted.applied(MuteSet(WANG, "microphone", False, None))) == heard(view(*TWO))


def test_mute_before_publishing_holds_for_new_tracks() -> None:
    early = view(*joined(WANG, AI), MuteSet(WANG, "camera", True, None), *published(WANG))
    assert heard(early) == {(AI, sound(WANG))}


def test_who_left_or_was_replaced_neither_hears_nor_is_heard() -> None:
    for event in (EndpointLeft(WANG, "left"), EndpointReplaced(WANG, MA)):
        after = view(*TWO, event)
        assert heard(after) == set()
        assert heard(after.applied(joined(WANG)[0])) == {(WANG, sound(AI)), (WANG, picture(AI))}


def test_a_lost_line_and_a_pause_change_no_route() -> None:
    for event in (EndpointLost(WANG), SessionPaused("host")):
        assert view(*TWO, event) == view(*TWO)


def test_an_ended_track_and_a_closed_session() -> None:
    assert (AI, picture(WANG)) not in heard(
        view(*TWO, TrackEnded(WANG, picture(WANG), "camera", "video"))
    )
    assert heard(view(*TWO, SessionClosed())) == set()


def test_recorded_is_what_is_heard_while_the_recording_runs() -> None:
    on = view(*TWO, RecordingStarted("t1"))
    recorded = table(on, {}).recorded
    assert recorded == {sound(WANG), picture(WANG), sound(AI), picture(AI)}
    muted = on.applied(MuteSet(WANG, "camera", True, None))
    assert table(muted, {}).recorded == recorded - {picture(WANG)}
    for stop in (RecordingPaused("t1", "host"), RecordingStopped("t1")):
        assert table(on.applied(stop), {}).recorded == frozenset()
    assert table(view(*TWO), {}).recorded == frozenset()
    resumed = on.applied(RecordingPaused("t1", "host")).applied(RecordingResumed("t2"))
    assert table(resumed, {}).recorded == recorded
    assert table(on.applied(RecordingFailed("writer_died", 0)), {}).recorded == recorded


def test_the_cap_of_the_room() -> None:
    created = SessionCreated(
        SessionId("s"), "title", "case", "12345678", "track", SeatId("ma"), (), 0, 1_500_000
    )
    assert view(created).video_cap_bps == 1_500_000


EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from([event for each in PEOPLE for event in joined(each)]),
    st.sampled_from([event for each in PEOPLE for event in published(each)]),
    st.builds(EndpointLeft, st.sampled_from(PEOPLE), st.just("left")),
    st.builds(
        MuteSet,
        st.sampled_from(PEOPLE),
        st.sampled_from(["microphone", "camera"]),
        st.booleans(),
        st.none(),
    ),
    st.builds(RecordingStarted, st.just("t")),
    st.builds(RecordingPaused, st.just("t"), st.just("host")),
    st.sampled_from(PEOPLE).map(lambda each: TrackEnded(each, sound(each), "microphone", "audio")),
    st.just(SessionClosed()),
)


@given(st.lists(EVENTS, max_size=20), st.lists(EVENTS, max_size=4))
def test_between_tighten_and_loosen_flows_only_what_both_allow(
    past: list[Event], change: list[Event]
) -> None:
    before = view(*past)
    after = before
    for event in change:
        after = after.applied(event)
    assigned = everything()
    old, new = table(before, assigned), table(after, assigned)
    both = intersection(old, new)
    assert both.routes.items() == old.routes.items() & new.routes.items()
    assert both.recorded == old.recorded & new.recorded
    assert intersection(new, old) == both


@given(st.lists(EVENTS, max_size=30))
def test_nobody_ever_hears_himself_or_somebody_muted(events: list[Event]) -> None:
    state = view(*events)
    for receiver, track in heard(state):
        sender = state.tracks[track]
        assert sender.endpoint != receiver
        assert (sender.endpoint, sender.source) not in state.muted
        assert {receiver, sender.endpoint} <= state.endpoints
