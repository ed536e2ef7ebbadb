"""Several participants in one process: cheap, and with a common beginning and end."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from conference.clock import SystemClock
from conference.simulation.encode import EncodedMedia, encode
from conference.simulation.participant import Participant, Person
from conference.simulation.script import parse_script
from conference.tasks import TaskOwner


@dataclass(frozen=True, slots=True)
class Plan:
    """Who comes, for how long they send once all are ready, and how long they listen after."""

    people: Sequence[Person]
    seconds: float
    drain_seconds: float = 1.0


def read_plan(data: Mapping[str, Any]) -> Plan:
    """From JSON: {"seconds", "drain_seconds"?, "participants": [{"name", "url", "seed",
    "script"?: text, "watch"?: bool}]}. ValueError or KeyError when it does not fit."""
    people = [
        Person(
            name=each["name"],
            url=each["url"],
            seed=int(each["seed"]),
            script=parse_script(each.get("script", "")),
            watch=bool(each.get("watch", False)),
        )
        for each in data["participants"]
    ]
    if len({person.seed for person in people}) < len(people):
        raise ValueError("every participant needs a seed of their own")
    return Plan(people, float(data["seconds"]), float(data.get("drain_seconds", 1.0)))


async def run_crowd(plan: Plan) -> list[dict[str, Any]]:
    """Run the plan to its end, or until SIGTERM or SIGINT, and give back the reports. Tells on
    standard output, one JSON object a line, who is ready and when all are."""
    go, end = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    clock = SystemClock()
    media = await _encode(plan.people)
    people = [
        Participant(person, media[person.seed], clock, Random(f"{person.seed} {person.name}"))
        for person in plan.people
    ]
    async with TaskOwner("crowd") as tasks:
        tasks.spawn("timer", _keep_time(people, plan.seconds, go, end))
        runs = [
            tasks.spawn(each.person.name, each.run(go, end, plan.drain_seconds)) for each in people
        ]
        await asyncio.gather(*runs)
    for participant in people:
        participant.look()
    return [each.report.to_json() for each in people]


def write_reports(path: Path, reports: Sequence[Mapping[str, Any]]) -> None:
    """One JSON file for all."""
    path.write_text(json.dumps({"participants": reports}, ensure_ascii=False), encoding="utf-8")


async def _encode(people: Sequence[Person]) -> dict[int, EncodedMedia]:
    """In threads: nobody waits for anything yet, but signals are answered."""
    seeds = sorted({person.seed for person in people})
    loops = [await asyncio.to_thread(encode, seed) for seed in seeds]
    return dict(zip(seeds, loops, strict=True))


async def _keep_time(
    people: Sequence[Participant], seconds: float, go: asyncio.Event, end: asyncio.Event
) -> None:
    for participant in people:
        await participant.ready.wait()
        _tell(ready=participant.person.name)
    _tell(all_ready=len(people), mono_us=SystemClock().mono_us())
    go.set()
    await asyncio.sleep(seconds)
    end.set()


def _tell(**facts: object) -> None:
    print(json.dumps(facts, ensure_ascii=False), file=sys.stdout, flush=True)
