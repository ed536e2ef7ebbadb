"""Two people behind a bad line: what is lost is repaired in time, and a line that moves to
another port goes on with the keys it has."""

import time
from collections.abc import AsyncIterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.metrics import metric
from tests.support.participants import crowd, demo_plan, not_left
from tests.support.proxied import Proxied, proxied_server
from tests.support.relay import arrival_times
from tests.support.udp_proxy import Line
from tests.support.wait import wait_until

SEED = 7
IN_TIME_US = 1_000_000
SECONDS = 20


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[Proxied]:
    """A server that advertises the proxy's port instead of its own."""
    async with proxied_server(tmp_path, SEED, Line()) as running:
        yield running


async def test_lost_packets_arrive_in_time(proxied: Proxied, tmp_path: Path) -> None:
    server, proxy = proxied
    proxy.line = Line(loss_up=0.05, loss_down=0.05, delay_s=0.04)
    plan = demo_plan(server.demo(), 2, SECONDS) | {"drain_seconds": 2}
    async with crowd(tmp_path / "crowd", plan) as people:
        reports = await people.reports(timeout=SECONDS + 45)
    assert not not_left(reports), people.output()
    assert proxy.counts.lost_up > 100 and proxy.counts.lost_down > 100, proxy.counts
    shares = {}
    for kind in ("video", "audio"):
        delays = arrival_times(reports, kind)
        shares[kind] = sum(each is not None and each <= IN_TIME_US for each in delays) / len(delays)
        print(kind, len(delays), f"packets, {shares[kind]:.4%} within a second")
    print([report["counts"] for report in reports], proxy.counts)
    assert shares["video"] >= 0.995, f"seed {SEED}: {shares}"


async def test_another_port_keeps_the_dtls_session(proxied: Proxied, tmp_path: Path) -> None:
    server, proxy = proxied
    proxy.line = Line(delay_s=0.025)
    async with crowd(tmp_path / "crowd", demo_plan(server.demo(), 2, 12)) as people:
        ready_us = await people.ready()
        await _second(ready_us, 4.0)
        handshakes = await metric(server.base_url, "media_transport", "handshakes")
        proxy.rebind()
        moved_us = time.monotonic_ns() // 1000
        reports = await people.reports(timeout=60)
        assert await metric(server.base_url, "media_transport", "handshakes") == handshakes == 4
    assert not not_left(reports), people.output()
    for report in reports:
        assert [each["purpose"] for each in report["connections"]].count("publisher") == 1
        assert [each["purpose"] for each in report["connections"]].count("subscriber") == 1
        for facts in report["connections"]:
            assert facts["handshake_datagrams_after"] == 0, facts
        longest_us = _silence_after(report, moved_us)
        print(report["name"], f"{longest_us / 1000:.0f} ms without a packet after the move")
        assert longest_us <= 2_000_000


async def _second(ready_us: int, seconds: float) -> None:
    """Wait for a moment of the plan: so long since all were ready."""

    def probe() -> str | None:
        left_us = ready_us + seconds * 1_000_000 - time.monotonic_ns() // 1000
        return f"{left_us / 1e6:.1f} s to go" if left_us > 0 else None

    await wait_until(probe, timeout=seconds + 5)


def _silence_after(report: Mapping[str, Any], moved_us: int) -> int:
    """The longest time without a packet of a stream, in the five seconds after the move."""
    longest = 0
    for rows in report["received"].values():
        times = [row[0] for row in rows if moved_us - 500_000 < row[0] < moved_us + 5_000_000]
        assert times and times[-1] > moved_us + 4_000_000, "packets did not go on"
        longest = max(longest, *(b - a for a, b in pairwise(times)))
    return longest
