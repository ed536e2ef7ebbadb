"""Tests of a room that read as dialogues: someone asks, the room answers, time goes by.

play = Playbook().created()
play.says(MEDIATOR, JoinEndpoint(endpoint("desk"), "browser"))
play.hears(EndpointJoined(...), SessionOpened())
play.refuses(FATHER, StartRecording(), "not_allowed")
"""

from typing import Self

from conference.errors import Refused
from conference.events.base import Entry, Event, place
from conference.ids import SeatId
from conference.rooms.commands import SERVER, CreateSession, JoinEndpoint, StartEpoch
from conference.rooms.ports import Asked
from conference.rooms.recording_time import recording_time
from conference.rooms.room import Room
from tests.support.story_a import SESSION, create_session, endpoint
from tests.support.virtual_clock import VirtualClock


class Playbook:
    """A room without a service: what it decides is applied at once, as after a commit."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.epoch = "epoch-1"
        self.room = self.new_room()
        self.entries: list[Entry] = []
        self._heard: list[Event] = []

    def new_room(self) -> Room:
        return Room()

    def creation(self) -> CreateSession:
        return create_session()

    def created(self) -> Self:
        self.says(SERVER, self.creation())
        self._heard.clear()
        return self

    def opened(self, *others: SeatId) -> Self:
        """The host and these others are inside, each by an endpoint named like the seat."""
        self.created()
        for seat in (self.creation().host_seat, *others):
            self.says(seat, JoinEndpoint(endpoint(seat), "browser"))
        self._heard.clear()
        return self

    def says(self, actor: SeatId, command: Asked) -> list[Event]:
        """Ask; what happened waits for `hears`."""
        now = self.clock.now(self.epoch)
        events = self.room.handle(command, actor, now)
        for draft in self.room.drafts(events, command, actor, now):
            entry = place(draft, SESSION, len(self.entries) + 1)
            self.room.apply(entry)
            self.entries.append(entry)
        self._heard += events
        return events

    def hears(self, *expected: Event) -> None:
        """All that happened since it was last asked for, in order."""
        assert self.heard() == list(expected)

    def heard(self) -> list[Event]:
        """The same, to look at."""
        heard, self._heard = self._heard, []
        return heard

    def refuses(self, actor: SeatId, command: Asked, code: str) -> None:
        try:
            events = self.room.handle(command, actor, self.clock.now(self.epoch))
        except Refused as refusal:
            assert refusal.code == code
        else:
            raise AssertionError(f"{command} was not refused: {events}")

    def wait(self, seconds: float) -> None:
        self.clock.advance(round(seconds * 1_000_000))

    def restart(self, sealed_mono_us: int | None = None, machine_too: bool = False) -> None:
        """The server dies and another life rebuilds the room from the journal alone."""
        self.room = self.new_room()
        for entry in self.entries:
            self.room.apply(entry)
        if machine_too:
            self.clock = VirtualClock(self.clock.wall_us(), mono_us=5_000_000)
        self.epoch = f"epoch-{int(self.epoch[6:]) + 1}"
        self.says(SERVER, StartEpoch(sealed_mono_us))

    @property
    def r_us(self) -> int:
        """Recording time now, computed from the journal as any reader would."""
        return recording_time(self.entries).at(self.clock.mono_us())
