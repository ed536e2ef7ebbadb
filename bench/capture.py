"""What recording costs: the tap in the server, the writer's process, and verification.

Video as a 720p track at 1.5 Mb/s sends it (170 packets of 1100 bytes a second), sound as Opus does
(50 of 90 bytes). Handing over is timed in slices that alternate with a bare copy of the same
packets, so that their ratio holds on a noisy machine; the writer runs in real time, since what it
does each second counts, beside a thread that hashes, writes and syncs as many bytes (the floor).
"""

import asyncio
import hashlib
import os
import socket
import statistics
import tempfile
import time
from pathlib import Path

from conference.clock import SystemClock
from conference.events.media import TrackPublished
from conference.events.recording import RecordingSealed, RecordingStarted, RecordingStopped
from conference.ids import EndpointId, SeatId, SessionId, TrackId
from conference.recording.service import RecordingService
from conference.recording.tap import Tap, socket_pair
from conference.recording.verify import verify_recordings
from conference.rooms.commands import Command, NoteSealed
from conference.rooms.recording_time import RecordingTime

SESSION = SessionId("bench")
VIDEO, SOUND = bytes(1100), bytes(90)
VIDEO_PER_SECOND, SOUND_PER_SECOND = 170, 50
PEOPLE = 4
SECONDS = 15
SLICES = 40
SLICE_PACKETS = 2200


def measure() -> dict[str, float]:
    """Figures by name, with their unit in it."""
    with tempfile.TemporaryDirectory() as directory:
        return handing_over() | asyncio.run(writing(Path(directory)))


def handing_over() -> dict[str, float]:
    """CPU µs a packet costs the server, and the ratio to copying it."""
    tap_us, copy_us = [], []
    ours, theirs, granted = socket_pair()
    tap = Tap(lambda seconds, call: None)
    tap.attach(ours)
    tap.open(TrackId("video"), 1)
    tap.open(TrackId("sound"), 2)
    for _ in range(SLICES):
        tap_us.append(_time_slice(tap))
        while _drain(theirs):
            pass
        copy_us.append(_time_copy())
    tap_figure, copy_figure = statistics.median(tap_us), statistics.median(copy_us)
    ours.close()
    theirs.close()
    print(f"handing over: {tap_figure:.2f} µs a packet, a bare copy {copy_figure:.2f} µs")
    return {
        "tap_us_per_packet": round(tap_figure, 2),
        "tap_per_copy": round(tap_figure / copy_figure, 1),
        "tap_dropped": sum(drop.packets for drop in tap.take_dropped()),
        "socket_bytes_granted": granted,
    }


