"""ICE-lite for all peers behind one socket (RFC 8445): pure, time and chance come from outside.

Checks are answered from any address, by ufrag, even before the peer's own credentials are known.
The first valid check says which address media goes to, the *path*.  Later only a valid answer to a
check of our own moves it, since checks of the client can be recorded and sent again from elsewhere.
Browsers answer such checks although we are lite.  An address is worth one when

* the client nominates it (USE-CANDIDATE);
* a valid check comes from it for the first time, when the path has been silent for 0.3 s: a NAT
  gave the client another port.  Checks of a known second address are only answered, or else two
  interfaces of one client would take turns;
* media comes from it and it is nobody's.  The client's next check may be 6 s away, and later ones
  of Firefox do not nominate.

A client that does not answer is believed when its path has been silent for 5 s.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from conference.ids import Randomness
from conference.media import stun
from conference.media.forwarder.api import Address, PeerId, Send

PATH_SILENT_US = 300_000
PATH_DEAD_US = 5_000_000
"""After this a path is given up for any other address that is checked."""
CONSENT_US = 30_000_000
"""Neither STUN nor media for so long: the peer is gone (RFC 7675 §5.1)."""
CHECK_RETRY_US = (50_000, 100_000, 200_000)
"""Pauses after each sending of one of our own checks."""
MAX_PATHS = 16
MAX_GUESSES = 16
MAX_CHECKS = 256
_CONSENT_EVERY_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Credentials:
    """ice-ufrag and ice-pwd (RFC 8839 §5.4)."""

    ufrag: str
    pwd: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PathChosen:
    """From now on the peer's DTLS and media go to this address."""

    peer: PeerId
    address: Address
    first: bool


@dataclass(slots=True)
class _Peer:
    local: Credentials
    opened_us: int
    remote: Credentials | None = None
    path: Address | None = None
    path_heard_us: int = 0
    stun_heard_us: int | None = None
    known: dict[Address, int] = field(default_factory=dict)
    """Addresses that passed a check → when last."""


@dataclass(slots=True)
class _Check:
    peer: PeerId
    address: Address
    datagram: bytes
    tries: int
    next_us: int


