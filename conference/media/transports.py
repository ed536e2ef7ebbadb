"""All peers behind the one socket: ICE finds the path, DTLS makes the keys, the forwarder gets
both.  Owner of the socket, the ICE agent and the DTLS sessions."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conference.clock import Clock
from conference.ids import Randomness
from conference.media.dtls import Certificate, Pacer, Session
from conference.media.forwarder.api import Address, Forwarder, PeerId, SrtpKeys
from conference.media.ice import Credentials, IceAgent, PathChosen
from conference.media.sdp import DtlsRole, Fingerprint, RemoteTransport
from conference.media.udpmux import Receivers, UdpMux
from conference.tasks import TaskOwner

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Observer:
    """Who is told and asked: `closed` when a peer ended by itself, with the reason (expired,
    closed, failed, timeout); `senders_of` names the peers that an SSRC may belong to."""

    closed: Callable[[PeerId, str], None]
    senders_of: Callable[[int], Iterable[PeerId]]


@dataclass(slots=True)
class _Link:
    """One peer.  The address stays known for the last words after the ICE agent forgot it."""

    session: Session
    address: Address | None = None
    remote: RemoteTransport | None = None
    role: DtlsRole = "server"
    cap_bps: int = 0
    running: bool = False


class Transports:
    """Opens, connects and closes peers.  Used from the loop's thread only."""

    def __init__(
        self,
        mux: UdpMux,
        forwarder: Forwarder,
        clock: Clock,
        random: Randomness,
        tasks: TaskOwner,
    ) -> None:
        self._mux = mux
        self._forwarder = forwarder
        self._clock = clock
        self._tasks = tasks
        self._certificate = Certificate()
        self._pacer = Pacer()
        self._ice = IceAgent(random, mux.send, forwarder.last_heard_us)
        self._links: dict[PeerId, _Link] = {}
        self._observer: Observer | None = None
        self.counters: Counter[str] = Counter()

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the certificate that all peers are shown."""
        return self._certificate.fingerprint

    def start(self, observer: Observer) -> None:
        """Begin to read from the socket, on the running loop."""
        self._observer = observer
        self._mux.start(Receivers(self._on_stun, self._on_dtls, self._on_media))

    def open(self, peer: PeerId) -> Credentials:
        """Make a peer; its checks are answered from now on."""
        link = _Link(Session(self._certificate, lambda datagram: self._say(link, datagram)))
        self._links[peer] = link
        return self._ice.open(peer, self._clock.mono_us())

    def connect(self, peer: PeerId, remote: RemoteTransport, role: DtlsRole, cap_bps: int) -> None:
        """The other side's SDP is known: the handshake begins as soon as there is a path."""
        link = self._links[peer]
        link.remote, link.role, link.cap_bps = remote, role, cap_bps
        self._ice.set_remote(peer, remote.ice)
        self._run(peer, link)

    def close(self, peer: PeerId) -> None:
        """Say goodbye and forget the peer; no packet of it is sent any more."""
        link = self._links.pop(peer, None)
        if link is None:
            return
        self._forwarder.close_peer(peer)
        self._ice.close(peer)
        link.session.close()

    def last_heard_us(self, peer: PeerId) -> int | None:
        """When STUN or media of this peer came last (mono µs)."""
        return self._ice.last_heard_us(peer)

    def tick(self, now_us: int) -> None:
        """Time passes: checks of unknown sources, retries, consent.  Each 20 ms."""
        observer = self._observer
        if observer is None:
            return
        for source in self._forwarder.unknown_sources():
            self._ice.unknown_source(source.address, observer.senders_of(source.ssrc), now_us)
        for peer in self._ice.tick(now_us):
            self._ended(peer, "expired")

    def stats(self) -> dict[str, int]:
        """Totals since the start, and `peers`, those that live."""
        self.counters["handshake_datagrams_dropped"] = self._pacer.dropped
        return {**self.counters, **self._mux.counters, "peers": len(self._links)}

    # --- from the socket -----------------------------------------------------------------------

    def _on_stun(self, datagram: bytes, address: Address) -> None:
        for choice in self._ice.receive(datagram, address, self._clock.mono_us()):
            self._moved(choice)

    def _on_dtls(self, datagram: bytes, address: Address) -> None:
        peer = self._ice.peer_at(address)
        link = None if peer is None else self._links.get(peer)
        if link is None:
            self.counters["dtls_of_strangers"] += 1
            return
        self._pacer.put(link.session, datagram)

    def _on_media(self, datagram: memoryview, address: Address) -> None:
        self._forwarder.receive(datagram, address, self._clock.mono_us())

    def _moved(self, choice: PathChosen) -> None:
        link = self._links[choice.peer]
        link.address = choice.address
        self._forwarder.move_peer(choice.peer, choice.address)
        self.counters["paths_found" if choice.first else "paths_moved"] += 1
        self._run(choice.peer, link)

    # --- handshakes ----------------------------------------------------------------------------

    def _say(self, link: _Link, datagram: bytes) -> None:
        if link.address is not None:
            self._mux.send(datagram, link.address)

    def _run(self, peer: PeerId, link: _Link) -> None:
        if link.remote is None or link.address is None or link.running:
            return
        link.running = True
        self.counters["handshakes"] += 1
        self._tasks.spawn(f"dtls-{peer}", self._associate(peer, link, link.remote))

    async def _associate(self, peer: PeerId, link: _Link, remote: RemoteTransport) -> None:
        reason = await link.session.run(
            link.role, remote.fingerprints, lambda keys: self._keyed(peer, link, keys)
        )
        if self._links.get(peer) is link:
            self._ended(peer, reason)

    def _keyed(self, peer: PeerId, link: _Link, keys: SrtpKeys) -> None:
        if self._links.get(peer) is link:
            self.counters["connected"] += 1
            self._forwarder.open_peer(peer, keys, link.cap_bps)

    def _ended(self, peer: PeerId, reason: str) -> None:
        self.counters[f"ended_{reason}"] += 1
        _log.info("peer %d ended: %s", peer, reason)
        self.close(peer)
        if self._observer is not None:
            self._observer.closed(peer, reason)
