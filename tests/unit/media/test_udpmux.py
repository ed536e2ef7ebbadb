"""The one socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from conference.media import udpmux
from conference.media.addresses import advertised, machine_addresses
from conference.media.udpmux import Receivers, UdpMux
from tests.support.wait import wait_until

Address = tuple[str, int]


@dataclass
class Ears:
    """What came out of the socket, by protocol."""

    stun: list[tuple[bytes, Address]] = field(default_factory=list)
    dtls: list[tuple[bytes, Address]] = field(default_factory=list)
    media: list[tuple[bytes, Address]] = field(default_factory=list)

    def receivers(self) -> Receivers:
        return Receivers(
            stun=lambda data, address: self.stun.append((data, address)),
            dtls=lambda data, address: self.dtls.append((data, address)),
            media=lambda data, address: self.media.append((bytes(data), address)),
        )


@pytest.fixture
async def ears() -> Ears:
    return Ears()


@pytest.fixture
async def mux(ears: Ears) -> AsyncIterator[UdpMux]:
    opened = UdpMux("127.0.0.1", 0)
    opened.start(ears.receivers())
    yield opened
    opened.close()


@pytest.fixture
def client() -> "socket.socket":
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.settimeout(5)
    return opened


async def test_each_first_byte_goes_where_rfc_7983_says(
    mux: UdpMux, ears: Ears, client: socket.socket
) -> None:
    with client:
        for first in range(256):
            client.sendto(bytes([first, 1, 2]), mux.address)
        client.sendto(b"", mux.address)
        client.sendto(b"\x03end", mux.address)
        await wait_until(
            lambda: None if ears.stun and ears.stun[-1][0] == b"\x03end" else "the end not seen", 5
        )
        own = client.getsockname()
    assert [data[0] for data, _ in ears.stun] == [0, 1, 2, 3, 3]
    assert [data[0] for data, _ in ears.dtls] == list(range(20, 64))
    assert [data[0] for data, _ in ears.media] == list(range(128, 192))
    assert {address for heard in (ears.stun, ears.dtls, ears.media) for _, address in heard} == {
        own
    }
    assert mux.counters["not_ours"] == 256 - 4 - 44 - 64


async def test_sends_from_the_same_port(mux: UdpMux, client: socket.socket) -> None:
    with client:
        assert mux.send(bytearray(b"hello"), client.getsockname())
        assert client.recvfrom(100) == (b"hello", mux.address)


async def test_what_cannot_be_sent_is_counted(mux: UdpMux) -> None:
    assert not mux.send(bytes(70_000), ("127.0.0.1", 9))
    assert mux.counters["send_failed"] == 1


async def test_a_burst_is_kept_and_drained_in_turns(
    mux: UdpMux, ears: Ears, client: socket.socket
) -> None:
    with client:
        for number in range(1000):  # a keyframe of 1.2 MB, while the loop is busy
            client.sendto(b"\x80" + number.to_bytes(2, "big") + bytes(1200), mux.address)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(ears.media) <= 2 * udpmux.MAX_DRAIN, "others had their turn"
        await wait_until(lambda: None if len(ears.media) == 1000 else f"{len(ears.media)}", 5)
    numbers = [int.from_bytes(data[1:3], "big") for data, _ in ears.media]
    assert numbers == list(range(1000))


async def test_the_buffers_are_large(mux: UdpMux) -> None:
    limits = [_limit("rmem_max"), _limit("wmem_max")]
    for granted, limit in zip(mux.buffer_bytes(), limits, strict=True):
        assert granted >= min(udpmux.BUFFER_BYTES, limit)


def _limit(name: str) -> int:
    with open(f"/proc/sys/net/core/{name}", encoding="ascii") as file:
        return int(file.read())


async def test_a_taken_port_is_said(mux: UdpMux) -> None:
    with pytest.raises(OSError, match="in use"):
        UdpMux(*mux.address)


async def test_both_families_on_one_socket(ears: Ears, client: socket.socket) -> None:
    try:
        mux = UdpMux("::", 0)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    mux.start(ears.receivers())
    with client, socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six:
        six.bind(("::1", 0))
        six.settimeout(5)
        port = mux.address[1]
        client.sendto(b"\x80four", ("127.0.0.1", port))
        six.sendto(b"\x80six", ("::1", port))
        await wait_until(lambda: None if len(ears.media) == 2 else "not both", 5)
        addresses = {data: address for data, address in ears.media}
        assert addresses[b"\x80four"] == client.getsockname(), "IPv4 is written as IPv4"
        assert addresses[b"\x80six"] == six.getsockname()[:2]
        assert mux.send(b"back", addresses[b"\x80four"]) and client.recv(10) == b"back"
        assert mux.send(b"back", addresses[b"\x80six"]) and six.recv(10) == b"back"
    mux.close()
    mux.close()


def test_candidates_are_what_it_is_bound_to() -> None:
    own = ["127.0.0.1", "2001:db8::1", "192.0.2.1", "::1"]
    assert advertised(("192.0.2.1", 81), own) == [("192.0.2.1", 81)]
    assert advertised(("0.0.0.0", 81), own) == [("192.0.2.1", 81), ("127.0.0.1", 81)]
    assert advertised(("::", 81), own) == [
        ("192.0.2.1", 81),
        ("2001:db8::1", 81),
        ("127.0.0.1", 81),
        ("::1", 81),
    ]


def test_this_machine_has_addresses() -> None:
    assert "127.0.0.1" in machine_addresses()
    assert not any(text.startswith("fe80") for text in machine_addresses())
