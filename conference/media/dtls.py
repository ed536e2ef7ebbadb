"""DTLS for SRTP keys: the only door to aiortc (RFC 5764, RFC 8827 §6.5).

aiortc's RTCDtlsTransport does the handshake and checks the fingerprint; we feed it datagrams and
take the keys out.  It has no public hook for that, so some private names are used (`PRIVATE`);
the version is pinned and tests/contract/test_aiortc.py holds them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCIceTransport
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCDtlsTransport, State

from conference.media.forwarder.api import SrtpKeys
from conference.media.sdp import DtlsRole, Fingerprint

PRIVATE = (
    "_create_ssl_context",
    "_set_role",
    "_set_state",
    "_setup_srtp",
    "_srtp_profiles",
    "_ssl",
)
HANDSHAKE_S = 10.0
"""20 % loss took a browser 3 s; one that needs longer than this starts anew."""
MAX_QUEUED = 32
MAX_BACKLOG = 2048
PER_TURN = 2
"""Handshake datagrams handled per turn of the loop, of up to 8 ms each: thirty people who come at
once must not hold up the packets of those who talk."""

_PROFILES = {
    b"SRTP_AEAD_AES_256_GCM": "AEAD_AES_256_GCM",
    b"SRTP_AEAD_AES_128_GCM": "AEAD_AES_128_GCM",
    b"SRTP_AES128_CM_SHA1_80": "SRTP_AES128_CM_SHA1_80",
}


class Certificate:
    """The server's certificate: one for all its associations, new at each start."""

    def __init__(self) -> None:
        self._certificate = RTCCertificate.generateCertificate()
        # OpenSSL's first context takes 0.1 s: here it holds nobody up.
        self._certificate._create_ssl_context(SRTP_PROFILES)

    @property
    def fingerprint(self) -> Fingerprint:
        """Its SHA-256 fingerprint, for the SDP."""
        prints = {each.algorithm: each.value for each in self._certificate.getFingerprints()}
        return Fingerprint("sha-256", prints["sha-256"])

    def association(self, path: _Path) -> _Association:
        """A new association over this path."""
        # Only _recv, _send and role of an RTCIceTransport are used by RTCDtlsTransport.
        return _Association(cast(RTCIceTransport, path), [self._certificate])


class _Path:
    """What RTCDtlsTransport sees of ICE."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._sender = send
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUED)
        self._closed = False

    def feed(self, datagram: bytes) -> None:
        """Queue one datagram; a full queue drops it, DTLS sends it again."""
        if not self._closed and not self._queue.full():
            self._queue.put_nowait(datagram)

    def close(self) -> None:
        """End whoever waits for the next datagram."""
        self._closed = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def _recv(self) -> bytes:
        # Cancelled by aiortc's handshake timer: a queue loses nothing by that.
        datagram = await self._queue.get()
        if datagram is None:
            self._queue.put_nowait(None)
            raise ConnectionError("closed")
        return datagram

    async def _send(self, data: bytes) -> None:
        self._sender(data)


class _Association(RTCDtlsTransport):
    """Hands the SRTP keys out instead of making SRTP sessions of its own."""

    keys: SrtpKeys | None = None

    def _setup_srtp(self) -> None:
        # Called after the fingerprint was checked.
        assert self._ssl is not None
        chosen = self._ssl.get_selected_srtp_profile()
        for profile in self._srtp_profiles:
            if profile.openssl_profile == chosen:
                size = 2 * (profile.key_length + profile.salt_length)
                block = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", size)
                client, server = (profile.get_key_and_salt(block, side) for side in (0, 1))
                ours = server if self._role == "server" else client
                theirs = client if self._role == "server" else server
                self.keys = SrtpKeys(_PROFILES[chosen], receive=theirs, send=ours)
                return
        self._set_state(State.FAILED)


class Session:
    """One peer's association, from the first datagram to the last.

    Datagrams are kept until the fingerprint is known.  `run` is the body of a task: it returns
    when the association has ended, for whatever reason, after `on_keys` or without it.
    """

    def __init__(self, certificate: Certificate, send: Callable[[bytes], object]) -> None:
        self._path = _Path(send)
        self._association = certificate.association(self._path)
        self._association.on("statechange", self._state_changed)
        self._ended = asyncio.Event()

    def feed(self, datagram: bytes) -> None:
        """One datagram of 20 ≤ first byte ≤ 63 from the peer."""
        self._path.feed(datagram)

    async def run(
        self, role: DtlsRole, prints: Sequence[Fingerprint], on_keys: Callable[[SrtpKeys], None]
    ) -> str:
        """Handshake, then wait for the end; says how it ended: failed, timeout or closed."""
        association = self._association
        association._set_role(role)
        remote = RTCDtlsParameters([RTCDtlsFingerprint(p.algorithm, p.value) for p in prints])
        try:
            await asyncio.wait_for(association.start(remote), HANDSHAKE_S)
            if association.keys is None:
                return "failed"
            on_keys(association.keys)
            await self._ended.wait()
            return "closed"
        except TimeoutError:
            return "timeout"
        finally:
            await association.stop()

    def close(self) -> None:
        """Make `run` come to its end; it tells the peer."""
        self._ended.set()
        if self._association.keys is None:
            self._path.close()

    def _state_changed(self) -> None:
        if self._association.state == "closed":
            self._ended.set()


class Pacer:
    """Gives datagrams of handshakes to their sessions, a few per turn of the loop."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Session, bytes]] = deque()
        self.dropped = 0

    def put(self, session: Session, datagram: bytes) -> None:
        """Take one datagram; a full backlog drops it, DTLS sends it again."""
        if len(self._waiting) >= MAX_BACKLOG:
            self.dropped += 1
            return
        self._waiting.append((session, datagram))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        for _ in range(min(PER_TURN, len(self._waiting))):
            session, datagram = self._waiting[0]
            session.feed(datagram)
            self._waiting.popleft()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._turn)
