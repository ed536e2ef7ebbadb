"""A subscriber's m-lines, over any sequence of comings and goings."""

from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from conference.errors import Refused
from conference.ids import EndpointId, TrackId
from conference.media.forwarder.api import SlotId
from conference.media.negotiation import AcceptedLine, OfferedLine
from conference.media.subscriptions import Offer, Subscription, WantedTrack


def audio(name: str, generation: int = 0) -> WantedTrack:
    return WantedTrack(
        TrackId(f"{name}-sound-{generation}"), EndpointId(name), "microphone", "audio"
    )


def video(name: str, generation: int = 0) -> WantedTrack:
    return WantedTrack(TrackId(f"{name}-picture-{generation}"), EndpointId(name), "camera", "video")


def person(name: str, generation: int = 0) -> list[WantedTrack]:
    return [audio(name, generation), video(name, generation)]


def subscription(version: int = 0) -> Subscription:
    numbers = count(1)
    return Subscription(lambda: SlotId(next(numbers)), Random(3), version)


def accept(sub: Subscription, *, without: str = "") -> None:
    """Answer the offer that is out."""
    sub.answered(
        {
            line.mid: AcceptedLine(line.mid, True, {})
            for line in sub.offered()
            if line.active and line.kind != without
        }
    )


def agree(sub: Subscription) -> Offer | None:
    """Make the next offer, if one is needed, and answer it."""
    offer = sub.next_offer()
    if offer is not None:
        accept(sub)
    return offer


def carried(sub: Subscription) -> set[TrackId]:
    return set(sub.routes().values())


def test_the_first_offer_needs_nobody_and_the_first_publisher_needs_no_offer() -> None:
    sub = subscription()
    offer = agree(sub)
    assert offer is not None and offer.version == 1
    assert [(line.kind, line.active) for line in offer.lines] == [("audio", True), ("video", True)]
    assert sub.want(person("wang"))
    assert sub.next_offer() is None
    assert carried(sub) == {track.track for track in person("wang")}


def test_sound_and_picture_of_one_person_share_a_stream() -> None:
    sub = subscription()
    sub.want(person("wang") + person("ai") + person("ma"))
    offer = agree(sub)
    assert offer is not None
    streams = {
        sub_line.track.endpoint: {
            line.stream
            for line in sub.lines
            if line.track is not None and line.track.endpoint == sub_line.track.endpoint
        }
        for sub_line in sub.lines
        if sub_line.track is not None
    }
    assert all(len(names) == 1 for names in streams.values())
    assert len(set.union(*streams.values())) == 3
    assert len({(line.stream, line.mid) for line in offer.lines}) == 6


def test_whoever_comes_takes_the_place_of_whoever_went_without_an_offer() -> None:
    sub = subscription()
    sub.want(person("wang") + person("ai"))
    agree(sub)
    sub.want(person("ai"))
    sub.want(person("ai") + person("ma"))
    assert sub.next_offer() is None
    assert carried(sub) == {track.track for track in person("ai") + person("ma")}


def test_a_line_out_of_use_becomes_inactive_with_the_next_offer_and_comes_back() -> None:
    sub = subscription()
    everybody = person("wang") + person("ai") + person("ma")
    sub.want(everybody)
    agree(sub)
    before = {line.mid: (line.ssrc, line.rtx_ssrc, line.stream) for line in sub.lines}
    sub.want(person("ai"))
    sub.want([*person("ai"), video("ai", 1)])  # a second picture: needs a line
    offer = agree(sub)
    assert offer is not None
    assert [line.active for line in offer.lines] == [True, True, True, True, False, False, True]
    sub.want([*person("ai"), video("ai", 1), *person("wang"), *person("ma")])
    again = agree(sub)
    assert again is not None and all(line.active for line in again.lines)
    assert {line.mid: (line.ssrc, line.rtx_ssrc, line.stream) for line in again.lines[:6]} == before


def test_changes_while_an_offer_is_out_go_into_the_next() -> None:
    sub = subscription()
    first = sub.next_offer()
    assert first is not None
    for names in (["wang"], ["wang", "ai"], ["wang", "ai", "ma"]):
        sub.want([track for name in names for track in person(name)])
        assert sub.next_offer() is None
    assert sub.routes() == {}
    accept(sub)
    assert carried(sub) == {track.track for track in person("wang")}
    second = sub.next_offer()
    assert second is not None and second.version == 2 and len(second.lines) == 6
    accept(sub)
    assert sub.next_offer() is None
    assert len(carried(sub)) == 6


