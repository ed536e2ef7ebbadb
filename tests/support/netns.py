"""A network of its own for a test: a namespace with one address that is not loopback.

Servers bind that address as in an installation, so that they serve https, and no other test's
ports are in the way. Needs root (marker `root`) and Debian's iproute2."""

import asyncio
import ctypes
import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

ADDRESS = "10.77.0.1"
CLONE_NEWNET = 0x40000000
T = TypeVar("T")
_numbers = itertools.count(1)


class Namespace:
    """`address` is a veth's, which both browsers take for a machine in the network."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.address = ADDRESS

    def command(self, *line: str) -> list[str]:
        """The command line, to be run inside."""
        return ["ip", "netns", "exec", self.name, *line]

    def enter(self) -> None:
        """Move the calling thread inside, for good: its new sockets are the namespace's
        (setns(2), which is per thread)."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path(f"/run/netns/{self.name}").open("rb") as file:
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    async def call(self, function: Callable[[], T]) -> T:
        """Call a function that opens sockets, inside."""
        with ThreadPoolExecutor(1, "netns", self.enter) as thread:
            return await asyncio.get_running_loop().run_in_executor(thread, function)

    def wrapper(self, program: str, folder: Path) -> Path:
        """A script that runs a program inside, for those who start it by its path."""
        script = folder / Path(program).name
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} "{program}" "$@"\n')
        script.chmod(0o755)
        return script


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Made, and taken away again. The default route leads nowhere: without one Firefox gathers
    no candidate."""
    inside = Namespace(f"test-{os.getpid()}-{next(_numbers)}")
    _ip("netns", "add", inside.name)
    try:
        at = ("-n", inside.name)
        _ip(*at, "link", "set", "lo", "up")
        _ip(*at, "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        _ip(*at, "addr", "add", f"{inside.address}/24", "dev", "v0")
        for end in ("v0", "v1"):
            _ip(*at, "link", "set", end, "up")
        _ip(*at, "route", "add", "default", "via", "10.77.0.254", "dev", "v0")
        yield inside
    finally:
        _ip("netns", "del", inside.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=10)
