"""The media service: what clients ask, what rooms decide. Nothing is forwarded here."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.errors import ProtocolViolation, Refused
from conference.events.base import Event
from conference.events.media import Source, TrackEnded, TrackPublished
from conference.events.recording import RecordingStarted
from conference.events.room import (
    EndpointJoined,
    EndpointLeft,
    EndpointReplaced,
    MuteSet,
    SessionClosed,
    SessionCreated,
)
from conference.ids import EndpointId, SeatId, SessionId, TrackId
from conference.media.endpoints import PublishAnswer
from conference.media.forwarder.api import SlotId, UnknownSource
from conference.media.ice import Credentials
from conference.media.service import MediaService, MediaSettings
from conference.media.subscribers import SubscribeOffer
from conference.media.subscriptions import Stream
from tests.support.fake_forwarder import FakeForwarder
from tests.support.sdp_samples import CHROMIUM_OFFER
from tests.support.virtual_clock import VirtualClock
from tests.support.wait import wait_until

SESSION = SessionId("session")
WANG, AI = EndpointId("wang"), EndpointId("ai")
BOTH: Mapping[str, Source] = {"0": "microphone", "1": "camera"}
CAP = 1_500_000


def offer_of(ufrag: str) -> str:
    """The publishing offer of a browser of its own."""
    return CHROMIUM_OFFER.replace("iZJY", ufrag)


def answer_to(offer: str, ufrag: str = "subs") -> str:
    """What a browser answers to a subscriber's offer."""
    answer = re.sub(r"a=ice-ufrag:.*", f"a=ice-ufrag:{ufrag}", offer)
    answer = re.sub(r"a=fingerprint:.*", "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), answer)
    answer = re.sub(r"a=(?:candidate|end-of|ssrc|msid:).*\r\n", "", answer)
    return answer.replace("sendonly", "recvonly").replace("setup:actpass", "setup:active")


class House:
    """A service with its pages: `offers`, `streams` and `closed` are what each was told."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.forwarder = FakeForwarder()
        self.service = MediaService(
            MediaSettings("127.0.0.1", 0), self.clock, Random(5), lambda send: self.forwarder
        )
        self.offers: dict[EndpointId, list[SubscribeOffer]] = {WANG: [], AI: []}
        self.streams: dict[EndpointId, Sequence[Stream]] = {}
        self.closed: list[tuple[EndpointId, str, str]] = []
        self.service.on_offer = lambda endpoint, offer: self.offers[endpoint].append(offer)
        self.service.on_streams = self.streams.__setitem__
        self.service.on_closed = lambda *what: self.closed.append(what)

    async def happen(self, *events: Event) -> None:
        await self.service.tighten(SESSION, events)
        await self.service.loosen(SESSION, events)

    async def enter(self, *endpoints: EndpointId) -> None:
        seat = SeatId("seat")
        created = SessionCreated(SESSION, "t", "c", "12345678", "track", seat, (), 0, CAP)
        await self.happen(created)
        await self.happen(*(EndpointJoined(each, (seat,), "browser") for each in endpoints))

    async def publish(self, endpoint: EndpointId, ufrag: str = "publ") -> PublishAnswer:
        answer = await self.service.publish(endpoint, offer_of(ufrag), BOTH)
        await self.happen(
            *(
                TrackPublished(endpoint, each.track, each.source, each.kind)
                for each in answer.tracks
            )
        )
        return answer

    def accept(self, endpoint: EndpointId) -> None:
        offer = self.offers[endpoint][-1]
        self.service.answer(endpoint, offer.version, answer_to(offer.sdp))

    async def subscribe(self, endpoint: EndpointId) -> None:
        await self.service.subscribe(endpoint, None)
        self.accept(endpoint)

    @property
    def routed(self) -> set[TrackId]:
        return set(self.forwarder.tables[SESSION].routes.values())

    @property
    def routes(self) -> Mapping[SlotId, TrackId]:
        return self.forwarder.tables[SESSION].routes


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.service.start()
    yield made
    await made.service.close()


async def both_connected(house: House) -> PublishAnswer:
    """王 publishes, 艾 subscribes."""
    await house.enter(WANG, AI)
    await house.subscribe(AI)
    return await house.publish(WANG)


# --- publishing ---------------------------------------------------------------------------------


async def test_nobody_publishes_or_subscribes_from_outside(house: House) -> None:
    for attempt in (
        house.service.publish(WANG, CHROMIUM_OFFER, BOTH),
        house.service.subscribe(WANG, None),
    ):
        with pytest.raises(Refused, match="not_joined"):
            await attempt
    with pytest.raises(Refused, match="not_joined"):
        house.service.answer(WANG, 1, "v=0")
    await house.service.close_endpoint(WANG)
    assert house.service.last_heard_us(WANG) is None


async def test_a_publisher_gets_tracks_that_flow_only_once_published(house: House) -> None:
    await house.enter(WANG, AI)
    await house.subscribe(AI)
    answer = await house.service.publish(WANG, CHROMIUM_OFFER, BOTH)
    assert [(t.mid, t.source, t.kind) for t in answer.tracks] == [
        ("0", "microphone", "audio"),
        ("1", "camera", "video"),
    ]
    assert set(house.forwarder.uplinks) == {t.track for t in answer.tracks}
    assert house.routed == set(), "the room has not heard of them yet"
    await house.happen(*(TrackPublished(WANG, t.track, t.source, t.kind) for t in answer.tracks))
    assert house.routed == {t.track for t in answer.tracks}


async def test_another_connection_replaces_the_older_one(house: House) -> None:
    await house.enter(WANG)
    first = await house.publish(WANG, "old0")
    second = await house.publish(WANG, "new0")
    assert set(house.forwarder.uplinks) == {t.track for t in second.tracks}
    assert not {t.track for t in first.tracks} & {t.track for t in second.tracks}
    assert _ufrag(first.sdp) != _ufrag(second.sdp)
    assert house.service.stats().transport["peers"] == 1


async def test_a_new_offer_of_the_same_connection_keeps_it(house: House) -> None:
    await house.enter(WANG)
    first = await house.publish(WANG)
    second = await house.publish(WANG)
    assert _ufrag(first.sdp) == _ufrag(second.sdp)
    assert set(house.forwarder.uplinks) == {t.track for t in second.tracks}
    assert not {t.track for t in first.tracks} & {t.track for t in second.tracks}


async def test_a_refused_offer_leaves_the_older_one_alone(house: House) -> None:
    await house.enter(WANG)
    await house.publish(WANG)
    before = dict(house.forwarder.uplinks)
    for offer, sources in (
        ("nonsense", BOTH),
        (offer_of("new0"), {"0": "camera"}),
        (offer_of("new0").replace("VP8", "AV1"), BOTH),
    ):
        with pytest.raises((Refused, ProtocolViolation)):
            await house.service.publish(WANG, offer, sources)  # type: ignore[arg-type]
    assert house.forwarder.uplinks == before
    assert house.service.stats().transport["peers"] == 1


def _ufrag(sdp: str) -> str:
    return str(re.findall(r"a=ice-ufrag:(.*)\r", sdp)[0])


# --- subscribing --------------------------------------------------------------------------------


async def test_the_first_publisher_is_seen_without_another_offer(house: House) -> None:
    answer = await both_connected(house)
    assert len(house.offers[AI]) == 1 and house.offers[AI][0].fresh
    assert house.routed == {t.track for t in answer.tracks}
    assert {(s.track, s.endpoint, s.source) for s in house.streams[AI]} == {
        (t.track, WANG, t.source) for t in answer.tracks
    }
    assert {slot.cname for slot in house.forwarder.slots.values()} == {"c0"}


async def test_own_tracks_never_come_back(house: House) -> None:
    await house.enter(WANG)
    await house.subscribe(WANG)
    await house.publish(WANG)
    assert house.routed == set()


async def test_only_the_wanted_pictures_but_all_sound(house: House) -> None:
    answer = await both_connected(house)
    sound, picture = (t.track for t in answer.tracks)
    await house.service.subscribe(AI, set())
    assert house.routed == {sound}
    await house.service.subscribe(AI, {picture})
    assert house.routed == {sound, picture}
    assert len(house.offers[AI]) == 1


async def test_nothing_flows_before_the_answer(house: House) -> None:
    await house.enter(WANG, AI)
    await house.publish(WANG)
    await house.service.subscribe(AI, None)
    assert house.routed == set() and house.forwarder.slots == {}
    house.accept(AI)
    assert len(house.routed) == 2 and len(house.forwarder.slots) == 2


async def test_stale_and_broken_answers_change_nothing(house: House) -> None:
    await house.enter(WANG, AI)
    await house.publish(WANG)
    await house.service.subscribe(AI, None)
    offer = house.offers[AI][-1]
    for version, text, code in (
        (offer.version + 1, answer_to(offer.sdp), "answer_stale"),
        (0, answer_to(offer.sdp), "answer_stale"),
        (offer.version, "v=0", "sdp_invalid"),
        (offer.version, offer.sdp, "sdp_invalid"),
    ):
        with pytest.raises((Refused, ProtocolViolation)) as caught:
            house.service.answer(AI, version, text)
        assert str(caught.value).startswith(code)
    house.accept(AI)
    assert len(house.routed) == 2
    with pytest.raises(Refused, match="answer_stale"):
        house.accept(AI)


async def test_an_answer_of_another_connection_is_refused(house: House) -> None:
    await both_connected(house)
    other = EndpointId("ma")
    await house.happen(EndpointJoined(other, (SeatId("ma"),), "browser"))
    await house.publish(other, "ma00")
    offer = house.offers[AI][-1]
    assert offer.version == 2 and not offer.fresh
    with pytest.raises(Refused, match="connection_changed"):
        house.service.answer(AI, 2, answer_to(offer.sdp, ufrag="else"))
    house.accept(AI)
    assert len(house.routed) == 4


async def test_a_page_with_a_new_socket_is_told_again(house: House) -> None:
    await house.enter(WANG, AI)
    await house.publish(WANG)
    house.service.repeat(AI)
    await house.service.subscribe(AI, None)
    house.service.repeat(AI)
    assert house.offers[AI][0] == house.offers[AI][1]
    house.accept(AI)
    house.streams.clear()
    house.service.repeat(AI)
    assert [stream.endpoint for stream in house.streams[AI]] == [WANG, WANG]
    assert len(house.offers[AI]) == 2


async def test_a_page_that_lost_its_connection_gets_a_fresh_one(house: House) -> None:
    await both_connected(house)
    await house.service.subscribe(AI, None, fresh=True)
    offer = house.offers[AI][-1]
    assert (offer.version, offer.fresh) == (2, True)
    assert house.routed == set() and house.forwarder.slots == {}
    house.accept(AI)
    assert len(house.routed) == 2
    assert house.service.stats().transport["peers"] == 2


# --- rules of order -----------------------------------------------------------------------------


async def test_a_mute_holds_before_the_commit_and_an_unmute_after_it(house: House) -> None:
    answer = await both_connected(house)
    sound, picture = (t.track for t in answer.tracks)
    mute, unmute = (MuteSet(WANG, "microphone", muted, None) for muted in (True, False))
    await house.service.tighten(SESSION, [mute])
    assert house.routed == {picture}
    await house.service.loosen(SESSION, [mute])
    assert house.routed == {picture}
    await house.service.tighten(SESSION, [unmute])
    assert house.routed == {picture}
    await house.service.loosen(SESSION, [unmute])
    assert house.routed == {sound, picture}


async def test_after_a_failed_commit_it_stays_tight_until_one_succeeds(house: House) -> None:
    answer = await both_connected(house)
    sound, picture = (t.track for t in answer.tracks)
    await house.service.tighten(SESSION, [MuteSet(WANG, "microphone", True, None)])  # not stored
    await house.service.subscribe(AI, None)
    assert house.routed == {picture}, "other changes do not open it"
    await house.service.tighten(SESSION, [MuteSet(WANG, "camera", True, None)])  # nor this
    assert house.routed == set()
    await house.happen(MuteSet(WANG, "camera", True, None))
    assert house.routed == {sound}, "what was stored holds"


async def test_recorded_tracks_are_named(house: House) -> None:
    answer = await both_connected(house)
    start = RecordingStarted("take")
    await house.service.tighten(SESSION, [start])
    assert house.forwarder.tables[SESSION].recorded == frozenset()
    await house.service.loosen(SESSION, [start])
    assert house.forwarder.tables[SESSION].recorded == {t.track for t in answer.tracks}


async def test_a_restarted_server_takes_all_events_at_once(house: House) -> None:
    await house.service.loosen(
        SESSION,
        [
            EndpointJoined(WANG, (SeatId("w"),), "browser"),
            EndpointJoined(AI, (SeatId("a"),), "browser"),
            TrackPublished(WANG, TrackId("older life"), "camera", "video"),
            MuteSet(WANG, "camera", True, None),
            TrackEnded(WANG, TrackId("older life"), "camera", "video"),
        ],
    )
    await house.subscribe(AI)
    answer = await house.publish(WANG)
    assert house.routed == {answer.tracks[0].track}, "the mute of the older life holds"


# --- ends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end", [EndpointLeft(WANG, "left"), EndpointReplaced(WANG, AI), SessionClosed()]
)
async def test_nothing_is_left_of_who_left(house: House, end: Event) -> None:
    await both_connected(house)
    await house.happen(end)
    assert house.routed == set() and house.forwarder.uplinks == {}
    with pytest.raises(Refused, match="not_joined"):
        await house.service.publish(WANG, CHROMIUM_OFFER, BOTH)
    assert house.service.stats().publishers == 0


async def test_silent_connections_end_and_the_page_is_told(house: House) -> None:
    await both_connected(house)
    house.clock.advance(31_000_000)
    await wait_until(lambda: None if len(house.closed) == 2 else f"only {house.closed}", 5)
    assert sorted(house.closed) == [(AI, "subscriber", "expired"), (WANG, "publisher", "expired")]
    stats = house.service.stats()
    assert (stats.publishers, stats.subscribers, stats.transport["peers"]) == (0, 0, 0)
    assert house.forwarder.uplinks == {} and house.forwarder.slots == {}
    assert house.routed == set()
    await house.service.subscribe(AI, None)
    assert house.offers[AI][-1].fresh and house.offers[AI][-1].version == 2


async def test_round_trips_of_the_subscriber_serve_the_publisher(house: House) -> None:
    await house.enter(WANG)
    await house.subscribe(WANG)
    await house.publish(WANG)
    (slot, *_) = house.forwarder.slots.values()
    house.forwarder.rtts[slot.peer] = 52_000
    house.clock.advance(1_100_000)
    (uplink, *_) = house.forwarder.uplinks.values()
    await wait_until(
        lambda: None if house.forwarder.hints == {uplink.peer: 52_000} else "no hint", 5
    )


async def test_a_failing_tick_does_not_stop_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = []

    def tick(now_us: int) -> None:
        ticks.append(now_us)
        raise ZeroDivisionError

    monkeypatch.setattr(house.forwarder, "tick", tick)
    await wait_until(lambda: None if len(ticks) > 2 else "no more ticks", 5)


async def test_unknown_sources_are_checked(house: House) -> None:
    await both_connected(house)
    house.forwarder.unknown.append(UnknownSource(("127.0.0.1", 9), 2415288678, False))
    await wait_until(lambda: "not drained" if house.forwarder.unknown else None, 5)


# --- garbage ------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    text=st.text(max_size=200), damage=st.integers(0, len(CHROMIUM_OFFER)), version=st.integers()
)
async def test_garbage_gets_a_code(text: str, damage: int, version: int) -> None:
    house = House()
    try:
        await house.enter(WANG, AI)
        await house.service.subscribe(AI, None)
        for offer in (text, CHROMIUM_OFFER[:damage] + text + CHROMIUM_OFFER[damage:]):
            try:
                await house.service.publish(WANG, offer, BOTH)
            except (Refused, ProtocolViolation) as refused:
                assert refused.code in ("sdp_invalid", "sources_mismatch", "codec_unsupported")
            with pytest.raises((Refused, ProtocolViolation)):
                house.service.answer(AI, version, offer)
    finally:
        await house.service.close()


def test_secrets_stay_out_of_reprs() -> None:
    assert "hidden" not in repr(Credentials("ufrag", "hidden"))
