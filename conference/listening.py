"""The ports of the server, and what is said when one cannot be had."""

import errno
import socket


class PortTaken(Exception):
    """One sentence: which port cannot be served."""


def listen(host: str, port: int) -> socket.socket:
    """A TCP socket that listens; `::` is both families. PortTaken when that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both, address = host == "::", (host, port)
    try:
        return socket.create_server(address, family=family, backlog=256, dualstack_ipv6=both)
    except OSError as error:
        raise PortTaken(taken("TCP", host, port, error)) from None


def taken(kind: str, host: str, port: int, error: OSError) -> str:
    """The sentence of PortTaken. `kind`: TCP or UDP."""
    if error.errno == errno.EADDRINUSE:
        return f"the {kind} port {port} of {host} is taken"
    return f"the {kind} port {port} of {host} cannot be used: {error.strerror}"
