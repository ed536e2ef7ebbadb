"""Test participants as a process of their own, started from a test and read back as reports."""

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.server import ROOT
from tests.support.wait import wait_until


class Crowd:
    """One process of `python -m conference.simulation crowd`. `plan` as read_plan wants it;
    `prefix` stands before its command line."""

    def __init__(
        self, directory: Path, plan: Mapping[str, Any], prefix: Sequence[str] = ()
    ) -> None:
        self._prefix = prefix
        self._plan_path = directory / "plan.json"
        self._report_path = directory / "reports.json"
        self._output_path = directory / "crowd.log"
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; the participants encode their media and come in."""
        self._plan_path.parent.mkdir(parents=True, exist_ok=True)
        self._plan_path.write_text(json.dumps(self._plan, ensure_ascii=False), encoding="utf-8")
        command = [*self._prefix, sys.executable, "-m", "conference.simulation", "crowd"]
        command += ["--plan", str(self._plan_path), "--report", str(self._report_path)]
        with self._output_path.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    async def ready(self, timeout: float = 30.0) -> int:
        """Wait until all are in and sending; gives the monotonic instant in microseconds."""

        def probe() -> str | None:
            if self._all_ready() is not None:
                return None
            self._still_running()
            return f"not all participants are ready:\n{self.output()}"

        await wait_until(probe, timeout)
        return self._all_ready() or 0

    async def reports(self, timeout: float) -> list[dict[str, Any]]:
        """Wait for the end of the plan; one report for each participant, in the plan's order."""

        def probe() -> str | None:
            assert self._process is not None
            return None if self._process.poll() is not None else "the participants still run"

        await wait_until(probe, timeout)
        if not self._report_path.exists():
            pytest.fail(f"the participants left no report:\n{self.output()}", pytrace=False)
        content = json.loads(self._report_path.read_text(encoding="utf-8"))
        reports: list[dict[str, Any]] = content["participants"]
        return reports

    def running(self) -> bool:
        """Whether the plan still goes on."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the plan now: they stop sending, drain, leave, and write their reports."""
        if self._process is not None and self.running():
            self._process.send_signal(signal.SIGTERM)

    def output(self) -> str:
        """What the process printed: who is ready, and errors."""
        return self._output_path.read_text(encoding="utf-8", errors="replace")

    def destroy(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _all_ready(self) -> int | None:
        for line in self.output().splitlines():
            if line.startswith('{"all_ready"'):
                return int(json.loads(line)["mono_us"])
        return None

    def _still_running(self) -> None:
        if self._process is None or self._process.poll() is not None:
            pytest.fail(f"the participants ended early:\n{self.output()}", pytrace=False)


@asynccontextmanager
async def crowd(
    directory: Path, plan: Mapping[str, Any], prefix: Sequence[str] = ()
) -> AsyncIterator[Crowd]:
    """A started crowd, and no process left behind."""
    running = Crowd(directory, plan, prefix)
    running.start()
    try:
        yield running
    finally:
        running.destroy()
        print(running.output())


def person(name: str, url: str, seed: int, script: str = "", watch: bool = False) -> dict[str, Any]:
    """One participant of a plan."""
    return {"name": name, "url": url, "seed": seed, "script": script, "watch": watch}


# Those of the demo session who come on a line of their own; the host is among the first two.
PEOPLE = ("马晓燕", "刘卫东", "王建国", "陈志强", "艾合买提·吐尔逊", "周婷")
HOST = PEOPLE[0]


def demo_plan(
    demo: Mapping[str, Any], count: int, seconds: float, script: Callable[[str], str] = lambda _: ""
) -> dict[str, Any]:
    """`count` people of the open demo session for `seconds`; `script` by name."""
    urls = demo["sessions"][0]["join_urls"]
    people = [
        person(name, urls[name], seed, script(name)) for seed, name in enumerate(PEOPLE[:count])
    ]
    return {"seconds": seconds, "participants": people}


def random_mutes(random: Random, seconds: float) -> str:
    """A script that turns microphone and camera off and on at random moments, everything on at
    the end."""
    steps = []
    for source in ("microphone", "camera"):
        at, muted = 1.0 + random.uniform(0, 3), False
        while at < seconds - 3:
            muted = not muted
            steps.append(f"{at:.3f} {'mute' if muted else 'unmute'} {source}")
            at += random.uniform(0.05, 0.5) if random.random() < 0.3 else random.uniform(1, 5)
        if muted:
            steps.append(f"{seconds - 2.5:.3f} unmute {source}")
    return ", ".join(steps)


def not_left(reports: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who did not leave in good order, with the reason."""
    return [f"{each['name']}: {each['outcome']}" for each in reports if each["outcome"] != "left"]
