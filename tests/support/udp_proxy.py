"""A bad line on purpose: a UDP proxy on loopback that loses, delays, and moves to another port.

The server is started with `--media-advertise 127.0.0.1:PORT`, so that everybody sends to the
proxy; each sender becomes a flow with a socket of its own towards the server. All loss comes from
the seed. Keep the test's loop free while it runs: the proxy lives on it.
"""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

Address = tuple[str, int]

BUFFER = 4 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """How bad the line is: loss as a share of the datagrams of a direction, delay one way."""

    loss_up: float = 0.0
    loss_down: float = 0.0
    delay_s: float = 0.0


@dataclass(slots=True)
class Counts:
    """Datagrams, by what became of them."""

    passed_up: int = 0
    passed_down: int = 0
    lost_up: int = 0
    lost_down: int = 0
    rebinds: int = 0


class UdpProxy:
    """`address` is where the participants send to."""

    def __init__(self, server: Address, seed: int, line: Line) -> None:
        self.line = line
        self.counts = Counts()
        self.address: Address = ("127.0.0.1", 0)
        self.seen: deque[bytes] = deque(maxlen=500)  # what the participants sent last
        self._server = server
        self._seed = seed
        self._front: asyncio.DatagramTransport | None = None
        self._flows: dict[Address, _Flow] = {}
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, port: int = 0) -> None:
        """Open the front door."""
        loop = asyncio.get_running_loop()
        front, _ = await loop.create_datagram_endpoint(
            lambda: _Door(self._from_client), sock=_udp_socket(port)
        )
        self._front = front
        self.address = front.get_extra_info("sockname")

    def close(self) -> None:
        """Drop everything that is on its way."""
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()
        for flow in self._flows.values():
            flow.close()
        if self._front is not None:
            self._front.close()

    def rebind(self) -> None:
        """Every flow gets another source port, as behind a home router that forgot: what the
        server still sends to the old port is gone."""
        for flow in self._flows.values():
            flow.bind()
        self.counts.rebinds += 1

    def _from_client(self, data: bytes, client: Address) -> None:
        self.seen.append(data)
        flow = self._flows.get(client)
        if flow is None:
            seed = self._seed * 1000 + len(self._flows)
            flow = self._flows[client] = _Flow(self, client, Random(seed))
            flow.bind()
        if flow.random_up.random() < self.line.loss_up:
            self.counts.lost_up += 1
        else:
            self.counts.passed_up += 1
            self._later(lambda: flow.to_server(data))

    def from_server(self, flow: "_Flow", data: bytes) -> None:
        """A datagram came back on a flow's own socket."""
        if flow.random_down.random() < self.line.loss_down:
            self.counts.lost_down += 1
        else:
            self.counts.passed_down += 1
            self._later(lambda: self._to_client(data, flow.client))

    def _to_client(self, data: bytes, client: Address) -> None:
        if self._front is not None:
            self._front.sendto(data, client)

    def _later(self, act: Callable[[], None]) -> None:
        """One delay for all, so what came first goes first."""
        if not self.line.delay_s:
            act()
            return
        loop = asyncio.get_running_loop()
        self._waiting.append((loop.time() + self.line.delay_s, act))
        if self._timer is None:
            self._timer = loop.call_at(self._waiting[0][0], self._due)

    def _due(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._waiting and self._waiting[0][0] <= loop.time():
            self._waiting.popleft()[1]()
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0][0], self._due)


class _Flow:
    """One sender and the socket that speaks to the server in its name."""

    def __init__(self, proxy: UdpProxy, client: Address, random: Random) -> None:
        self.client = client
        self.random_up = Random(random.getrandbits(64))
        self.random_down = Random(random.getrandbits(64))
        self._proxy = proxy
        self._back: socket.socket | None = None

    def bind(self) -> None:
        """A new socket, read by the loop; the old one is closed with what it still holds."""
        loop = asyncio.get_running_loop()
        self.close()
        self._back = back = _udp_socket(0)
        loop.add_reader(back, self._readable, back)

    def to_server(self, data: bytes) -> None:
        """Send by whatever socket the flow has now."""
        if self._back is not None:
            self._back.sendto(data, self._proxy._server)

    def close(self) -> None:
        """Forget the socket."""
        if self._back is not None:
            asyncio.get_running_loop().remove_reader(self._back)
            self._back.close()
            self._back = None

    def _readable(self, back: socket.socket) -> None:
        for _ in range(64):
            try:
                data = back.recv(2048)
            except (BlockingIOError, ConnectionError):
                return
            self._proxy.from_server(self, data)


class _Door(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._received(data, addr)


def _udp_socket(port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    udp.setblocking(False)
    udp.bind(("127.0.0.1", port))
    return udp


@asynccontextmanager
async def udp_proxy(server: Address, seed: int, line: Line, port: int) -> AsyncIterator[UdpProxy]:
    """A running proxy whose front door is `port`, the one the server advertises."""
    proxy = UdpProxy(server, seed, line)
    await proxy.start(port)
    try:
        yield proxy
    finally:
        proxy.close()
