"""The people of a story in one process: each has a seat's link, a machine that knows what to do
next (story.py), and loops that show it. They stay until the process is told to end, and whoever is
replaced by a person does not come back."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from conference.clock import Clock, SystemClock
from conference.simulation.figure import Look, Mood
from conference.simulation.handwriting import signature
from conference.simulation.loops import SILENT, SPEAKING
from conference.simulation.participant import Participant, Person
from conference.simulation.reels import Reels, reels
from conference.simulation.story import Player, Understudy, Wish
from conference.tasks import TaskOwner

STAGGER_S = 0.7
"""Between one coming in and the next."""
STEP_S = 0.1
FIRST = ("department",)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Role:
    """One seat to be filled, by whom, with which link. `host`: only when no person hosts."""

    name: str
    role: str
    seat: str
    url: str
    host: bool


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody. `certificate`: hex SHA-256 of the server's own, None where http is served."""

    roles: Sequence[Role]
    certificate: str | None


def read_cast(data: Mapping[str, Any]) -> Cast:
    """From JSON: {"certificate": hex or null, "people": [{"name", "role", "seat", "url",
    "host"}]}. KeyError or TypeError when it does not fit."""
    return Cast([Role(**each) for each in data["people"]], data["certificate"])


class Member:
    """One simulated participant."""

    def __init__(self, role: Role, shown: Reels, seed: int, certificate: str | None) -> None:
        self.role = role
        random = Random(f"{seed} {role.name}")
        strokes = signature(role.name, random)
        pace = random.uniform(0.8, 1.15)
        self.player = Player(role.seat, strokes, pace, leads=role.host)
        self._shown = shown
        self._mood: Mood = "quiet"
        self._clock: Clock = SystemClock()
        trusted = None if certificate is None else bytes.fromhex(certificate)
        person = Person(role.name, role.url, seed, listens=False, keeps=False, certificate=trusted)
        self._participant = Participant(person, shown["quiet"], self._clock, random)
        self._participant.on_welcome = self.player.view.welcome
        self._participant.on_told = self.player.view.told
        self._participant.audio.play(shown["quiet"].sound, SILENT)

    @property
    def inside(self) -> bool:
        """Has come in, and nobody has taken the seat."""
        return self._participant.ready.is_set() and self.outcome == "running"

    @property
    def outcome(self) -> str:
        """How it ended, or "running"."""
        return self._participant.report.outcome

    async def live(self) -> None:
        """Take part until a person takes the seat."""
        never = asyncio.Event()
        await self._participant.run(never, never, 0.0)
        if self.outcome not in ("replaced", "ended"):
            _log.warning("a participant of the story ended: %s", self.outcome)

    async def play(self) -> None:
        """Do what the story wants next, again and again."""
        await self._participant.ready.wait()
        async with TaskOwner("asking") as tasks:
            while self.inside:
                now_us = self._clock.mono_us()
                wish = self.player.act(now_us)
                self._show(self.player.mood(now_us, self._clock.wall_us()))
                if wish is not None:
                    tasks.spawn(wish.name, self._ask(wish))
                await asyncio.sleep(STEP_S)

    async def _ask(self, wish: Wish) -> None:
        request = await self._participant.command(wish.name, wish.payload)
        if not request.ok:
            _log.warning("%s was refused: %s", wish.name, request.error)
        self.player.answered(bool(request.ok), self._clock.mono_us())

    def _show(self, mood: Mood) -> None:
        if mood != self._mood:
            self._mood = mood
            level = SPEAKING if mood == "speech" else SILENT
            self._participant.video.play(self._shown[mood].frames)
            self._participant.audio.play(self._shown[mood].sound, level)


async def run_cast(cast: Cast, cache: Path) -> None:
    """Everybody comes in, one after the other, and plays until cancelled."""
    looks = [Look(role.name, role.role, seed) for seed, role in enumerate(cast.roles)]
    shown = await asyncio.to_thread(reels, looks, cache)
    members = [
        Member(role, reel, seed, cast.certificate)
        for seed, (role, reel) in enumerate(zip(cast.roles, shown, strict=True))
    ]
    async with TaskOwner("story", _say_failed) as tasks:
        inside = await _come_in(tasks, [member for member in members if not member.role.host])
        hosts = [member for member in members if member.role.host]
        understudy, clock = Understudy(), SystemClock()
        while True:
            views = [member.player.view for member in inside if member.inside]
            if hosts and views and understudy.look(views[0], clock.mono_us()):
                _begin(tasks, hosts.pop())
            await asyncio.sleep(STEP_S)


async def _come_in(tasks: TaskOwner, members: Sequence[Member]) -> list[Member]:
    """One after the other, but nobody into a seat that a person has already. What the first one
    sees decides for the others, so it is one whose seat hardly anybody takes."""
    inside: list[Member] = []
    for member in sorted(members, key=lambda each: each.role.role not in FIRST):
        taken = {seat for other in inside if other.inside for seat in other.player.view.people()}
        if member.role.seat in taken:
            continue
        _begin(tasks, member)
        inside.append(member)
        await asyncio.sleep(STAGGER_S)
        while len(inside) == 1 and not member.inside and member.outcome == "running":
            await asyncio.sleep(STEP_S)
    return inside


def _begin(tasks: TaskOwner, member: Member) -> None:
    tasks.spawn(f"{member.role.role} lives", member.live())
    tasks.spawn(f"{member.role.role} plays", member.play())


def _say_failed(task: str, error: BaseException) -> None:
    _log.error("%s failed", task, exc_info=error)
