"""Packets that never were on a line: which spans of which tracks the recording would have had, and
the files of the recording, written by the writer's own hand (recording/disk.py)."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conference.clock import Now
from conference.events.base import Entry
from conference.events.media import TrackPublished
from conference.events.recording import SealedTrack
from conference.ids import SessionId, TrackId
from conference.recording.capture import description
from conference.recording.disk import Disk, Portion, Round
from conference.recording.roster import Roster
from conference.recording.wire import SECTION


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one track that one take receives, mono µs."""

    take: str
    track: TrackPublished
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Portions:
    """Packets of the span with this number, as records of a block (packet_journal.py)."""

    span: int
    packets: int
    first_us: int
    last_us: int
    records: bytes


def spans(entries: Iterable[Entry], silent: Sequence[tuple[str, int, int]]) -> list[Span]:
    """What is to be received of each track. `silent`: endpoint, and from when to when (mono µs)
    nothing came over its line."""
    found: list[Span] = []
    roster, began = Roster(), dict[TrackId, tuple[str, TrackPublished, int]]()
    for entry in entries:
        roster = roster.after([entry.event])
        wanted, take = roster.wanted(), roster.take
        for track in [t for t in began if t not in wanted or began[t][0] != take]:
            of_take, published, from_us = began.pop(track)
            found.append(Span(of_take, published, from_us, entry.mono_us))
        for track, published in wanted.items():
            if take is not None:
                began.setdefault(track, (take, published, entry.mono_us))
    return [part for span in found for part in _without(span, silent)]


def _without(span: Span, silent: Sequence[tuple[str, int, int]]) -> list[Span]:
    for endpoint, from_us, to_us in silent:
        if endpoint == span.track.endpoint and span.from_us < from_us and to_us < span.to_us:
            parts = ((span.from_us, from_us), (to_us, span.to_us))
            return [Span(span.take, span.track, *part) for part in parts]
    return [span]


async def portions(stream: asyncio.StreamReader) -> AsyncIterator[Portions]:
    """What `python -m conference.simulation performance` writes, until it ends."""
    while head := await stream.read(1):
        number, packets, size, first_us, last_us = SECTION.unpack(
            head + await stream.readexactly(SECTION.size - 1)
        )
        yield Portions(number, packets, first_us, last_us, await stream.readexactly(size))


@dataclass(slots=True)
class Takes:
    """The files of one session. `began`: one reading of both clocks."""

    recordings: Path
    session: SessionId
    began: Now
    heads: dict[str, dict[TrackId, SealedTrack]] = field(default_factory=dict)
    """The sealed ends of each take's tracks, known when all is written."""

    async def write(self, wanted: Sequence[Span], source: AsyncIterator[Portions]) -> None:
        """Everything that `source` gives, on disk when this returns."""
        done = threading.Event()
        disk = Disk(self.recordings, 0, done.set)
        try:
            async for portion in source:
                span = wanted[portion.span]
                await asyncio.to_thread(self._seal, (disk, done), self._portion(span, portion))
            for span in {(s.take, s.track.track): s for s in wanted}.values():
                end = self._portion(span, Portions(0, 0, span.to_us, span.to_us, b""))
                await asyncio.to_thread(self._seal, (disk, done), end)
        finally:
            disk.close()

    def _portion(self, span: Span, what: Portions) -> Portion:
        return Portion(
            take=span.take,
            track=span.track.track,
            folder=str(self.recordings / self.session / span.take),
            description=description(self.session, span.take, span.track, self.began),
            opened_us=span.from_us,
            records=bytearray(what.records),
            count=what.packets,
            first_us=what.first_us,
            last_us=what.last_us,
            end=not what.packets,
        )

    def _seal(self, hand: tuple[Disk, threading.Event], portion: Portion) -> None:
        disk, done = hand
        done.clear()
        disk.submit(Round(portion.last_us, [portion]))
        done.wait()
        for take, track, blocks, head, size, last_us in disk.take_result().tracks:
            sealed = SealedTrack(TrackId(track), blocks, head, size, last_us)
            self.heads.setdefault(take, {})[TrackId(track)] = sealed


def by_track(wanted: Sequence[Span]) -> dict[tuple[str, str], list[tuple[int, int, int]]]:
    """For each endpoint and source its spans: number, from, to."""
    found = defaultdict(list)
    for number, span in enumerate(wanted):
        key = (span.track.endpoint, span.track.source)
        found[key].append((number, span.from_us, span.to_us))
    return {key: sorted(parts, key=lambda part: part[1]) for key, parts in found.items()}
