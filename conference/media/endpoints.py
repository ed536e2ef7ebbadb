"""The two connections of each endpoint: one on which it publishes, one on which it subscribes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conference.clock import Clock
from conference.events.media import Source
from conference.ids import EndpointId, Randomness, SessionId, TrackId, new_id
from conference.media import negotiation
from conference.media.forwarder.api import Address, Forwarder, Kind, PeerId, SlotId, Uplink
from conference.media.negotiation import LocalTransport, PlannedTrack, PublishPlan
from conference.media.sdp import RemoteTransport
from conference.media.subscribers import Subscriber
from conference.media.subscriptions import Subscription
from conference.media.transports import Transports


@dataclass(frozen=True, slots=True)
class PublishedTrack:
    """One m-line of a publisher and the track it became."""

    track: TrackId
    mid: str
    source: Source
    kind: Kind


@dataclass(frozen=True, slots=True)
class PublishAnswer:
    sdp: str
    tracks: tuple[PublishedTrack, ...]


@dataclass(slots=True)
class Publisher:
    """A publishing connection; `sdp_session` is the number in o=."""

    peer: PeerId
    local: LocalTransport
    remote: RemoteTransport
    sdp_session: int
    uplinks: list[Uplink] = field(default_factory=list)


@dataclass(slots=True)
class Endpoint:
    """`want`: the video tracks it shows, None for all.  `version`: of the last offer made on an
    older subscribing connection, where a new one goes on."""

    id: EndpointId
    session: SessionId
    publisher: Publisher | None = None
    subscriber: Subscriber | None = None
    want: frozenset[TrackId] | None = None
    version: int = 0

    def peers(self) -> list[PeerId]:
        """Of the connections that are open."""
        return [each.peer for each in (self.publisher, self.subscriber) if each is not None]


class Connections:
    """Opens and closes them; knows whose a peer is.  `candidates` best first."""

    def __init__(
        self,
        transports: Transports,
        forwarder: Forwarder,
        clock: Clock,
        random: Randomness,
        candidates: tuple[Address, ...],
    ) -> None:
        self._transports = transports
        self._forwarder = forwarder
        self._clock = clock
        self._random = random
        self._candidates = candidates
        self._by_peer: dict[PeerId, Endpoint] = {}
        self._last_peer = 0
        self._last_slot = 0

    def publish(self, endpoint: Endpoint, plan: PublishPlan, cap_bps: int) -> PublishAnswer:
        """Accept what the plan offers, under new track ids, instead of what was published
        before.  The connection stays when the offer is of the same RTCPeerConnection."""
        publisher = endpoint.publisher
        if publisher is None or publisher.remote != plan.remote:
            publisher = self._open_publisher(endpoint, plan, cap_bps)
        for old in publisher.uplinks:
            self._forwarder.remove_uplink(old.track)
        tracks = [(TrackId(new_id(self._clock, self._random)), each) for each in plan.tracks]
        publisher.uplinks = [_uplink(track, publisher.peer, each) for track, each in tracks]
        for uplink in publisher.uplinks:
            self._forwarder.add_uplink(uplink)
        text = negotiation.answer_publish(plan, publisher.local, publisher.sdp_session)
        published = (PublishedTrack(t, each.mid, each.source, each.kind) for t, each in tracks)
        return PublishAnswer(text, tuple(published))

    def open_subscriber(self, endpoint: Endpoint) -> None:
        """A new subscribing connection instead of any older one."""
        self.close_subscriber(endpoint)
        peer, local = self._open_peer(endpoint)
        subscription = Subscription(self._new_slot, self._random, endpoint.version)
        endpoint.subscriber = Subscriber(peer, local, subscription, self._random.getrandbits(62))

    def answered(self, subscriber: Subscriber, version: int, text: str) -> None:
        """Take the answer to the subscriber's offer; the first one connects it."""
        first = not subscriber.answered
        answer = subscriber.answer(version, text)
        for slot in subscriber.slots():
            self._forwarder.add_slot(slot)
        if first:
            self._transports.connect(subscriber.peer, answer.remote, answer.role, 0)

    def close_publisher(self, endpoint: Endpoint) -> None:
        """Close the publishing connection, if there is one."""
        publisher, endpoint.publisher = endpoint.publisher, None
        if publisher is not None:
            self._close_peer(publisher.peer)

    def close_subscriber(self, endpoint: Endpoint) -> None:
        """Close the subscribing connection, if there is one."""
        subscriber, endpoint.subscriber = endpoint.subscriber, None
        if subscriber is not None:
            endpoint.version = subscriber.subscription.version
            self._close_peer(subscriber.peer)

    def ended(self, peer: PeerId) -> tuple[Endpoint, str]:
        """A peer ended by itself: whose it was, and whether "publisher" or "subscriber"."""
        endpoint = self._by_peer[peer]
        if endpoint.publisher is not None and endpoint.publisher.peer == peer:
            self.close_publisher(endpoint)
            return endpoint, "publisher"
        self.close_subscriber(endpoint)
        return endpoint, "subscriber"

    def senders_of(self, ssrc: int) -> Iterable[PeerId]:
        """The publishing peers that announced this SSRC."""
        return [
            uplink.peer
            for publisher in self._publishers()
            for uplink in publisher.uplinks
            if ssrc in (uplink.ssrc, uplink.rtx_ssrc)
        ]

    def hint_rtts(self) -> None:
        """Round trips can only be measured on subscribing connections; tell the publishing
        ones."""
        for publisher in self._publishers():
            subscriber = self._by_peer[publisher.peer].subscriber
            rtt_us = self._forwarder.rtt_us(subscriber.peer) if subscriber else None
            if rtt_us is not None:
                self._forwarder.rtt_hint(publisher.peer, rtt_us)

    def _publishers(self) -> Iterator[Publisher]:
        for peer, endpoint in self._by_peer.items():
            if endpoint.publisher is not None and endpoint.publisher.peer == peer:
                yield endpoint.publisher

    def _open_publisher(self, endpoint: Endpoint, plan: PublishPlan, cap_bps: int) -> Publisher:
        self.close_publisher(endpoint)
        peer, local = self._open_peer(endpoint)
        number = self._random.getrandbits(62)
        endpoint.publisher = Publisher(peer, local, plan.remote, number)
        self._transports.connect(peer, plan.remote, plan.role, cap_bps)
        return endpoint.publisher

    def _open_peer(self, endpoint: Endpoint) -> tuple[PeerId, LocalTransport]:
        self._last_peer += 1
        peer = PeerId(self._last_peer)
        self._by_peer[peer] = endpoint
        ice = self._transports.open(peer)
        return peer, LocalTransport(ice, self._transports.fingerprint, self._candidates)

    def _close_peer(self, peer: PeerId) -> None:
        del self._by_peer[peer]
        self._transports.close(peer)

    def _new_slot(self) -> SlotId:
        self._last_slot += 1
        return SlotId(self._last_slot)


def _uplink(track: TrackId, peer: PeerId, plan: PlannedTrack) -> Uplink:
    return Uplink(
        track=track,
        peer=peer,
        kind=plan.kind,
        mid=plan.mid,
        ssrc=plan.ssrc,
        rtx_ssrc=plan.rtx_ssrc,
        pt=plan.pt,
        rtx_pt=plan.rtx_pt,
        clock_rate=plan.clock_rate,
        extensions=plan.extensions,
    )
