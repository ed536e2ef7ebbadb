"""Real connections over real sockets: aiortc's RTCPeerConnection against the media service."""

import random
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from conference.clock import SystemClock
from conference.events.media import TrackPublished
from conference.events.room import EndpointJoined, MuteSet, SessionCreated
from conference.ids import EndpointId, SeatId, SessionId
from conference.media.forwarder.pure import PureForwarder
from conference.media.service import MediaService, MediaSettings
from conference.tasks import TaskOwner
from tests.support.rtc_clients import Publisher, Subscriber
from tests.support.udp_proxy import Line, UdpProxy
from tests.support.wait import wait_until

SESSION = SessionId("session")
WANG, AI = EndpointId("wang"), EndpointId("ai")


@dataclass
class Stage:
    """A service behind a proxy, 王 who publishes, 艾 who subscribes."""

    service: MediaService
    proxy: UdpProxy
    publisher: Publisher
    subscriber: Subscriber

    async def meet(self) -> None:
        self.service.on_offer = lambda _, offer: self.subscriber.offered(offer)
        created = SessionCreated(
            SESSION, "t", "c", "12345678", "track", SeatId("s"), (), 0, 1_500_000
        )
        entered = [EndpointJoined(each, (SeatId(each),), "browser") for each in (WANG, AI)]
        await self.service.loosen(SESSION, [created, *entered])
        await self.service.subscribe(AI, None)
        answer = await self.publisher.publish()
        published = [TrackPublished(WANG, t.track, t.source, t.kind) for t in answer.tracks]
        await self.service.loosen(SESSION, published)

    def more(self, sound: int, picture: int) -> Callable[[], str | None]:
        """Whether so many more frames came than now."""
        before = self.subscriber.frames.copy()

        def probe() -> str | None:
            new = self.subscriber.frames - before
            enough = new["0", "audio"] >= sound and new["1", "video"] >= picture
            return None if enough else f"only {dict(new)}"

        return probe

    def transport(self, name: str) -> int:
        return self.service.stats().transport.get(name, 0)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    port = free_port()
    proxy = UdpProxy(("127.0.0.1", port), 1, Line())
    await proxy.start()
    chance = random.SystemRandom()
    service = MediaService(
        MediaSettings("127.0.0.1", port, advertise=proxy.address),
        SystemClock(),
        chance,
        lambda send: PureForwarder(send, None, chance),
    )
    await service.start()
    async with TaskOwner("clients") as tasks:
        made = Stage(service, proxy, Publisher(service, WANG), Subscriber(service, AI, tasks))
        yield made
        await made.publisher.close()
        await made.subscriber.close()
    await service.close()
    proxy.close()


async def test_sound_and_picture_flow(stage: Stage) -> None:
    await stage.meet()
    await wait_until(stage.more(sound=50, picture=20), 15)
    counters = stage.service.stats().forwarder
    assert counters.lost_in_server == 0
    assert counters.dropped["auth"] == 0
    assert stage.subscriber.offers == 1
    assert stage.transport("handshakes") == 2
    for endpoint in (WANG, AI):
        assert stage.service.last_heard_us(endpoint) is not None


async def test_a_muted_picture_stops_and_comes_back_on_a_keyframe(stage: Stage) -> None:
    await stage.meet()
    await wait_until(stage.more(sound=20, picture=10), 15)
    mute, unmute = (MuteSet(WANG, "camera", muted, None) for muted in (True, False))
    await stage.service.tighten(SESSION, [mute])
    await stage.service.loosen(SESSION, [mute])
    sent = stage.service.stats().forwarder.packets_out
    await wait_until(stage.more(sound=20, picture=0), 15)
    assert stage.service.stats().forwarder.packets_out > sent, "the sound goes on"
    pictures = stage.subscriber.frames["1", "video"]
    await wait_until(stage.more(sound=20, picture=0), 15)
    assert stage.subscriber.frames["1", "video"] <= pictures + 2, "but for what was on its way"
    await stage.service.tighten(SESSION, [unmute])
    await stage.service.loosen(SESSION, [unmute])
    await wait_until(stage.more(sound=20, picture=10), 15)


async def test_another_port_needs_no_other_handshake(stage: Stage) -> None:
    """All flows get another source port at once, as behind a router that forgot them; aioice's own
    checks are 5 s apart, so that it is the server's checks which find the way."""
    await stage.meet()
    await wait_until(stage.more(sound=20, picture=10), 15)
    for moves in (1, 2):
        stage.proxy.rebind()
        await wait_until(
            lambda moves=moves: (
                None
                if stage.transport("paths_moved") == 2 * moves
                else f"{stage.transport('paths_moved')} paths moved"
            ),
            2.5,
        )
        await wait_until(stage.more(sound=20, picture=10), 5)
    assert stage.transport("handshakes") == 2
    assert stage.transport("connected") == 2


async def test_garbage_from_strangers_and_neighbours_changes_nothing(stage: Stage) -> None:
    await stage.meet()
    await wait_until(stage.more(sound=20, picture=10), 15)
    chance = random.Random(4)
    said = list(stage.proxy.seen)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        for number in range(3000):
            datagram = bytearray(chance.choice(said) if number % 2 else chance.randbytes(80))
            for _ in range(number % 3):
                datagram[chance.randrange(len(datagram))] = chance.randrange(256)
            stranger.sendto(datagram, stage.service.address)
            if number % 100 == 0:
                await wait_until(stage.more(sound=1, picture=0), 5)
    await wait_until(stage.more(sound=20, picture=10), 15)
    assert stage.transport("handshakes") == 2
    assert stage.transport("paths_moved") == 0, "replayed packets move nothing"
    assert stage.transport("peers") == 2


async def test_a_client_that_closes_is_forgotten_at_once(stage: Stage) -> None:
    await stage.meet()
    await wait_until(stage.more(sound=5, picture=1), 15)
    closed: list[tuple[EndpointId, str, str]] = []
    stage.service.on_closed = lambda *what: closed.append(what)
    await stage.publisher.close()
    await wait_until(lambda: None if closed else "nothing closed", 5)
    assert closed == [(WANG, "publisher", "closed")]
    assert stage.service.stats().publishers == 0


async def test_a_publisher_replaced_by_another_connection_is_told(stage: Stage) -> None:
    await stage.meet()
    await wait_until(stage.more(sound=5, picture=1), 15)
    another = Publisher(stage.service, WANG)
    answer = await another.publish()
    published = [TrackPublished(WANG, t.track, t.source, t.kind) for t in answer.tracks]
    await stage.service.loosen(SESSION, published)
    first = stage.publisher.pc
    await wait_until(
        lambda: None if first.connectionState == "closed" else f"{first.connectionState}", 5
    )
    await another.close()


async def test_a_lost_subscriber_connection_is_made_anew(stage: Stage) -> None:
    await stage.meet()
    await wait_until(stage.more(sound=5, picture=1), 15)
    await stage.service.subscribe(AI, None, fresh=True)
    await wait_until(stage.more(sound=20, picture=10), 15)
    assert stage.subscriber.offers == 2
    assert stage.transport("peers") == 2