def test_a_new_track_of_the_same_person_takes_the_same_line() -> None:
    sub = subscription()
    agree(sub)
    sub.want(person("wang"))
    slots = set(sub.routes())
    sub.want(person("wang", generation=1))
    assert sub.next_offer() is None
    assert set(sub.routes()) == slots
    assert carried(sub) == {track.track for track in person("wang", generation=1)}


def test_nothing_changes_when_the_same_is_wanted() -> None:
    sub = subscription()
    agree(sub)
    assert sub.want(person("wang"))
    assert not sub.want(person("wang"))


def test_an_answer_to_another_offer_is_stale() -> None:
    sub = subscription()
    sub.next_offer()
    for version in (0, 2):
        with pytest.raises(Refused, match="answer_stale"):
            sub.check(version)
    sub.check(1)
    accept(sub)
    with pytest.raises(Refused, match="answer_stale"):
        sub.check(1)


def test_versions_go_on_over_connections() -> None:
    sub = subscription(version=5)
    assert not sub.outstanding
    offer = sub.next_offer()
    assert offer is not None and offer.version == 6


def test_a_refused_kind_is_not_offered_for_ever() -> None:
    sub = subscription()
    sub.next_offer()
    accept(sub, without="video")
    for generation in range(5):
        sub.want(person("wang", generation))
        assert sub.next_offer() is None
        assert carried(sub) == {audio("wang", generation).track}
        sub.want([])
    assert len(sub.lines) == 2


class Comings(RuleBasedStateMachine):
    """People come, go, publish anew, hide pictures; offers are answered early or late."""

    @initialize()
    def begin(self) -> None:
        self.sub = subscription()
        self.people: dict[str, int] = {}
        self.hidden: set[str] = set()
        self.offers: list[Offer] = []
        self.lines: tuple[OfferedLine, ...] = ()

    def wanted(self) -> list[WantedTrack]:
        return [
            track
            for name, generation in self.people.items()
            for track in person(name, generation)
            if track.kind == "audio" or name not in self.hidden
        ]

    def changed(self) -> None:
        self.sub.want(self.wanted())
        offer = self.sub.next_offer()
        if offer is not None:
            self.keep(offer)

    def keep(self, offer: Offer) -> None:
        assert offer.version == (self.offers[-1].version if self.offers else 0) + 1
        identity = [
            (line.mid, line.kind, line.ssrc, line.rtx_ssrc, line.stream, line.cname)
            for line in offer.lines
        ]
        old = [
            (line.mid, line.kind, line.ssrc, line.rtx_ssrc, line.stream, line.cname)
            for line in self.lines
        ]
        assert identity[: len(old)] == old, "never shrinks, never changes"
        sources = [ssrc for line in offer.lines for ssrc in (line.ssrc, line.rtx_ssrc) if ssrc]
        assert len(set(sources)) == len(sources)
        self.offers.append(offer)
        self.lines = offer.lines

    @rule(name=st.sampled_from("abcdef"))
    def comes_or_publishes_anew(self, name: str) -> None:
        self.people[name] = self.people.get(name, -1) + 1
        self.changed()

    @rule(name=st.sampled_from("abcdef"))
    def goes(self, name: str) -> None:
        self.people.pop(name, None)
        self.changed()

    @rule(name=st.sampled_from("abcdef"))
    def is_shown_or_not(self, name: str) -> None:
        self.hidden ^= {name}
        self.changed()

    @precondition(lambda self: self.sub.outstanding)
    @rule()
    def answers(self) -> None:
        accept(self.sub)
        offer = self.sub.next_offer()
        if offer is not None:
            self.keep(offer)

    @invariant()
    def routes_only_what_is_wanted_and_agreed(self) -> None:
        wanted = {track.track for track in self.wanted()}
        routes = self.sub.routes()
        assert set(routes.values()) <= wanted
        assert len(set(routes.values())) == len(routes)
        if not self.sub.outstanding and self.offers:
            assert set(routes.values()) == wanted, "all of it, when nothing is being asked"
        told = {stream.mid: stream.track for stream in self.sub.streams()}
        by_slot = {line.slot: line.mid for line in self.sub.lines}
        assert all(told[by_slot[slot]] == track for slot, track in routes.items())

    @invariant()
    def lines_are_reused(self) -> None:
        assert len(self.sub.lines) <= 2 * 6


TestComings = Comings.TestCase
TestComings.settings = settings(max_examples=60, stateful_step_count=25)


@given(st.lists(st.sampled_from(["wang", "ai", "ma"]), unique=True))
def test_every_line_is_told_of_once(names: list[str]) -> None:
    sub = subscription()
    sub.want([track for name in names for track in person(name)])
    agree(sub)
    mids = [stream.mid for stream in sub.streams()]
    assert mids == [str(number) for number in range(len(sub.lines))]
