"""Judge, mediator, party and department see and hear each other in real browsers."""

from typing import Any

from tests.e2e.conftest import SCREENSHOTS
from tests.support.person import Person
from tests.support.wait import wait_until

WATCHED_S = 40
WINDOW_S = 5


async def test_four_people_see_and_hear_each_other(four: list[Person]) -> None:
    names = [each.name for each in four]

    async def everybody() -> str | None:
        for each in four:
            others = [name for name in names if name != each.name]
            if why := await each.sees_and_hears(others, frames=30):
                return why
        return None

    await wait_until(everybody, timeout=20, interval=0.5)
    await keep_pictures(four)
    for each in four:
        await each.page.evaluate(f"window.observed = probe.observe({WATCHED_S}), 0")
    for each in four:
        series = await each.page.evaluate("window.observed")
        assert_every_window_has_frames(each.name, series)
    assert [each.complaints for each in four] == [[], [], [], []]


def assert_every_window_has_frames(name: str, series: list[list[dict[str, Any]]]) -> None:
    by_second = [
        {row["who"]: row for row in rows if row["kind"] == "video" and row["who"]}
        for rows in series
    ]
    for begin in range(len(by_second) - WINDOW_S):
        first, last = by_second[begin], by_second[begin + WINDOW_S]
        assert len(last) == 3
        for who, row in last.items():
            before = first[who]["frames"]
            assert row["frames"] > before, f"{name} had no new frame of {who} from second {begin}"
    for who, row in by_second[-1].items():
        decoded = row["frames"] - by_second[0][who]["frames"]
        rate = decoded / (len(by_second) - 1)
        print(f"{name} ← {who}: {rate:.1f} frames/s, {row['freezes']} freezes")


async def keep_pictures(people: list[Person]) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for each in people:
        await each.page.screenshot(path=SCREENSHOTS / f"room-{each.name}.png")


async def test_the_room_fits_every_screen(four: list[Person]) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in ((1920, 1080), (1440, 900), (390, 844)):
        for each in four[1:3]:
            await each.page.set_viewport_size({"width": width, "height": height})
            wider = "document.documentElement.scrollWidth > window.innerWidth"
            assert not await each.page.evaluate(wider), f"{each.name} scrolls at {width} px"
            await each.page.screenshot(path=SCREENSHOTS / f"room-{each.name}-{width}.png")
