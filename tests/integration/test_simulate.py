"""`--demo --simulate` at a real server: who takes whose seat, and who begins."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.guest import NOTHING_OFF, Guest, command_id, guests
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

PARTY, WITNESS = "王建国", "李梅"
CAST = 6
"""Judge, clerk, two parties, interpreter, department."""


@pytest.fixture
async def simulated(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    running = ServerProcess(tmp_path / "data", ("--demo", "--simulate"))
    try:
        await running.start()
        yield running
    finally:
        running.destroy()
        print(running.whole_log())


async def test_a_person_takes_a_seat_for_good_and_a_simulated_mediator_begins(
    simulated: ServerProcess,
) -> None:
    async with guests(simulated, PARTY, WITNESS) as (party, witness):
        await join(witness)
        await wait_until(lambda: cast_is_in(witness), 60)
        mine = (await join(party))["endpoint"]
        await witness.hears("room:endpoint:replaced")
        await witness.hears("recording:session:started", 60)
        assert party.messages("replaced") == []
        snapshot = (await party.resume())["snapshot"]
        by_name = {seat["name"]: seat for seat in snapshot["seats"]}
        assert by_name[PARTY]["endpoint"] == by_name["王磊"]["endpoint"] == mine
        devices = sorted(each["device"] for each in snapshot["endpoints"])
        assert devices == ["browser"] * 2 + ["participant"] * CAST
        assert by_name["马晓燕"]["seat"] == snapshot["session"]["host_seat"]
        assert by_name["马晓燕"]["endpoint"] is not None
    assert await simulated.stop() == 0


async def test_nobody_is_driven_from_a_seat_by_the_cast(simulated: ServerProcess) -> None:
    async with guests(simulated, PARTY) as (party,):
        mine = (await join(party))["endpoint"]
        await wait_until(lambda: cast_is_in(party, CAST - 1), 60)
        snapshot = (await party.resume())["snapshot"]
        assert mine in [each["endpoint"] for each in snapshot["endpoints"]]
        assert party.messages("replaced") == []


async def join(person: Guest) -> Mapping[str, Any]:
    """As a page does it."""
    joined = {"command_id": command_id(), "device": "browser", "muted": NOTHING_OFF}
    person.welcome = await person.ask("join", joined)
    assert person.welcome["ok"], person.welcome
    return person.welcome


def cast_is_in(witness: Guest, wanted: int = CAST) -> str | None:
    """Everybody but the mediator, who waits."""
    before = [each["device"] for each in witness.welcome["snapshot"]["endpoints"]]
    since = [data["device"] for data in witness.events("room:endpoint:joined")]
    found = (before + since).count("participant")
    return None if found >= wanted else f"{found} of {wanted} are in"
