"""The envelope around everything that is said: who, when, because of what, in which order.

One stream per session (its name is the session's id). Within a stream `seq` counts from 1
without a gap. Events only grow: fields are added with a default, never renamed or removed.
"""

from dataclasses import dataclass
from typing import ClassVar

from conference.clock import Now
from conference.ids import CommandId, SeatId


class Event:
    """What has happened: a frozen dataclass whose fields are the event's data.

    `KIND` is "source:subject:action" in the past tense and names the class in the journal.
    """

    __slots__ = ()
    KIND: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event on its way into a stream; the journal gives it its place.

    `r_us`: recording time of the instant, None while nothing is recorded. `actor`: the seat
    that asked, None for the server itself. `cause`: the command that led to it.
    """

    event: Event
    now: Now
    r_us: int | None = None
    actor: SeatId | None = None
    cause: CommandId | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in its place. Instants are µs: `wall_us` UTC since 1970, `mono_us` of
    CLOCK_MONOTONIC within the life of the server `epoch`, `r_us` recording time or None."""

    stream: str
    seq: int
    epoch: str
    wall_us: int
    mono_us: int
    r_us: int | None
    actor: SeatId | None
    cause: CommandId | None
    event: Event

    @property
    def kind(self) -> str:
        return self.event.KIND


def place(draft: Draft, stream: str, seq: int) -> Entry:
    """The draft as entry number `seq` of `stream`."""
    return Entry(
        stream=stream,
        seq=seq,
        epoch=draft.now.epoch,
        wall_us=draft.now.wall_us,
        mono_us=draft.now.mono_us,
        r_us=draft.r_us,
        actor=draft.actor,
        cause=draft.cause,
        event=draft.event,
    )
