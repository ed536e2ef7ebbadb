"""The media of all sessions: publishers, subscribers, and the routes between them.

It owns the endpoints' connections and one view per session, which room events move: `tighten`
before their commit, `loosen` after it.  Everything happens on the loop's thread, in order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conference.clock import Clock
from conference.errors import Refused
from conference.events.base import Event
from conference.events.media import Source
from conference.events.room import EndpointJoined, EndpointLeft, EndpointReplaced, SessionClosed
from conference.ids import EndpointId, Randomness, SessionId, TrackId
from conference.media import negotiation, routing
from conference.media.addresses import advertised, machine_addresses
from conference.media.endpoints import Connections, Endpoint, PublishAnswer
from conference.media.forwarder.api import Address, Forwarder, ForwarderCounters, PeerId, Send
from conference.media.routing import RoomView
from conference.media.subscribers import SubscribeOffer
from conference.media.subscriptions import Stream
from conference.media.transports import Observer, Transports
from conference.media.udpmux import UdpMux
from conference.tasks import TaskOwner

TICK_S = 0.02
RTT_EVERY_US = 1_000_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """`host` (an IP address) and `port` to bind; `advertise` replaces the candidates (NAT 1:1,
    or a proxy in tests)."""

    host: str
    port: int
    advertise: Address | None = None


@dataclass(frozen=True, slots=True)
class MediaStats:
    """Totals since the start; `transport` by name, `publishers` and `subscribers` now."""

    transport: Mapping[str, int]
    forwarder: ForwarderCounters
    publishers: int
    subscribers: int


@dataclass(slots=True)
class _Room:
    """`tight`: the view with events that are not committed; it binds too until `loosen`."""

    view: RoomView = field(default_factory=RoomView)
    tight: RoomView | None = None


class MediaService:
    """See docs/protocol.md for what clients do with it.

    `on_offer` and `on_streams` speak to an endpoint's page; `on_closed` tells that a connection
    ended by itself: (endpoint, "publisher" or "subscriber", reason).
    """

    def __init__(
        self,
        settings: MediaSettings,
        clock: Clock,
        random: Randomness,
        make_forwarder: Callable[[Send], Forwarder],
    ) -> None:
        """Binds the socket: OSError when that cannot be done.  `random` makes the ICE passwords:
        in the server it must be random.SystemRandom."""
        self._clock = clock
        self._mux = UdpMux(settings.host, settings.port)
        self._forwarder = make_forwarder(self._mux.send)
        self._tasks = TaskOwner("media")
        self._transports = Transports(self._mux, self._forwarder, clock, random, self._tasks)
        candidates = [settings.advertise] if settings.advertise else None
        candidates = candidates or advertised(self._mux.address, machine_addresses())
        self._connections = Connections(
            self._transports, self._forwarder, clock, random, tuple(candidates)
        )
        self._rooms: dict[SessionId, _Room] = {}
        self._session_of: dict[EndpointId, SessionId] = {}
        self._endpoints: dict[EndpointId, Endpoint] = {}
        self._rtt_us = 0
        self.on_offer: Callable[[EndpointId, SubscribeOffer], None] = lambda *_: None
        self.on_streams: Callable[[EndpointId, Sequence[Stream]], None] = lambda *_: None
        self.on_closed: Callable[[EndpointId, str, str], None] = lambda *_: None

    # --- life ----------------------------------------------------------------------------------

    @property
    def address(self) -> Address:
        """What the socket is bound to."""
        return self._mux.address

    async def start(self) -> None:
        """Begin to answer and to forward."""
        self._transports.start(Observer(self._closed, self._connections.senders_of))
        self._tasks.spawn("tick", self._tick_forever())

    async def close(self) -> None:
        """Close all connections and the socket."""
        for endpoint in list(self._endpoints):
            await self.close_endpoint(endpoint)
        await asyncio.sleep(0)  # the sessions' last words
        await self._tasks.close()
        self._mux.close()

    # --- what clients ask ----------------------------------------------------------------------

    async def publish(
        self, endpoint: EndpointId, offer_sdp: str, sources: Mapping[str, Source]
    ) -> PublishAnswer:
        """Answer a publisher's offer; `sources`: MID → what it carries.

        The tracks get new ids and flow when their TrackPublished has come by `loosen`.  An offer
        of another RTCPeerConnection replaces the older one.  Refused `not_joined`,
        `sources_mismatch`, `codec_unsupported`; ProtocolViolation `sdp_invalid`.
        """
        state = self._state(endpoint)
        plan = negotiation.read_publish(offer_sdp, sources)
        cap_bps = self._rooms[state.session].view.video_cap_bps
        return self._connections.publish(state, plan, cap_bps)

    async def subscribe(
        self, endpoint: EndpointId, want: set[TrackId] | None, fresh: bool = False
    ) -> None:
        """Say which video tracks are shown, None for all; sound always comes.

        Without a connection, or with `fresh` (the page has no RTCPeerConnection for it any more),
        a new one is offered.  Refused `not_joined`.
        """
        state = self._state(endpoint)
        state.want = None if want is None else frozenset(want)
        if state.subscriber is None or fresh:
            self._connections.open_subscriber(state)
        self._assign(state)
        self._refresh(state.session)
        self._offer(state)

    def answer(self, endpoint: EndpointId, version: int, sdp: str) -> None:
        """Take the answer to an offer.  Refused `not_joined`, `answer_stale`,
        `connection_changed`; ProtocolViolation `sdp_invalid`."""
        state = self._state(endpoint)
        if state.subscriber is None:
            raise Refused("answer_stale")
        self._connections.answered(state.subscriber, version, sdp)
        self._refresh(state.session)
        self._offer(state)

    def repeat(self, endpoint: EndpointId) -> None:
        """The page has a new socket: say again what it may have missed."""
        subscriber = self._state(endpoint).subscriber
        if subscriber is None:
            return
        if subscriber.outstanding is not None:
            self.on_offer(endpoint, subscriber.outstanding)
        else:
            self.on_streams(endpoint, subscriber.subscription.streams())

    async def close_endpoint(self, endpoint: EndpointId) -> None:
        """Close both connections of an endpoint."""
        state = self._endpoints.pop(endpoint, None)
        if state is not None:
            self._connections.close_publisher(state)
            self._connections.close_subscriber(state)
            self._refresh(state.session)

    def last_heard_us(self, endpoint: EndpointId) -> int | None:
        """When STUN, RTP or RTCP of this endpoint came last (mono µs)."""
        state = self._endpoints.get(endpoint)
        heard = map(self._transports.last_heard_us, state.peers() if state else [])
        return max((at for at in heard if at is not None), default=None)

    def stats(self) -> MediaStats:
        """For /metrics."""
        states = self._endpoints.values()
        return MediaStats(
            transport=self._transports.stats(),
            forwarder=self._forwarder.counters(),
            publishers=sum(state.publisher is not None for state in states),
            subscribers=sum(state.subscriber is not None for state in states),
        )

    # --- what rooms decide ---------------------------------------------------------------------

    async def tighten(self, session: SessionId, events: Sequence[Event]) -> None:
        """Before the commit: what these events take away stops now.  Stays so when the commit
        fails, until the next one that succeeds."""
        room = self._rooms.setdefault(session, _Room())
        room.tight = _fold(room.tight or room.view, events)
        self._refresh(session)

    async def loosen(self, session: SessionId, events: Sequence[Event]) -> None:
        """After the commit: the events hold.  At the server's start: all events of the session."""
        room = self._rooms.setdefault(session, _Room())
        room.view, room.tight = _fold(room.view, events), None
        for event in events:
            if isinstance(event, EndpointJoined):
                self._session_of[event.endpoint] = session
            elif isinstance(event, EndpointLeft | EndpointReplaced):
                await self._forget(event.endpoint)
        if any(isinstance(event, SessionClosed) for event in events):
            for endpoint in room.view.endpoints:
                await self._forget(endpoint)
        states = [state for state in self._endpoints.values() if state.session == session]
        for state in states:
            self._assign(state)
        self._refresh(session)
        for state in states:
            self._offer(state)
        if room.view.closed:
            del self._rooms[session]

    async def _forget(self, endpoint: EndpointId) -> None:
        self._session_of.pop(endpoint, None)
        await self.close_endpoint(endpoint)

    def _assign(self, state: Endpoint) -> None:
        """Give the endpoint's m-lines what it is to receive, and tell it."""
        room = self._rooms.get(state.session)
        if state.subscriber is None or room is None:
            return
        wanted = [
            track
            for track in room.view.others(state.id)
            if track.kind == "audio" or state.want is None or track.track in state.want
        ]
        if state.subscriber.subscription.want(wanted):
            self.on_streams(state.id, state.subscriber.subscription.streams())

    def _refresh(self, session: SessionId) -> None:
        """Give the forwarder the routes that hold now."""
        room = self._rooms.get(session)
        if room is None:
            return
        assigned = {
            slot: (state.id, track)
            for state in self._endpoints.values()
            if state.session == session and state.subscriber is not None
            for slot, track in state.subscriber.subscription.routes().items()
        }
        routes = routing.table(room.view, assigned)
        if room.tight is not None:
            routes = routing.intersection(routes, routing.table(room.tight, assigned))
        self._forwarder.apply(session, routes)

    def _state(self, endpoint: EndpointId) -> Endpoint:
        session = self._session_of.get(endpoint)
        if session is None:
            raise Refused("not_joined")
        return self._endpoints.setdefault(endpoint, Endpoint(endpoint, session))

    def _offer(self, state: Endpoint) -> None:
        offer = state.subscriber.next_offer() if state.subscriber else None
        if offer is not None:
            self.on_offer(state.id, offer)

    # --- what transports tell ------------------------------------------------------------------

    def _closed(self, peer: PeerId, reason: str) -> None:
        state, what = self._connections.ended(peer)
        self._refresh(state.session)
        self.on_closed(state.id, what, reason)

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self._tick(self._clock.mono_us())
            except Exception:  # whatever it is, the others' packets go on
                _log.exception("a tick of the media service failed")

    def _tick(self, now_us: int) -> None:
        self._forwarder.tick(now_us)
        self._transports.tick(now_us)
        if now_us - self._rtt_us >= RTT_EVERY_US:
            self._rtt_us = now_us
            self._connections.hint_rtts()


def _fold(view: RoomView, events: Iterable[Event]) -> RoomView:
    for event in events:
        view = view.applied(event)
    return view
