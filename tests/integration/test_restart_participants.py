"""The server is killed while four people talk and record, and started again: everybody is back in
the seat, what was acknowledged is in the journal, and nobody was told a number twice."""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.support.evidence import verify
from tests.support.participants import HOST, PEOPLE, crowd, demo_plan, not_left, random_mutes
from tests.support.relay import tracks_of
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

SEED = 5
SECONDS = 24
KILLED_AT_S = 6.0
BACK_WITHIN_US = 15_000_000


async def test_everybody_comes_back_after_a_kill(server: ServerProcess, tmp_path: Path) -> None:
    random = Random(SEED)

    def script(name: str) -> str:
        mutes = random_mutes(random, SECONDS)
        return (
            f"1 record start, 20 session resume, 20.5 record resume, {mutes}"
            if name == HOST
            else mutes
        )

    plan = demo_plan(server.demo(), 4, SECONDS, script)
    async with crowd(tmp_path / "crowd", plan) as people:
        ready_us = await people.ready()
        await wait_until(lambda: _to_go(ready_us, KILLED_AT_S), timeout=KILLED_AT_S + 5)
        await server.kill()
        killed_us = now_us()
        await server.start()
        started_us = now_us()
        reports = await people.reports(timeout=SECONDS + 45)
    print(f"{(started_us - killed_us) / 1e6:.2f} s between kill and ready")
    assert not not_left(reports), people.output()
    for report in reports:
        check_return(report, reports, started_us)
        check_feed(report)
    check_journal(server.data, reports)
    await server.stop()
    code, said = verify(server.data)
    assert code == 0, said


def now_us() -> int:
    return time.monotonic_ns() // 1000


def _to_go(ready_us: int, seconds: float) -> str | None:
    left_us = ready_us + seconds * 1e6 - now_us()
    return f"{left_us / 1e6:.1f} s to go" if left_us > 0 else None


def check_return(
    report: Mapping[str, Any], reports: Sequence[Mapping[str, Any]], started_us: int
) -> None:
    """The same endpoint in another epoch, and packets of everybody else, within 15 s."""
    name = report["name"]
    ways = [entry["how"] for entry in report["epochs"]]
    assert ways == ["join", "resume"], f"{name}: {report['epochs']}, {report['counts']}"
    assert report["epochs"][0]["epoch"] != report["epochs"][1]["epoch"]
    back_us = report["epochs"][1]["us"] - started_us
    assert back_us <= BACK_WITHIN_US, f"{name} came back after {back_us} us"
    for other in reports:
        if other is not report:
            times = _arrivals_of(report, other, started_us)
            first_us = min(times, default=0) - started_us
            assert times, f"{name} hears nothing of {other['name']} after the restart"
            assert first_us <= BACK_WITHIN_US, f"{name}: {other['name']} after {first_us} us"
            print(
                f"{name} back after {back_us / 1e6:.2f} s, {other['name']} {first_us / 1e6:.2f} s"
            )


def _arrivals_of(report: Mapping[str, Any], other: Mapping[str, Any], since_us: int) -> list[int]:
    sent = {packet.digest for track in tracks_of(other) for packet in track.packets}
    return [
        row[0]
        for rows in report["received"].values()
        for row in rows
        if row[0] >= since_us and row[3] in sent
    ]


def check_feed(report: Mapping[str, Any]) -> None:
    """Every number once and in order, from the first item to the last, over both lives."""
    numbers = [item["n"] for item in report["feed"]]
    first = report["epochs"][0]["feed"] + 1
    assert numbers == list(range(first, first + len(numbers))), report["name"]


def check_journal(data: Path, reports: Sequence[Mapping[str, Any]]) -> None:
    """What was acknowledged before the kill or after it is stored."""
    with sqlite3.connect(f"file:{data}/conference.db?mode=ro", uri=True) as database:
        rows = database.execute("SELECT payload FROM journal_entries").fetchall()
    causes = [json.loads(payload).get("cause") for (payload,) in rows]
    acknowledged = [each for report in reports for each in report["acknowledged"]]
    assert len(acknowledged) > len(PEOPLE[:4]) * 5
    missing = set(acknowledged) - set(causes)
    assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged commands are lost"