class IceAgent:
    """All peers of one socket.

    `send` hands a datagram to it; `media_heard_us` tells when the last authentic packet of a peer
    came from its path (mono µs), None for never.
    """

    def __init__(
        self, random: Randomness, send: Send, media_heard_us: Callable[[PeerId], int | None]
    ) -> None:
        self._random = random
        self._send = send
        self._media_heard_us = media_heard_us
        self._tie_breaker = random.getrandbits(64)
        self._peers: dict[PeerId, _Peer] = {}
        self._by_ufrag: dict[str, PeerId] = {}
        self._by_address: dict[Address, PeerId] = {}
        self._checks: dict[bytes, _Check] = {}
        self._consent_us = 0

    def open(self, peer: PeerId, now_us: int) -> Credentials:
        """Make the credentials of a new peer; its checks are answered from now on."""
        ufrag = self._token(48)
        while ufrag in self._by_ufrag:
            ufrag = self._token(48)
        local = Credentials(ufrag, self._token(144))
        self._peers[peer] = _Peer(local, now_us)
        self._by_ufrag[ufrag] = peer
        return local

    def set_remote(self, peer: PeerId, remote: Credentials) -> None:
        """The peer's own credentials, from its SDP: what our checks are signed with."""
        self._peers[peer].remote = remote

    def close(self, peer: PeerId) -> None:
        """Forget the peer; nothing is sent any more."""
        state = self._peers.pop(peer, None)
        if state is None:
            return
        del self._by_ufrag[state.local.ufrag]
        for address in state.known:
            if self._by_address.get(address) == peer:
                del self._by_address[address]
        self._checks = {key: check for key, check in self._checks.items() if check.peer != peer}

    def peer_at(self, address: Address) -> PeerId | None:
        """Whose address this is, by a valid check."""
        return self._by_address.get(address)

    def path(self, peer: PeerId) -> Address | None:
        """Where the peer is to be reached."""
        state = self._peers.get(peer)
        return None if state is None else state.path

    def last_heard_us(self, peer: PeerId) -> int | None:
        """When STUN or media of this peer came last."""
        state = self._peers.get(peer)
        if state is None:
            return None
        heard = [at for at in (state.stun_heard_us, self._media_heard_us(peer)) if at is not None]
        return max(heard, default=None)

    def receive(self, datagram: bytes, address: Address, now_us: int) -> list[PathChosen]:
        """One STUN datagram.  What is not sound or not ours is dropped."""
        binding = stun.parse(datagram)
        if binding is None:
            return []
        if binding.kind == "request":
            return self._requested(binding, address, now_us)
        return self._answered(binding, address, now_us)

    def unknown_source(self, address: Address, likely: Iterable[PeerId], now_us: int) -> None:
        """An address may have become a peer's: check it as each of the `likely` ones, or else as
        those whose path has been silent, longest first."""
        peers = [peer for peer in likely if peer in self._peers] or self._silent(now_us)
        asked = {check.peer for check in self._checks.values() if check.address == address}
        for peer in peers[: MAX_GUESSES - len(asked)]:
            if peer not in asked and len(self._checks) < MAX_CHECKS:
                self._check(peer, address, now_us)

    def tick(self, now_us: int) -> list[PeerId]:
        """Send checks again; return the peers whose consent expired, which are closed by this."""
        for transaction, check in list(self._checks.items()):
            if check.next_us <= now_us:
                self._retry(transaction, check)
        if now_us < self._consent_us:
            return []
        self._consent_us = now_us + _CONSENT_EVERY_US
        expired = [
            peer
            for peer, state in self._peers.items()
            if now_us - max(self.last_heard_us(peer) or 0, state.opened_us) > CONSENT_US
        ]
        for peer in expired:
            self.close(peer)
        return expired

    # --- the client's checks -------------------------------------------------------------------

    def _requested(self, request: stun.Binding, address: Address, now_us: int) -> list[PathChosen]:
        peer = self._by_ufrag.get(request.username[0]) if request.username else None
        if peer is None:
            return []  # a stranger; no answer, so that nobody is flooded in our name
        state = self._peers[peer]
        if not request.signed_with(state.local.pwd):
            self._send(stun.refusal(request, stun.UNAUTHORIZED), address)
            return []
        if request.controlled:  # the lite side never controls (RFC 8445 §7.3.1.1)
            self._send(stun.refusal(request, stun.ROLE_CONFLICT, state.local.pwd), address)
            return []
        self._send(stun.success(request, address, state.local.pwd), address)
        seen = address in state.known
        state.stun_heard_us = now_us
        self._remember(peer, state, address, now_us)
        if address == state.path:
            state.path_heard_us = now_us
            return []
        silence_us = self._silence_us(peer, state, now_us)
        if state.path is None or silence_us > PATH_DEAD_US:
            return self._choose(peer, state, address, now_us)
        if request.use_candidate or (not seen and silence_us > PATH_SILENT_US):
            self.unknown_source(address, [peer], now_us)
        return []

    def _choose(
        self, peer: PeerId, state: _Peer, address: Address, now_us: int
    ) -> list[PathChosen]:
        first = state.path is None
        state.path, state.path_heard_us = address, now_us
        return [PathChosen(peer, address, first)]

    def _remember(self, peer: PeerId, state: _Peer, address: Address, now_us: int) -> None:
        state.known[address] = now_us
        self._by_address[address] = peer
        if len(state.known) > MAX_PATHS:
            others = (other for other in state.known if other not in (state.path, address))
            oldest = min(others, key=lambda other: state.known[other])
            del state.known[oldest]
            if self._by_address.get(oldest) == peer:
                del self._by_address[oldest]

    # --- our own checks ------------------------------------------------------------------------

    def _silence_us(self, peer: PeerId, state: _Peer, now_us: int) -> int:
        return now_us - max(state.path_heard_us, self._media_heard_us(peer) or 0)

    def _silent(self, now_us: int) -> list[PeerId]:
        silences = {
            peer: self._silence_us(peer, state, now_us)
            for peer, state in self._peers.items()
            if state.path is not None
        }
        silent = [peer for peer, silence in silences.items() if silence > PATH_SILENT_US]
        return sorted(silent, key=lambda peer: -silences[peer])

    def _check(self, peer: PeerId, address: Address, now_us: int) -> None:
        state = self._peers[peer]
        if state.remote is None:
            return
        transaction = self._random.getrandbits(96).to_bytes(12, "big")
        username = f"{state.remote.ufrag}:{state.local.ufrag}"
        datagram = stun.check(username, state.remote.pwd, transaction, self._tie_breaker)
        self._checks[transaction] = _Check(peer, address, datagram, 0, now_us)
        self._retry(transaction, self._checks[transaction])

    def _retry(self, transaction: bytes, check: _Check) -> None:
        if check.tries == len(CHECK_RETRY_US):
            del self._checks[transaction]
            return
        self._send(check.datagram, check.address)
        check.next_us += CHECK_RETRY_US[check.tries]
        check.tries += 1

    def _answered(self, answer: stun.Binding, address: Address, now_us: int) -> list[PathChosen]:
        check = self._checks.get(answer.transaction)
        if check is None or check.address != address:
            return []
        state = self._peers[check.peer]
        if answer.kind == "error":
            del self._checks[answer.transaction]  # not this peer
            return []
        if state.remote is None or not answer.signed_with(state.remote.pwd):
            return []
        self._checks = {
            key: other for key, other in self._checks.items() if other.address != address
        }
        state.stun_heard_us = now_us
        self._remember(check.peer, state, address, now_us)
        if address == state.path:
            return []
        return self._choose(check.peer, state, address, now_us)

    def _token(self, bits: int) -> str:
        """Characters of ice-char (RFC 8839 §5.4); `bits` is a multiple of 24."""
        return base64.b64encode(self._random.getrandbits(bits).to_bytes(bits // 8, "big")).decode()
