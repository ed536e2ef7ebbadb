"""run_server.py as a process of its own: started, read, stopped, killed, started again."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.wait import wait_until

ROOT = Path(__file__).resolve().parents[2]


class ServerProcess:
    """One data directory and one pair of ports on 127.0.0.1, through any number of lives.

    `arguments` are added to run_server.py's own (`--port`, `--media-port`, `--data`), `prefix`
    stands before the command line (tests/support/netns.py). `rehearsed`: the demo makes its
    finished session too, some seconds of work beside the test's. What the process prints goes to a
    file beside the data directory.
    """

    def __init__(
        self,
        data: Path,
        arguments: tuple[str, ...] = ("--demo",),
        prefix: Sequence[str] = (),
    ) -> None:
        self.data = data
        self.arguments = arguments
        self.prefix = prefix
        self.port = free_port(socket.SOCK_STREAM)
        self.media_port = free_port(socket.SOCK_DGRAM)
        self.base_url = ""
        self._log_path = data.with_name(f"{data.name}.log")
        self.rehearsed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int:
        """The process id of the present or last life."""
        return self._started().pid

    async def start(self, timeout: float = 20.0) -> None:
        """Begin a life; back when it has printed `ready <base url>`."""
        self.launch()

        def ready() -> str | None:
            line = next((line for line in self.log().splitlines() if line.startswith("ready ")), "")
            self.base_url = line.removeprefix("ready ").strip()
            code = self._started().poll()
            if code is not None:
                pytest.fail(f"the server ended with {code} before ready:\n{self.log()}", False)
            return None if line else f"no `ready` from the server; it said:\n{self.log()}"

        await wait_until(ready, timeout)

    def launch(self) -> None:
        """Begin a life without waiting, for the starts that are meant to be refused."""
        command = [*self.prefix, sys.executable, str(ROOT / "run_server.py"), *self.arguments]
        command += ["--port", str(self.port), "--media-port", str(self.media_port)]
        command += ["--data", str(self.data)]
        command += [] if self.rehearsed else ["--bare-demo"]
        with self._log_path.open("ab") as log:
            self._log_start = log.tell()
            # A session of its own, so that `destroy` reaches whatever the server started.
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def ended(self, timeout: float) -> int:
        """The exit code, once the process has ended; fails when it has not within `timeout` s."""
        process = self._started()

        def gone() -> str | None:
            return f"the server runs (pid {process.pid})" if process.poll() is None else None

        await wait_until(gone, timeout)
        return int(process.returncode)

    async def stop(self, timeout: float = 5.0) -> int:
        """Ask it to end (SIGTERM) and return its exit code."""
        self._started().send_signal(signal.SIGTERM)
        return await self.ended(timeout)

    async def kill(self) -> None:
        """End it between two instructions (SIGKILL); its own children are left to themselves."""
        self._started().kill()
        await self.ended(5.0)

    def destroy(self) -> None:
        """Leave nothing behind: SIGKILL for the server and all that it started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def demo(self) -> dict[str, Any]:
        """DIR/demo.json: people, sessions and links of the demo."""
        content: dict[str, Any] = json.loads((self.data / "demo.json").read_text("utf-8"))
        return content

    def log(self) -> str:
        """What this life has printed so far."""
        if not self._log_path.exists():
            return ""
        return self._log_path.read_bytes()[self._log_start :].decode(errors="replace")

    def whole_log(self) -> str:
        """What all lives have printed."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the server was never launched")
        return self._process


def free_port(kind: socket.SocketKind) -> int:
    """A port of 127.0.0.1 that nobody has at this moment; stable over a server's lives."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server with the demo stories, ready; what it printed is part of a failure's report."""
    running = ServerProcess(tmp_path / "data")
    try:
        await running.start()
        yield running
    finally:
        running.destroy()
        print(running.whole_log())
