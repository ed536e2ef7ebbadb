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
from conference.ids import SessionId

Report = RecordingFailed | RecordingRestored | RecordingGap | RecordingSealed


class Rooms(Protocol):
    """The live sessions, as the recording knows them; the wiring connects it to rooms/service."""

    async def report(self, session: SessionId, event: Report) -> None:
        """Put what the writer did into the session's journal. `Refused` when that cannot be done
        now; it is tried again."""

    def recording_time(self, session: SessionId, mono_us: int) -> int:
        """R in µs at an instant of this life of the server; within a pause, where it began."""


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
