"""What the server says about itself."""

from dataclasses import dataclass
from typing import ClassVar

from conference.events.base import Event


@dataclass(frozen=True, slots=True)
class EpochStarted(Event):
    """A life of the server begins in this stream.

    `previous_epoch` is None in the first one, and where nobody was inside when the older life
    ended. `recording_ended_r_us`: where on recording time the older life's recording ended;
    None when nothing was being recorded.
    """

    KIND: ClassVar[str] = "server:epoch:started"
    epoch: str
    previous_epoch: str | None
    recording_ended_r_us: int | None
