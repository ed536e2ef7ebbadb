"""`python -m conference.simulation participant --join URL --report FILE --seed N --seconds S`
`python -m conference.simulation crowd --plan PLAN.json --report FILE`
`python -m conference.simulation story --cache DIR`, the cast as a line of JSON on standard input
`python -m conference.simulation performance --cache DIR`, see performance.py

Exit 0 when everybody left in order, 1 when someone was refused, replaced or failed (the report
says who and why), 2 for a bad command line. A story goes on until standard input ends."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from conference.simulation.crowd import Plan, read_plan, run_crowd, write_reports
from conference.simulation.ensemble import read_cast, run_cast
from conference.simulation.participant import Person
from conference.simulation.performance import perform
from conference.simulation.script import parse_script
from conference.tasks import TaskOwner


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if options.command in ("story", "performance"):
        return _for_the_server(options)
    try:
        plan = _plan(options)
    except (OSError, ValueError, KeyError) as error:
        parser.error(f"{type(error).__name__}: {error}")
    reports = asyncio.run(run_crowd(plan))
    write_reports(options.report, reports)
    failed = [report for report in reports if report["outcome"] != "left"]
    for report in failed:
        print(f"{report['name']}: {report['outcome']}", file=sys.stderr)
    return 1 if failed else 0


def _for_the_server(options: argparse.Namespace) -> int:
    """What a server starts for itself: links and names come by a pipe, where nobody else sees
    them."""
    if options.command == "performance":
        os.nice(5)  # nobody waits for it, and a live session may go on beside it
        perform(iter(sys.stdin), options.cache, sys.stdout.buffer)
    else:
        cast = read_cast(json.loads(sys.stdin.readline()))
        asyncio.run(_until_the_pipe_ends(run_cast(cast, options.cache)))
    return 0


async def _until_the_pipe_ends(story: Coroutine[Any, Any, None]) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            over.set()

    loop.add_reader(sys.stdin.fileno(), read)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    async with TaskOwner("story") as tasks:
        tasks.spawn("cast", story)
        await over.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m conference.simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("participant", help="one person")
    one.add_argument("--join", required=True, metavar="URL", help="the person's join link")
    one.add_argument("--seed", type=int, default=1, help="colour, pitch, and all chance")
    one.add_argument("--seconds", type=float, default=30.0, help="how long to send")
    one.add_argument("--name", default="participant")
    one.add_argument(
        "--role-script", default="", metavar="TEXT", help='"2 record start, 5 mute camera"'
    )
    one.add_argument("--watch", action="store_true", help="decode what comes")
    crowd = commands.add_parser("crowd", help="several people in one process")
    crowd.add_argument("--plan", type=Path, required=True, metavar="FILE")
    for name in ("story", "performance"):
        with_cache = commands.add_parser(name, help="for a server that starts it")
        with_cache.add_argument("--cache", type=Path, required=True, metavar="DIR")
    for command in (one, crowd):
        command.add_argument("--report", type=Path, required=True, metavar="FILE")
    return parser


def _plan(options: argparse.Namespace) -> Plan:
    if options.command == "crowd":
        return read_plan(json.loads(options.plan.read_text(encoding="utf-8")))
    script = parse_script(options.role_script)
    person = Person(options.name, options.join, options.seed, script, options.watch)
    return Plan([person], options.seconds)


if __name__ == "__main__":
    sys.exit(main())
