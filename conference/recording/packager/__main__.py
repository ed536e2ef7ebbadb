"""The packager's process.

    python -m conference.recording.packager RECORDINGS DERIVED KEEP_FREE

RECORDINGS is the folder of one session's takes, DERIVED the folder for what is made of them.
Started by packaging.py; plans come in on standard input, a line each (plan.py); on standard output
a line of JSON tells each second how far it is, and that everything is ready, after which it exits
with 0. When its input closes the server has gone, and it exits too. It takes no disk from the
recording: with less than KEEP_FREE bytes left it takes back what it wrote and exits with 3. It
only reads what is evidence; whatever happens to it, its files can be made again.
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path

from conference.recording.packager.manifest import NAME, Manifest, write_manifest
from conference.recording.packager.output import PART
from conference.recording.packager.package import Again, Package
from conference.recording.packager.plan import DISK_FULL, Plan, read_plan

REST_SECONDS = 0.5
HURRY_SECONDS = 0.05
"""So often it looks for the last blocks of a recording that has ended."""
STEADY_SECONDS = 0.3
TOLD_SECONDS = 1.0
NICENESS = 10


class Packager:
    """The loop of the process; `run` returns its exit code."""

    def __init__(self, recordings: Path, derived: Path, keep_free: int) -> None:
        self._keep_free = keep_free
        self._derived = derived
        self._package = Package(recordings, derived)
        self._plan: Plan | None = None
        self._line = b""
        self._ended = False
        self._told = 0.0
        self._complete_since: float | None = None

    def run(self) -> int:
        self._derived.mkdir(parents=True, exist_ok=True)
        for rest in self._derived.glob(f"*{PART}"):
            rest.unlink()
        more = False
        while True:
            self._listen(0.0 if more else self._rest())
            if self._ended:
                return 0
            more = self._plan is not None and self._package.step()
            try:
                if not more and self._finished():
                    return 0
            except Again:
                self._complete_since = None
                self._package = self._package.again()
            if not self._tell():
                self._package.give_up()
                return DISK_FULL

    def _rest(self) -> float:
        return HURRY_SECONDS if self._plan is not None and self._plan.final else REST_SECONDS

    def _listen(self, seconds: float) -> None:
        """Take in plans; the last one counts."""
        while select.select([0], [], [], seconds)[0]:
            seconds = 0.0
            data = os.read(0, 1 << 16)
            if not data:
                self._ended = True
                return
            *lines, self._line = (self._line + data).split(b"\n")
            if lines:
                first = self._plan is None
                self._plan = self._package.plan = read_plan(lines[-1])
                if first:
                    self._store(Manifest(self._plan.session, "following", 0.0, self._plan.r_end_us))

    def _finished(self) -> bool:
        """Everything has been taken and nothing more comes: write the ends."""
        plan, now = self._plan, time.monotonic()
        if plan is None or not plan.final or not self._package.complete():
            self._complete_since = None
            return False
        if self._complete_since is None:
            self._complete_since = now
        if now - self._complete_since < STEADY_SECONDS:
            return False
        self._store(self._package.finish(plan))
        self._say(type="ready")
        return True

    def _tell(self) -> bool:
        """Each second: how far it is. False when the disk is needed for the recording."""
        now = time.monotonic()
        if now - self._told < TOLD_SECONDS:
            return True
        self._told = now
        self._say(type="progress", progress=round(self._package.progress(), 4))
        disk = os.statvfs(self._derived)
        return disk.f_bavail * disk.f_frsize >= self._keep_free

    def _say(self, **message: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(message), flush=True)

    def _store(self, manifest: Manifest) -> None:
        """Replace the manifest as a whole."""
        path = self._derived / NAME
        new = path.with_name(f"{NAME}{PART}")
        with new.open("wb") as stream:
            stream.write(write_manifest(manifest))
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)


def main(arguments: list[str]) -> int:
    """Run until everything is ready or the input closes. Signals meant for the server's group do
    not end it."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    os.nice(NICENESS)
    recordings, derived, keep_free = arguments
    return Packager(Path(recordings), Path(derived), int(keep_free)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
