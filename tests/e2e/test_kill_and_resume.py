"""The server dies while it records; everybody is back in the seat, and nothing is lost."""

import re
import time
from pathlib import Path
from typing import Any

from tests.e2e.conftest import FOUR
from tests.support.evidence import journal_entries, lost_media_s, verify
from tests.support.participants import crowd, person
from tests.support.person import Person
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

OTHERS = ("艾合买提·吐尔逊", "周婷")
SECONDS = 60.0
RECORDED_S = 8
BACK_WITHIN_S = 15
MEDIA_LOST_S = 0.5


async def test_kill_and_start_again(
    server: ServerProcess, four: list[Person], tmp_path: Path
) -> None:
    mediator = next(each for each in four if each.name == "马晓燕")
    async with crowd(tmp_path / "crowd", plan_of(server)) as others:
        await others.ready()
        await wait_until(lambda: everybody_sees_everybody(four), timeout=20, interval=0.5)
        await mediator.press("record")
        await wait_until(lambda: recorded_for(mediator, RECORDED_S), timeout=20)
        loaded = [await each.loaded_at() for each in four]

        await server.kill()
        killed_us = time.monotonic_ns() // 1000
        await server.start()

        await wait_until(
            lambda: everybody_sees_everybody(four), timeout=BACK_WITHIN_S, interval=0.5
        )
        assert [await each.loaded_at() for each in four] == loaded, "a page was reloaded"
        await paused_until_the_host_resumes(mediator, four)
        assert others.running(), others.output()
        others.stop()
        reports = await others.reports(timeout=30)
    assert await server.stop() == 0
    everything_is_on_disk(server.data, reports, killed_us)
    assert [each.complaints for each in four] == [[], [], [], []]


async def recorded_for(mediator: Person, seconds: int) -> str | None:
    """The red sign counts at least so many seconds."""
    sign = re.fullmatch(r"\D*(\d+):(\d+):(\d+)", await mediator.text("recording-state"))
    if sign is None:
        return "nothing is being recorded"
    hours, minutes, rest = map(int, sign.groups())
    shown = hours * 3600 + minutes * 60 + rest
    return None if shown >= seconds else f"{shown} s are recorded"


def plan_of(server: ServerProcess) -> dict[str, object]:
    """Two participants who switch devices off and on before the kill."""
    links = server.demo()["sessions"][0]["join_urls"]
    mutes = "3 mute camera, 4 unmute camera, 6 mute microphone, 7 unmute microphone"
    people = [person(name, links[name], seed, mutes) for seed, name in enumerate(OTHERS)]
    return {"seconds": SECONDS, "participants": people}


async def paused_until_the_host_resumes(mediator: Person, four: list[Person]) -> None:
    for each in four:
        await each.wait_for_text("session-state", "已暂停", timeout=3)
        await each.wait_for_text("recording-state", "录制暂停", timeout=3)
    await mediator.press("session")
    await mediator.wait_for_text("session-state", "进行中", timeout=5)
    await mediator.press("record")
    await mediator.wait_for_text("recording-state", "录音录像中", timeout=5)


def everything_is_on_disk(data: Path, reports: list[dict[str, Any]], killed_us: int) -> None:
    assert [report["outcome"] for report in reports] == ["left", "left"]
    lost = lost_media_s(data, reports, killed_us)
    print("seconds of media relayed, but not on disk:", sorted(lost.values()))
    assert len(lost) == 12, "six people send a picture and a sound each"
    assert max(lost.values()) <= MEDIA_LOST_S
    causes = {entry["cause"] for entry in journal_entries(data)}
    for report in reports:
        assert len(report["epochs"]) == 2, report["epochs"]
        assert report["acknowledged"] and set(report["acknowledged"]) <= causes
    code, said = verify(data)
    assert code == 0, said


async def everybody_sees_everybody(people: list[Person]) -> str | None:
    for each in people:
        others = [name for name in (*FOUR, *OTHERS) if name != each.name]
        if why := await each.sees_and_hears(others, frames=2):
            return why
    return None
