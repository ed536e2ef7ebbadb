"""Six people, half a minute, microphones and cameras going on and off: each subscriber gets every
packet it is entitled to once, in order, unchanged, and not one more."""

from pathlib import Path
from random import Random

from tests.support.metrics import metric
from tests.support.participants import crowd, demo_plan, not_left, random_mutes
from tests.support.relay import check_relay
from tests.support.server import ServerProcess

SEED = 20_261
SECONDS = 30


async def test_every_packet_reaches_exactly_those_entitled(
    server: ServerProcess, tmp_path: Path
) -> None:
    random = Random(SEED)
    plan = demo_plan(server.demo(), 6, SECONDS, lambda _: random_mutes(random, SECONDS))
    async with crowd(tmp_path / "crowd", plan) as people:
        reports = await people.reports(timeout=SECONDS + 45)
    assert not not_left(reports), people.output()
    verdict = check_relay(reports)
    print(verdict)
    assert not verdict.faults, f"seed {SEED}: {verdict}"
    assert verdict.toggles > 100 and verdict.owed > 20_000, verdict
    assert await metric(server.base_url, "lost_in_server") == 0
