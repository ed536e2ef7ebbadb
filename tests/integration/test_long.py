"""What takes minutes: `make long`. Closing notes quote its figures."""

import time
from pathlib import Path
from random import Random

import pytest

from tests.support.evidence import lost_media_s, verify
from tests.support.metrics import metric
from tests.support.participants import HOST, crowd, demo_plan, not_left, random_mutes
from tests.support.relay import check_relay
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

pytestmark = pytest.mark.long

RELAY_S = 600
KILLS = 20
LOST_S = 0.5


async def test_ten_minutes_of_exact_relay(server: ServerProcess, tmp_path: Path) -> None:
    random = Random(RELAY_S)
    plan = demo_plan(server.demo(), 6, RELAY_S, lambda _: random_mutes(random, RELAY_S))
    async with crowd(tmp_path / "crowd", plan) as people:
        reports = await people.reports(timeout=RELAY_S + 90)
    assert not not_left(reports), people.output()
    verdict = check_relay(reports)
    print(verdict)
    assert not verdict.faults
    assert await metric(server.base_url, "lost_in_server") == 0


@pytest.mark.parametrize("seed", range(KILLS))
async def test_a_kill_loses_no_more_than_half_a_second(
    server: ServerProcess, tmp_path: Path, seed: int
) -> None:
    moment_us = 3_000_000 + Random(seed).randrange(2_000_000)
    plan = demo_plan(server.demo(), 2, 30, lambda who: "0 record start" if who == HOST else "")
    async with crowd(tmp_path / "crowd", plan) as people:
        at_us = await people.ready() + moment_us
        await wait_until(lambda: to_go(at_us), timeout=20, interval=0.01)
        killed_us = time.monotonic_ns() // 1000
        await server.kill()
        await server.start()
        people.stop()
        reports = await people.reports(timeout=60)
    await server.stop()
    lost = lost_media_s(server.data, reports, killed_us)
    print(f"kill {seed}: {max(lost.values()):.3f} s of media relayed and not on disk")
    assert max(lost.values()) <= LOST_S
    code, said = verify(server.data)
    assert code == 0, said


def to_go(at_us: int) -> str | None:
    left_us = at_us - time.monotonic_ns() // 1000
    return f"{left_us} µs to go" if left_us > 0 else None
