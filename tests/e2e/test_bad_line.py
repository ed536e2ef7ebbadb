"""One page and two participants behind a line that loses 5 % each way: the picture goes on."""

from pathlib import Path

from playwright.async_api import Browser

from tests.support.participants import crowd, demo_plan
from tests.support.person import person
from tests.support.proxied import proxied_server
from tests.support.server import ServerProcess
from tests.support.udp_proxy import Line
from tests.support.wait import wait_until

SEED = 11
WATCHED_S = 20
LONGEST_GAP_MS = 2000


async def test_the_picture_goes_on(browser: Browser, tmp_path: Path) -> None:
    line = Line(loss_up=0.05, loss_down=0.05, delay_s=0.04)
    async with proxied_server(tmp_path, SEED, line) as (server, _):
        await watch(browser, server, tmp_path)


async def watch(browser: Browser, server: ServerProcess, tmp_path: Path) -> None:
    plan = demo_plan(server.demo(), 2, WATCHED_S + 40)
    names = [each["name"] for each in plan["participants"]]
    async with crowd(tmp_path / "crowd", plan) as others:
        await others.ready()
        async with person(browser, "王建国") as party:
            await party.come_in(server.demo()["sessions"][0]["join_urls"]["王建国"])
            await wait_until(lambda: party.sees_and_hears(names, frames=10), 20, interval=0.5)
            gaps = await party.page.evaluate(f"probe.gaps({WATCHED_S})")
            rows = await party.streams()
    for row in rows:
        share = row["concealed"] / row["samples"] if row["samples"] else 0
        print(row["kind"], row["who"], f"{row['freezes']} freezes, {share:.1%} concealed")
    print({name: f"longest gap {gap:.0f} ms" for name, gap in gaps.items()})
    assert sorted(gaps) == sorted(names)
    assert max(gaps.values()) <= LONGEST_GAP_MS, f"seed {SEED}"
