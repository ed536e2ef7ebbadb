"""The server's hold on the writer: starts the process, listens to it, and replaces it when it
dies or falls silent.

A writer that sends no status for SILENCE_US is killed, for it may come back hours later. A new one
is started at once; when writers keep dying the pause before the next grows up to BACKOFF's last.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Protocol

from conference.clock import Clock
from conference.events.recording import FailureReason
from conference.recording import wire
from conference.recording.recovery import lock_for_writer
from conference.recording.tap import Tap, socket_pair
from conference.tasks import TaskOwner

SILENCE_US = 2_500_000
CHECK_SECONDS = 0.1
BACKOFF = (0.0, 0.5, 2.0, 5.0, 15.0, 30.0)
"""Seconds before the next writer, after so many that lived shorter than SETTLED_US in a row."""
SETTLED_US = 60_000_000
END_SECONDS = 2.0
"""How long a writer may take to seal when the server ends."""

_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


class WriterListener(Protocol):
    """Who follows the writer's life; called on the loop, must not raise."""

    def writer_started(self) -> None:
        """A new writer is being started, and the tap leads to it; it knows no take and no track."""

    def writer_said(self, message: wire.Control) -> None:
        """A control message came."""

    def writer_failed(self, reason: FailureReason) -> None:
        """The writer is gone; another one will be started."""


class Supervisor:
    """Keeps one writer alive for as long as the server lives.

    `directory` exists; takes are written below it. `reserve` bytes of its disk stay free.
    """

    def __init__(self, directory: Path, reserve: int, clock: Clock, tap: Tap) -> None:
        self._directory = directory.resolve()
        self._reserve = reserve
        self._clock = clock
        self._tap = tap
        self._tasks = TaskOwner("writer")
        self._listener: WriterListener | None = None
        self._kept: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None
        self._process: Process | None = None
        self._first = asyncio.Event()
        self._heard_us = 0
        self.deaths = 0
        """Writers that died or were killed since the start."""
        self.granted_bytes = 0
        """What the kernel lets wait in the socket."""

    @property
    def pid(self) -> int | None:
        """The writer's process id, None between two writers."""
        return self._process.pid if self._process is not None else None

    async def start(self, listener: WriterListener) -> None:
        """Start the first writer, wait until it is a process, and keep one alive from now on."""
        self._listener = listener
        self._kept = self._tasks.spawn("keep alive", self._keep_alive())
        await self._first.wait()

    async def close(self) -> None:
        """Close the socket, so that the writer seals what it has and exits; wait for that."""
        await self._tasks.close()
        self._hang_up()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), END_SECONDS)
            except TimeoutError:
                _log.error("the recording writer did not end in %s s", END_SECONDS)
            self._process = None

    async def _keep_alive(self) -> None:
        assert self._listener is not None
        short_lives = 0
        while True:
            began_us = self._clock.mono_us()
            reason = await self._one_life(self._listener)
            self._hang_up()
            _log.error("recording writer: %s", reason)
            self.deaths += 1
            self._listener.writer_failed(reason)
            settled = self._clock.mono_us() - began_us >= SETTLED_US
            short_lives = 0 if settled else min(short_lives + 1, len(BACKOFF))
            await asyncio.sleep(BACKOFF[max(0, short_lives - 1)])

    async def _one_life(self, listener: WriterListener) -> FailureReason:
        ours, theirs, self.granted_bytes = socket_pair()
        self._socket = ours
        self._tap.attach(ours)
        asyncio.get_running_loop().add_reader(ours, self._read)
        listener.writer_started()
        try:
            process = await self._spawn(theirs)
        except OSError:
            _log.exception("the recording writer cannot be started")
            return "writer_died"
        finally:
            self._first.set()
        self._heard_us = self._clock.mono_us()
        exit_of = self._tasks.spawn("exit", process.wait())
        while True:
            ended, _ = await asyncio.wait({exit_of}, timeout=CHECK_SECONDS)
            if ended:
                self._process = None
                return "writer_died"
            if self._clock.mono_us() - self._heard_us > SILENCE_US:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGKILL)
                self._process = None
                return "writer_stalled"

    async def _spawn(self, theirs: socket.socket) -> Process:
        with theirs:
            lock = lock_for_writer(self._directory)
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "conference.recording.recorder",
                    str(theirs.fileno()), str(self._directory), str(self._reserve),
                    stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                    pass_fds=[theirs.fileno(), lock], cwd=_ROOT, start_new_session=True,
                )  # fmt: skip
            finally:
                os.close(lock)
        return self._process

    def _read(self) -> None:
        assert self._socket is not None and self._listener is not None
        while self._socket is not None:
            try:
                message = self._socket.recv(wire.MAX_MESSAGE)
            except BlockingIOError:
                return
            except OSError:
                message = b""
            if not message:  # the writer's end is closed: its exit is on the way
                asyncio.get_running_loop().remove_reader(self._socket)
                return
            self._heard_us = self._clock.mono_us()
            self._listener.writer_said(wire.read_control(message))

    def _hang_up(self) -> None:
        self._tap.detach()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