def _time_slice(tap: Tap) -> float:
    """One slice as it comes: four packets, then the batch of 20 ms is due."""
    picture, voice = TrackId("video"), TrackId("sound")
    video, sound = memoryview(VIDEO), memoryview(SOUND)
    began = time.thread_time_ns()
    for n in range(SLICE_PACKETS // 4):
        for _ in range(3):
            tap.packet(picture, n, video, False)
        tap.packet(voice, n, sound, False)
        tap.flush()
    return (time.thread_time_ns() - began) / SLICE_PACKETS / 1000


def _time_copy() -> float:
    video, kept = memoryview(VIDEO), bytearray()
    began = time.thread_time_ns()
    for _ in range(SLICE_PACKETS):
        kept += video
        if len(kept) > 32_768:
            kept.clear()
    return (time.thread_time_ns() - began) / SLICE_PACKETS / 1000


def _drain(end: socket.socket) -> bool:
    try:
        return bool(end.recv(262_144))
    except BlockingIOError:
        return False


class Heads:
    """A room that keeps only what is needed to verify."""

    def __init__(self) -> None:
        self.sealed: list[RecordingSealed] = []

    async def submit(self, session: SessionId, command: Command, actor: SeatId) -> None:
        if isinstance(command, NoteSealed):
            self.sealed.append(RecordingSealed(command.take, command.tracks))

    async def recording_time(self, session: SessionId) -> RecordingTime:
        return RecordingTime(0, 0, True)


async def writing(directory: Path) -> dict[str, float]:
    """CPU ms of both processes for a minute of one camera, and of a camera with its voice; the
    speed of verification."""
    rooms, clock = Heads(), SystemClock()
    service = RecordingService(directory, 0, clock, "bench")
    await service.start(rooms)
    people = [EndpointId(f"person-{n}") for n in range(PEOPLE)]
    cameras = [TrackPublished(p, TrackId(f"{p}-camera"), "camera", "video") for p in people]
    voices = [TrackPublished(p, TrackId(f"{p}-voice"), "microphone", "audio") for p in people]
    await service.loosen(SESSION, [*cameras, *voices, RecordingStarted("1")])
    await asyncio.sleep(2.0)
    figures = {}
    for name, tracks in {"camera": cameras, "camera_and_voice": [*cameras, *voices]}.items():
        assert service.writer.pid is not None
        writer_ns, server_ns = _cpu_ns(service.writer.pid), time.process_time_ns()
        _, floor_ns = await asyncio.gather(
            _feed(service.tap, clock, tracks), _floor(directory / "floor", tracks)
        )
        minutes = PEOPLE * SECONDS / 60
        writer_ns = _cpu_ns(service.writer.pid) - writer_ns
        server_ns = time.process_time_ns() - server_ns - floor_ns
        for side, ns in (("writer", writer_ns), ("server", server_ns), ("floor", floor_ns)):
            figures[f"{side}_cpu_ms_per_{name}_minute"] = round(ns / 1e6 / minutes, 1)
        figures[f"writer_per_floor_{name}"] = round(writer_ns / floor_ns, 2)
    await service.tighten(SESSION, [RecordingStopped("1")])
    await service.loosen(SESSION, [RecordingStopped("1")])
    await service.close()
    return figures | _verification(directory, rooms)


async def _feed(tap: Tap, clock: SystemClock, tracks: list[TrackPublished]) -> None:
    """SECONDS of real time, a burst each 20 ms as frames come."""
    began, handed_over, sent = time.monotonic(), tap.handed_over, 0
    for tick in range(1, SECONDS * 50 + 1):
        pictures = VIDEO_PER_SECOND * tick // 50 - VIDEO_PER_SECOND * (tick - 1) // 50
        for track in tracks:
            count, data = (pictures, VIDEO) if track.kind == "video" else (1, SOUND)
            sent += count
            for _ in range(count):
                tap.packet(track.track, clock.mono_us(), data, False)
        await asyncio.sleep(max(0.0, began + tick / 50 - time.monotonic()))
    tap.flush()
    print(f"{sent} packets of {len(tracks)} tracks, {tap.handed_over - handed_over} handed over")


async def _floor(path: Path, tracks: list[TrackPublished]) -> int:
    """CPU ns of what cannot be saved: each second's bytes of each track hashed, written, synced."""
    amounts = {"video": VIDEO_PER_SECOND * len(VIDEO), "audio": SOUND_PER_SECOND * len(SOUND)}
    payloads = [bytes(amounts[track.kind]) for track in tracks]
    spent = 0
    for _ in range(SECONDS):
        spent += await asyncio.to_thread(_bare_second, path, payloads)
        await asyncio.sleep(1.0)
    return spent


def _bare_second(path: Path, payloads: list[bytes]) -> int:
    began = time.thread_time_ns()
    for number, payload in enumerate(payloads):
        descriptor = os.open(f"{path}-{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        hashlib.sha256(payload)
        os.write(descriptor, payload)
        os.fdatasync(descriptor)
        os.close(descriptor)
    return time.thread_time_ns() - began


def _cpu_ns(pid: int) -> int:
    """CPU time of all threads of a process (schedstat: ns on the CPU; proc(5))."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks)


def _verification(directory: Path, rooms: Heads) -> dict[str, float]:
    began = time.process_time()
    verdict = verify_recordings(directory, {SESSION: rooms.sealed})
    seconds = time.process_time() - began
    payload = PEOPLE * SECONDS * (2 * VIDEO_PER_SECOND * len(VIDEO) + SOUND_PER_SECOND * len(SOUND))
    return {
        "verify_gb_per_cpu_second": round(verdict.bytes / 1e9 / seconds, 2),
        "verify_faults": len(verdict.faults),
        "bytes_over_payload": round(verdict.bytes / payload, 4),
    }
