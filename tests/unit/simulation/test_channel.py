"""The participant's peer connection against a small ICE-lite server on aiortc's DTLS."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from random import Random
from typing import cast

import pytest
from aioice import stun
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtp import RtpPacket

from conference.clock import SystemClock
from conference.simulation.channel import Channel
from conference.simulation.sdp import Transport
from tests.support.wait import wait_until


class LiteServer(asyncio.DatagramProtocol):
    """Answers checks, is the DTLS server, echoes each SRTP packet with its payload reversed."""

    role = "controlled"

    def __init__(self) -> None:
        self.certificate = RTCCertificate.generateCertificate()
        self.dtls = RTCDtlsTransport(cast(RTCIceTransport, self), [self.certificate])
        self.dtls._set_role("server")
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.responses: list[stun.Message] = []
        self.client: tuple[str, int] | None = None
        self.udp: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.udp = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[0] < 4:
            self._stun(stun.parse_message(data), addr)
        elif data[0] < 64:
            self.queue.put_nowait(data)
        else:
            packet = RtpPacket.parse(self.dtls._rx_srtp.unprotect(data))
            packet.payload = packet.payload[::-1]
            self.send(self.dtls._tx_srtp.protect(packet.serialize()))

    def _stun(self, message: stun.Message, addr: tuple[str, int]) -> None:
        if message.message_class == stun.Class.RESPONSE:
            self.responses.append(message)
            return
        assert message.check_message_integrity(b"server-password")
        self.client = addr
        answer = stun.Message(
            stun.Method.BINDING,
            stun.Class.RESPONSE,
            message.transaction_id,
            {"XOR-MAPPED-ADDRESS": addr},
        )
        answer.add_message_integrity(b"server-password")
        self.send(bytes(answer))

    def send(self, data: bytes) -> None:
        assert self.udp is not None
        self.udp.sendto(data, self.client)

    async def _recv(self) -> bytes:
        return await self.queue.get()

    async def _send(self, data: bytes) -> None:
        self.send(data)


@pytest.fixture
async def server() -> AsyncIterator[LiteServer]:
    loop = asyncio.get_running_loop()
    udp, lite = await loop.create_datagram_endpoint(LiteServer, local_addr=("127.0.0.1", 0))
    yield lite
    await lite.dtls.stop()
    udp.close()


@contextlib.asynccontextmanager
async def connected(server: LiteServer, heard: list[bytes]) -> AsyncIterator[Channel]:
    channel = Channel(
        "publisher",
        SystemClock(),
        Random(1),
        lambda data, _: heard.append(data),
        lambda data, _: None,
    )
    assert server.udp is not None
    fingerprints = server.certificate.getFingerprints()
    (digest,) = [each.value for each in fingerprints if each.algorithm == "sha-256"]
    remote = Transport("srv", "server-password", digest, server.udp.get_extra_info("sockname"))
    local = RTCDtlsParameters([RTCDtlsFingerprint("sha-256", channel.local.fingerprint)])
    try:
        await asyncio.gather(server.dtls.start(local), channel.open(remote))
        yield channel
    finally:
        await channel.close()


async def test_packets_go_both_ways(server: LiteServer) -> None:
    heard: list[bytes] = []
    async with connected(server, heard) as channel:
        assert channel.connected
        channel.send_rtp(RtpPacket(111, 0, 5, 6, 7, b"abc").serialize())
        await wait_until(lambda: None if heard else "no packet came back", timeout=5)
        assert RtpPacket.parse(heard[0]).payload == b"cba"
        assert channel.facts.handshake_datagrams_after == 0
    assert not channel.connected


async def test_the_servers_own_check_is_answered_with_our_password(server: LiteServer) -> None:
    async with connected(server, []) as channel:
        check = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            attributes={"USERNAME": f"{channel.local.ufrag}:srv", "ICE-CONTROLLED": 1},
        )
        check.add_message_integrity(channel.local.pwd.encode())
        server.send(bytes(check))
        await wait_until(lambda: None if server.responses else "no answer", timeout=5)
        answer = server.responses[-1]
        assert answer.transaction_id == check.transaction_id
        assert answer.check_message_integrity(channel.local.pwd.encode())
        assert channel.facts.checks_answered == 1


async def test_a_wrong_fingerprint_does_not_connect(server: LiteServer) -> None:
    channel = Channel("publisher", SystemClock(), Random(1), lambda *_: None, lambda *_: None)
    assert server.udp is not None
    address = server.udp.get_extra_info("sockname")
    remote = Transport("srv", "server-password", ":".join(["00"] * 32), address)
    local = RTCDtlsParameters([RTCDtlsFingerprint("sha-256", channel.local.fingerprint)])
    with pytest.raises(ConnectionError):
        await asyncio.gather(channel.open(remote), server.dtls.start(local))
    await channel.close()
