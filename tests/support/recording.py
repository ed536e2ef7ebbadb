"""Recordings in tests: a room that notes what it is told, and packets that can be found again."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from conference.clock import SystemClock
from conference.events.base import Event
from conference.events.media import TrackPublished
from conference.events.recording import RecordingSealed
from conference.ids import EndpointId, SeatId, SessionId, TrackId
from conference.recording.packet_journal import Chain, Flaw, Packet, record
from conference.recording.reading import read_packets
from conference.recording.service import RecordingService
from conference.rooms.commands import (
    Command,
    NoteGap,
    NoteSealed,
    ReportWriterFailed,
    ReportWriterRestored,
)
from conference.rooms.recording_time import RecordingTime
from conference.tasks import TaskOwner

SESSION = SessionId("0198a4e0-0000-7000-8000-000000000001")
MA = EndpointId("ma")
WANG = EndpointId("wang")
CAMERA = TrackPublished(MA, TrackId("camera"), "camera", "video")
MICROPHONE = TrackPublished(WANG, TrackId("microphone"), "microphone", "audio")


class NotedRooms:
    """Takes every report, as a room of one session would, and keeps recording time."""

    def __init__(self) -> None:
        self.told: list[Command] = []
        self.time = RecordingTime()

    async def submit(self, session: SessionId, command: Command, actor: SeatId) -> None:
        assert session == SESSION
        self.told.append(command)

    async def recording_time(self, session: SessionId) -> RecordingTime:
        return self.time

    def failed(self) -> list[ReportWriterFailed]:
        return [c for c in self.told if isinstance(c, ReportWriterFailed)]

    def restored(self) -> list[ReportWriterRestored]:
        return [c for c in self.told if isinstance(c, ReportWriterRestored)]

    def gaps(self) -> list[NoteGap]:
        return [c for c in self.told if isinstance(c, NoteGap)]

    def sealed(self, take: str) -> list[NoteSealed]:
        return [c for c in self.told if isinstance(c, NoteSealed) and c.take == take]

    def heads(self) -> dict[SessionId, list[RecordingSealed]]:
        """What the journal would hold."""
        sealed = [c for c in self.told if isinstance(c, NoteSealed)]
        return {SESSION: [RecordingSealed(c.take, c.tracks) for c in sealed]}


class Studio:
    """A recording service with its real writer, and the room's side of it."""

    def __init__(self, directory: Path, reserve: int = 0, seed: int = 1) -> None:
        self.directory = directory
        self.clock = SystemClock()
        self.rooms = NotedRooms()
        self.service = RecordingService(directory, reserve, self.clock, "epoch-1")
        self.sent: dict[TrackId, list[Packet]] = {}
        self._random = random.Random(seed)
        self.tasks = TaskOwner("studio")
        self._pump: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "Studio":
        await self.service.start(self.rooms)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop_pump()
        await self.service.close()
        await self.tasks.close()

    async def happen(self, *events: Event) -> None:
        """The events happen in the room: tighten, commit, loosen."""
        await self.service.tighten(SESSION, events)
        now = self.clock.mono_us()
        for event in events:
            self.rooms.time = self.rooms.time.after(event, now)
        await self.service.loosen(SESSION, events)

    def feed(self, track: TrackId, sizes: Sequence[int], rtcp: bool = False) -> list[Packet]:
        """Give the tap packets of these sizes, as the forwarder would."""
        packets = []
        for size in sizes:
            packet = Packet(self.clock.mono_us(), rtcp, self._random.randbytes(size))
            self.service.tap.packet(track, packet.arrival_us, memoryview(packet.data), rtcp)
            packets.append(packet)
        self.sent.setdefault(track, []).extend(packets)
        return packets

    def pump(self, *tracks: TrackId, size: int = 1000) -> None:
        """Give each track a packet of `size` bytes each 20 ms from now on."""
        for track in tracks:
            self.feed(track, [size])
        loop = asyncio.get_running_loop()
        self._pump = loop.call_later(0.02, lambda: self.pump(*tracks, size=size))

    def stop_pump(self) -> None:
        if self._pump is not None:
            self._pump.cancel()

    def file(self, take: str, track: TrackId) -> Path:
        return self.directory / SESSION / take / f"{track}.rtpj"


def packets_in(path: Path) -> list[Packet]:
    """All packets of a file without a flaw."""
    items = list(read_packets(path))
    assert not [item for item in items if isinstance(item, Flaw)]
    return [item for item in items if isinstance(item, Packet)]


def journal_bytes(
    packets: Sequence[Packet], per_block: int = 3, ended: bool = True, description: bytes = b"{}"
) -> bytes:
    """A file as the writer makes it, `per_block` packets in each block."""
    chain = Chain()
    content = chain.describe(description, packets[0].arrival_us if packets else 0)
    for first in range(0, len(packets), per_block):
        group = packets[first : first + per_block]
        records = b"".join(record(p.arrival_us, p.data, p.rtcp) for p in group)
        content += chain.packets(records, len(group), (group[0].arrival_us, group[-1].arrival_us))
    if ended:
        content += chain.end(packets[-1].arrival_us if packets else 0)
    return content
