"""The story's people (conference/simulation/story.py) before the real rules of room and documents,
on a clock that the test turns."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

from conference.documents import commands as d
from conference.documents.agreement import AgreementFields
from conference.errors import Refused
from conference.events.base import Event
from conference.events.room import Device, SeatInfo
from conference.ids import EndpointId, SeatId
from conference.rooms import commands as c
from conference.rooms.audience import feed
from conference.rooms.commands import CreateSession
from conference.rooms.snapshot import snapshot
from conference.simulation.handwriting import signature
from conference.simulation.story import Player, Wish
from tests.support.documents import AHMET, INK, RESPONDENT, SigningPlay
from tests.support.story_a import DEPARTMENT, FATHER, JUDGE, MEDIATOR, SEATS, create_session

INTERPRETER = SeatId("seat-gulnar")
CLERK = SeatId("seat-zhou-ting")
OTHERS = (
    SeatInfo(INTERPRETER, "gulnar", "古丽娜尔", "interpreter", "九团综治中心"),
    SeatInfo(CLERK, "zhou-ting", "周婷", "clerk", "九团人民调解委员会"),
)
CAST = (JUDGE, CLERK, FATHER, AHMET, INTERPRETER, DEPARTMENT)
STEP_S = 0.1

Ask = c.Command | d.DocumentCommand
_RECORD: dict[str, Ask] = {
    "start": c.StartRecording(),
    "pause": c.PauseRecording(),
    "resume": c.ResumeRecording(),
    "stop": c.StopRecording(),
}
_COMMANDS: dict[str, Callable[[Mapping[str, Any]], Ask]] = {
    "record": lambda said: _RECORD[said["action"]],
    "session": lambda said: c.ResumeSession(),
    "document_draft": lambda said: d.DraftDocument(AgreementFields.model_validate(said["fields"])),
    "document_freeze": lambda said: d.FreezeDocument(**said),
    "document_acknowledge": lambda said: d.AcknowledgeClause(**said),
    "document_sign": lambda said: d.SignDocument(
        said["document"], said["version"], said["hash"], strokes_hash=INK
    ),
}


class Theatre(SigningPlay):
    """`players`: who is simulated and inside. `told`: seconds, seat and kind of all that happened
    since the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.players: dict[SeatId, Player] = {}
        self.told: list[tuple[float, SeatId, Event]] = []
        self.refusals = 0
        self._known: dict[SeatId, int] = {}
        self._numbers = count(1)
        self._start_us = self.clock.mono_us()

    def creation(self) -> CreateSession:
        return replace(create_session(), seats=(*SEATS, RESPONDENT, *OTHERS))

    @property
    def now_s(self) -> float:
        return (self.clock.mono_us() - self._start_us) / 1e6

    def enters(self, *seats: SeatId) -> "Theatre":
        """Simulated participants of these seats come in."""
        for seat in seats:
            self._join(seat, "participant")
            self.players[seat] = Player(seat, signature(seat, Random(1)), leads=seat == MEDIATOR)
            self._welcome(seat)
        return self

    def person(self, seat: SeatId) -> "Theatre":
        """A person opens the seat's link; whoever played it is replaced."""
        self.players.pop(seat, None)
        self._join(seat, "browser")
        return self

    def asks(self, seat: SeatId, command: Ask) -> list[Event]:
        """A command of anybody, told to all players."""
        happened = self.says(seat, command)
        self.told += [(self.now_s, seat, event) for event in happened]
        for name, player in self.players.items():
            for item in feed(self.entries, name, self._known[name]):
                player.view.told(item.kind, item.data)
                self._known[name] = item.n
        return happened

    def goes_on(self, seconds: float) -> None:
        """Time passes, and the players play."""
        for _ in range(round(seconds / STEP_S)):
            self.wait(STEP_S)
            for seat, player in list(self.players.items()):
                wish = player.act(self.clock.mono_us())
                if wish is not None:
                    player.answered(self._asked(seat, wish), self.clock.mono_us())

    def speaking(self) -> list[SeatId]:
        """Whose microphone has something to say at this moment."""
        now = (self.clock.mono_us(), self.clock.wall_us())
        return [seat for seat, player in self.players.items() if player.mood(*now) == "speech"]

    def when(self, kind: type[Event], seat: SeatId | None = None) -> list[float]:
        """At which seconds such events happened, by this seat."""
        return [
            at_s
            for at_s, who, event in self.told
            if isinstance(event, kind) and seat in (None, who)
        ]

    def _asked(self, seat: SeatId, wish: Wish) -> bool:
        try:
            self.asks(seat, _COMMANDS[wish.name](wish.payload))
        except Refused:
            self.refusals += 1
            return False
        return True

    def _join(self, seat: SeatId, device: Device) -> None:
        name = EndpointId(f"endpoint-{seat}-{next(self._numbers)}")
        self.asks(seat, c.JoinEndpoint(name, device))

    def _welcome(self, seat: SeatId) -> None:
        now = self.clock.now(self.epoch)
        self.players[seat].view.welcome(snapshot(self.room, seat, now))
        self._known[seat] = len(feed(self.entries, seat))
