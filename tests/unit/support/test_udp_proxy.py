"""The bad line does what it says, the same each time."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import cast

import pytest

from tests.support.udp_proxy import Line, udp_proxy
from tests.support.wait import wait_until


class Echo(asyncio.DatagramProtocol):
    """Sends everything back and remembers from where it came."""

    def __init__(self) -> None:
        self.sources: list[tuple[str, int]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.udp = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.sources.append(addr)
        self.udp.sendto(data, addr)


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    loop = asyncio.get_running_loop()
    udp, server = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    yield server
    udp.close()


async def passed(echo: Echo, line: Line, seed: int, count: int = 200) -> list[int]:
    """Which of `count` numbered datagrams came back."""
    loop = asyncio.get_running_loop()
    address = echo.udp.get_extra_info("sockname")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.bind(("127.0.0.1", 0))
        async with udp_proxy(address, seed, line, 0) as proxy:
            for number in range(count):
                client.sendto(number.to_bytes(2, "big"), proxy.address)
                await asyncio.sleep(0)
            counts = proxy.counts

            def settled() -> str | None:
                through = counts.passed_down + counts.lost_down + counts.lost_up
                return f"{through} of {count} are through" if through < count else None

            await wait_until(settled, timeout=5)
            expected = counts.passed_down
            got = [await loop.sock_recv(client, 10) for _ in range(expected)]
    return [int.from_bytes(each, "big") for each in got]


async def test_a_good_line_passes_everything_in_order(echo: Echo) -> None:
    assert await passed(echo, Line(delay_s=0.005), seed=1) == list(range(200))


async def test_loss_is_a_matter_of_the_seed(echo: Echo) -> None:
    line = Line(loss_up=0.1, loss_down=0.1)
    first = await passed(echo, line, seed=1)
    assert 130 < len(first) < 195
    assert first == await passed(echo, line, seed=1)
    assert first != await passed(echo, line, seed=2)


async def test_a_rebind_changes_the_source_port(echo: Echo) -> None:
    address = echo.udp.get_extra_info("sockname")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        async with udp_proxy(address, 1, Line(), 0) as proxy:
            for turn in (1, 2):
                client.sendto(b"x", proxy.address)
                await wait_until(
                    lambda n=turn: None if len(echo.sources) == n else "lost",
                    timeout=5,
                )
                proxy.rebind()
    assert len(set(echo.sources)) == 2
