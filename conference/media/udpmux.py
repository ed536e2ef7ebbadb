"""The one UDP socket: STUN, DTLS and media on one port (RFC 7983)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from conference.media.forwarder.api import Address, Datagram

BUFFER_BYTES = 4 * 1024 * 1024
"""One socket carries everybody: the default loses the bursts of keyframes."""
MAX_DATAGRAM = 2048
MAX_DRAIN = 128
"""Datagrams taken per wake-up, so that the loop's other work is never far away."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who takes what.  `media` gets a view that is valid during the call only."""

    stun: Callable[[bytes, Address], None]
    dtls: Callable[[bytes, Address], None]
    media: Callable[[memoryview, Address], None]


class UdpMux:
    """Owner of the socket.  Used from the loop's thread only."""

    def __init__(self, host: str, port: int) -> None:
        """Bind; OSError when that cannot be done.  Port 0 takes a free one."""
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._mapped = host == "::"
        self._buffer = bytearray(MAX_DATAGRAM)
        self._view = memoryview(self._buffer)
        self._receivers: Receivers | None = None
        self.counters: Counter[str] = Counter()

    @property
    def address(self) -> Address:
        """What it is bound to."""
        name = self._socket.getsockname()
        return name[0], name[1]

    def buffer_bytes(self) -> tuple[int, int]:
        """Receive and send buffer as granted; Linux counts its own bookkeeping in."""
        return (
            self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
            self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF),
        )

    def start(self, receivers: Receivers) -> None:
        """Begin to read, on the running loop."""
        self._receivers = receivers
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._drain)

    def close(self) -> None:
        """Stop reading and give the port back."""
        if self._socket.fileno() >= 0:
            if self._receivers is not None:
                asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()

    def send(self, datagram: Datagram, address: Address) -> bool:
        """Hand over one datagram; False when the kernel does not take it (counted)."""
        host = f"::ffff:{address[0]}" if self._mapped and ":" not in address[0] else address[0]
        try:
            self._socket.sendto(datagram, (host, address[1]))
        except BlockingIOError:
            self.counters["send_buffer_full"] += 1
            return False
        except OSError:  # no route, or an ICMP error of an earlier datagram
            self.counters["send_failed"] += 1
            return False
        return True

    def _drain(self) -> None:
        for _ in range(MAX_DRAIN):
            try:
                size, source = self._socket.recvfrom_into(self._buffer)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error of an earlier datagram
                self.counters["receive_failed"] += 1
                continue
            host = source[0].removeprefix("::ffff:") if self._mapped else source[0]
            self._dispatch(size, (host, source[1]))

    def _dispatch(self, size: int, address: Address) -> None:
        receivers = self._receivers
        if receivers is None or size == 0:
            return
        first = self._buffer[0]
        if 127 < first < 192:
            receivers.media(self._view[:size], address)
        elif 19 < first < 64:
            receivers.dtls(bytes(self._view[:size]), address)
        elif first < 4:
            receivers.stun(bytes(self._view[:size]), address)
        else:
            self.counters["not_ours"] += 1
