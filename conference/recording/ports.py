"""What the recording needs from outside, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from conference.events.recording import (
    RecordingFailed,
    RecordingGap,
    RecordingRestored,
    RecordingSealed,
)
from conference.ids import SeatId, SessionId
from conference.rooms.commands import Command
from conference.rooms.recording_time import RecordingTime

Report = RecordingFailed | RecordingRestored | RecordingGap | RecordingSealed


class Rooms(Protocol):
    """The live sessions, as the recording knows them (rooms/service.py)."""

    async def submit(self, session: SessionId, command: Command, actor: SeatId) -> object:
        """Do it, and return when it is stored and told. Refused when that cannot be done."""

    async def recording_time(self, session: SessionId) -> RecordingTime:
        """Where recording time stands and whether it runs."""


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """What every screen shows. `writing`: packets reached the disk within the last seconds.
    `written_r_us`: the recording time up to which everything is on disk; None before any is.
    `free_bytes`: of the recordings' disk, None while no writer has said so."""

    state: Literal["off", "on", "paused", "failed"]
    writing: bool
    written_r_us: int | None
    free_bytes: int | None


OnStatus = Callable[[SessionId, RecordingStatus], None]
