"""One peer connection of a test participant, packet level: a UDP socket, the controlling side of
ICE (RFC 8445), aiortc's DTLS as client, SRTP with the keys of the handshake."""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable
from random import Random
from typing import cast

import pylibsrtp
from aioice import stun
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtp import is_rtcp

from conference.clock import Clock
from conference.simulation.report import ChannelFacts
from conference.simulation.sdp import Transport
from conference.tasks import TaskOwner

_log = logging.getLogger(__name__)

# A keyframe burst of every other participant at once has to fit while Python is busy.
SOCKET_BUFFER = 4 << 20
FIRST_CHECKS_S = 0.05
# Firefox's habit, the harder one for a server: seldom, and without USE-CANDIDATE once connected.
LATER_CHECKS_S = 5.0
HANDSHAKE_S = 10.0

Receive = Callable[[bytes, int], None]


class Channel(asyncio.DatagramProtocol):
    """`on_rtp(packet, mono_us)` and `on_rtcp` get plaintext, on the loop, as it arrives."""

    role = "controlling"  # asked for by RTCDtlsTransport

    def __init__(
        self, purpose: str, clock: Clock, random: Random, on_rtp: Receive, on_rtcp: Receive
    ) -> None:
        self._clock = clock
        self._random = random
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        certificate = RTCCertificate.generateCertificate()
        self.local = Transport(
            ufrag=f"{random.getrandbits(48):012x}",
            pwd=f"{random.getrandbits(128):032x}",
            fingerprint=_sha256(certificate),
        )
        self.remote: Transport | None = None
        self.facts = ChannelFacts(purpose, clock.mono_us())
        self._checked = asyncio.Event()
        self._tie_breaker = random.getrandbits(64)
        self._pending: dict[bytes, stun.Message] = {}
        self._datagrams: asyncio.Queue[bytes] = asyncio.Queue()
        self._early: deque[bytes] = deque(maxlen=256)
        self._socket: asyncio.DatagramTransport | None = None
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self), [certificate])
        self._dtls._set_role("client")
        self._dtls.on("statechange", self._dtls_changed)
        self._tasks = TaskOwner("channel")

    @property
    def connected(self) -> bool:
        """Keys are there and the server has not closed."""
        return self.facts.connected_us is not None and self.facts.closed_us is None

    async def open(self, remote: Transport) -> None:
        """ICE check, DTLS handshake, SRTP keys. TimeoutError or ConnectionError if it fails."""
        if remote.address is None:
            raise ValueError("no candidate to send to")
        self.remote = remote
        loop = asyncio.get_running_loop()
        self._socket, _ = await loop.create_datagram_endpoint(lambda: self, sock=_udp_socket())
        self._tasks.spawn("checks", self._check_for_ever(remote))
        async with asyncio.timeout(HANDSHAKE_S):
            await self._checked.wait()
            fingerprint = RTCDtlsFingerprint("sha-256", remote.fingerprint)
            await self._dtls.start(RTCDtlsParameters([fingerprint]))
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS ended as {self._dtls.state}")
        self.facts.connected_us = self._clock.mono_us()
        while self._early:
            self._media_received(self._early.popleft())

    async def close(self) -> None:
        """Say goodbye (DTLS alert) and free the socket. May be called twice."""
        await self._tasks.close()
        if self._socket is not None:
            await self._dtls.stop()
            self._socket.close()
            self._socket = None
        if self.facts.closed_us is None:
            self.facts.closed_us = self._clock.mono_us()

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send one RTP packet."""
        self._to_server(self._dtls._tx_srtp.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send one compound RTCP packet."""
        self._to_server(self._dtls._tx_srtp.protect_rtcp(packet))

    # --- what RTCDtlsTransport asks of its ICE transport

    async def _recv(self) -> bytes:
        return await self._datagrams.get()

    async def _send(self, data: bytes) -> None:
        self._to_server(data)

    # --- asyncio.DatagramProtocol

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Sort by the first byte (RFC 7983)."""
        if not data:
            return
        if data[0] < 4:
            self._stun_received(data, addr)
        elif 20 <= data[0] < 64:
            if self.facts.connected_us is not None and data[0] == 22:
                self.facts.handshake_datagrams_after += 1
            self._datagrams.put_nowait(data)
        elif 128 <= data[0] < 192:
            self._media_received(data)

    def error_received(self, exc: Exception) -> None:
        """A server that is down answers by ICMP; the signaling notices it, not this socket."""

    def _media_received(self, data: bytes) -> None:
        if self.facts.connected_us is None:
            # The server's keys are ready one datagram before ours: its first words wait.
            self._early.append(data)
            return
        now_us = self._clock.mono_us()
        try:
            if is_rtcp(data):
                self._on_rtcp(self._dtls._rx_srtp.unprotect_rtcp(data), now_us)
            else:
                self._on_rtp(self._dtls._rx_srtp.unprotect(data), now_us)
        except pylibsrtp.Error:
            self.facts.srtp_failures += 1

    def _to_server(self, data: bytes) -> None:
        if self._socket is not None and self.remote is not None:
            self._socket.sendto(data, self.remote.address)

    def _dtls_changed(self) -> None:
        if self._dtls.state in ("closed", "failed") and self.facts.closed_us is None:
            self.facts.closed_us = self._clock.mono_us()

    # --- ICE

    async def _check_for_ever(self, remote: Transport) -> None:
        while True:
            self._send_check(remote)
            await asyncio.sleep(LATER_CHECKS_S if self._checked.is_set() else FIRST_CHECKS_S)

    def _send_check(self, remote: Transport) -> None:
        attributes: dict[str, object] = {
            "USERNAME": f"{remote.ufrag}:{self.local.ufrag}",
            "PRIORITY": 1853824767,
            "ICE-CONTROLLING": self._tie_breaker,
        }
        if not self._checked.is_set():
            attributes["USE-CANDIDATE"] = None
        check = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            self._random.randbytes(12),
            attributes,
        )
        check.add_message_integrity(remote.pwd.encode())
        self._pending = dict(list(self._pending.items())[-20:])
        self._pending[check.transaction_id] = check
        self._to_server(bytes(check))

    def _stun_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            message = stun.parse_message(data)
        except ValueError:
            return
        if message.message_class == stun.Class.REQUEST:
            self._answer_check(message, addr)
        elif message.message_class == stun.Class.RESPONSE and self.remote is not None:
            asked = self._pending.pop(message.transaction_id, None)
            if asked is not None and message.check_message_integrity(self.remote.pwd.encode()):
                self._checked.set()

    def _answer_check(self, request: stun.Message, addr: tuple[str, int]) -> None:
        """The server's own check of an unknown source: a full agent answers it, a lite peer or
        not (RFC 8445, section 7.3)."""
        username = str(request.attributes.get("USERNAME", ""))
        mine = username.partition(":")[0] == self.local.ufrag
        if not mine or not request.check_message_integrity(self.local.pwd.encode()):
            return
        response = stun.Message(
            stun.Method.BINDING,
            stun.Class.RESPONSE,
            request.transaction_id,
            {"XOR-MAPPED-ADDRESS": addr},
        )
        response.add_message_integrity(self.local.pwd.encode())
        self.facts.checks_answered += 1
        self._to_server(bytes(response))


def _udp_socket() -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
    udp.setblocking(False)
    udp.bind(("0.0.0.0", 0))
    return udp


def _sha256(certificate: RTCCertificate) -> str:
    for fingerprint in certificate.getFingerprints():
        if fingerprint.algorithm == "sha-256":
            return fingerprint.value
    raise ValueError("a certificate without SHA-256 fingerprint")
