"""A server whose media go through the impairment proxy, named by `--media-advertise`."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.server import ServerProcess, free_port
from tests.support.udp_proxy import Line, UdpProxy, udp_proxy

Proxied = tuple[ServerProcess, UdpProxy]


@asynccontextmanager
async def proxied_server(directory: Path, seed: int, line: Line) -> AsyncIterator[Proxied]:
    """A ready server with the demo session, and the proxy in front of its media port."""
    port = free_port(socket.SOCK_DGRAM)
    advertise = ("--media-advertise", f"127.0.0.1:{port}")
    server = ServerProcess(directory / "data", ("--demo", *advertise))
    try:
        await server.start()
        async with udp_proxy(("127.0.0.1", server.media_port), seed, line, port) as proxy:
            yield server, proxy
    finally:
        server.destroy()
        print(server.whole_log())
