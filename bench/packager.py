"""What packaging costs: CPU of the packager for a minute of one track, and how long after the stop
everything is ready.

The evidence is as the writer makes it, of 720p at 1.5 Mb/s (170 packets of 1100 bytes a second, 30
frames) and of Opus (50 of 90 bytes); it grows by a second each STEP_S, faster than life.
"""

import asyncio
import os
import struct
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from conference.events.base import Entry, Event
from conference.events.media import TrackPublished
from conference.events.recording import RecordingStarted, RecordingStopped
from conference.ids import EndpointId, SessionId, TrackId
from conference.recording.packager.depacketizer import OPUS_RATE
from conference.recording.packaging import PackagingService
from conference.recording.packet_journal import Chain, record

SESSION = SessionId("bench")
PEOPLE = 2
SECONDS = 60
STEP_S = 0.1
S = 1_000_000
START = 100 * S
KEYFRAME = b"\x10\x40\x01\x00\x9d\x01\x2a\x00\x05\xd0\x02" + bytes(1089)
FIRST, MIDDLE = b"\x10\x41\x01" + bytes(1097), b"\x00" + bytes(1099)
SOUND = b"\x78" + bytes(89)


def measure() -> dict[str, float]:
    """Figures by name, with their unit in it."""
    with tempfile.TemporaryDirectory() as directory:
        return asyncio.run(_measure(Path(directory)))


class _Journal:
    """One session's entries."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, mono_us: int, event: Event) -> list[Entry]:
        seq = len(self.entries) + 1
        entry = Entry(SESSION, seq, "e", mono_us, mono_us, None, None, None, event)
        self.entries.append(entry)
        return [entry]

    async def read(self, stream: str, after: int = 0) -> list[Entry]:
        return self.entries[after:]


class _Track:
    """A file that grows by seconds."""

    def __init__(self, folder: Path, person: int, video: bool) -> None:
        self.video = video
        self.endpoint = EndpointId(f"person-{person}")
        kind = "camera" if video else "microphone"
        self.track = TrackId(f"{self.endpoint}-{kind}")
        self._path = folder / "1" / f"{self.track}.rtpj"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._chain = Chain()
        self._ssrc, self._seq = person * 2 + video, 0
        said = (
            f'{{"format":"rtpj/1","session":"{SESSION}","take":"1","track":"{self.track}",'
            f'"endpoint":"{self.endpoint}","source":"{kind}",'
            f'"kind":"{"video" if video else "audio"}","codec":"{"VP8" if video else "opus"}",'
            f'"clock_rate":{90_000 if video else OPUS_RATE},"epoch":"e",'
            f'"anchor":{{"mono_us":0,"wall_us":0}}}}'
        )
        self._append(self._chain.describe(said.encode(), START))

    def second(self, number: int) -> None:
        records, count, at = [self._report(number)], 1, START + number * S
        for at, packet in self._pictures(number) if self.video else self._sounds(number):
            records.append(record(at, packet, False))
            count += 1
        span = (START + number * S, at)
        self._append(self._chain.packets(b"".join(records), count, span))

    def end(self) -> None:
        self._append(self._chain.end(START + SECONDS * S))

    def _append(self, data: bytes) -> None:
        with self._path.open("ab") as stream:
            stream.write(data)

    def _rtp(self, timestamp: int, marker: int, payload: bytes) -> bytes:
        self._seq = (self._seq + 1) & 0xFFFF
        head = (0x80, marker << 7 | 96, self._seq, timestamp, self._ssrc)
        return struct.pack("!BBHII", *head) + payload

    def _pictures(self, second: int) -> Iterable[tuple[int, bytes]]:
        for number in range(30):
            at, packets = START + second * S + number * S // 30, 6 if number % 3 else 5
            for piece in range(packets):
                payload = MIDDLE if piece else FIRST if number or second % 10 else KEYFRAME
                timestamp = (second * 30 + number) * 3000
                yield at, self._rtp(timestamp, int(piece == packets - 1), payload)

    def _sounds(self, second: int) -> Iterable[tuple[int, bytes]]:
        for number in range(50):
            at = START + second * S + number * 20_000
            yield at, self._rtp((second * 50 + number) * 960, 0, SOUND)

    def _report(self, second: int) -> bytes:
        rate = 90_000 if self.video else OPUS_RATE
        ntp = (2_208_988_800 + second) << 32
        body = struct.pack("!BBHIQIII", 0x80, 200, 6, self._ssrc, ntp, second * rate, 0, 0)
        return record(START + second * S, body, True)


async def _measure(directory: Path) -> dict[str, float]:
    journal = _Journal()
    service = PackagingService(directory / "recordings", directory / "derived", journal)
    derived = directory / "derived" / SESSION
    folder = directory / "recordings" / SESSION
    tracks = [_Track(folder, n, video) for n in range(PEOPLE) for video in (True, False)]
    for track in tracks:
        kind, source = ("video", "camera") if track.video else ("audio", "microphone")
        published = TrackPublished(track.endpoint, track.track, source, kind)  # type: ignore[arg-type]
        journal.add(START - S, published)
    service.on_entries(SESSION, journal.add(START, RecordingStarted("1")))
    while (pid := service.pid(SESSION)) is None:
        await asyncio.sleep(0.01)
    await asyncio.sleep(2.0)
    started_ns = _cpu_ns(pid)
    for second in range(SECONDS):
        for track in tracks:
            track.second(second)
        await asyncio.sleep(STEP_S)
        followed_ns = _cpu_ns(pid)
    for track in tracks:
        track.end()
    stopped = time.monotonic()
    service.on_entries(SESSION, journal.add(START + SECONDS * S, RecordingStopped("1")))
    while service.state(SESSION).state != "ready":
        followed_ns = max(followed_ns, _cpu_ns(pid))
        await asyncio.sleep(0.01)
    ready = time.monotonic() - stopped
    for path in list(derived.iterdir()):
        path.unlink()
    anew = await _made_anew(service)
    await service.close()
    minutes = PEOPLE * SECONDS / 60
    return {
        "cpu_ms_to_start": round(started_ns / 1e6),
        "cpu_ms_per_camera_and_voice_minute": round((followed_ns - started_ns) / 1e6 / minutes),
        "ready_seconds_after_stop": round(ready, 2),
        "made_anew_seconds_per_recorded_minute": round(anew, 2),
    }


async def _made_anew(service: PackagingService) -> float:
    """Seconds for all files of the session, from the packets."""
    began = time.monotonic()
    await service.ensure(SESSION)
    while service.state(SESSION).state != "ready":
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def _cpu_ns(pid: int) -> int:
    """CPU time of a process (schedstat: ns on the CPU; proc(5)); 0 when it has gone."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        paths = [Path(f"/proc/{pid}/task/{task}/schedstat") for task in tasks]
        return sum(int(path.read_text().split()[0]) for path in paths)
    except (OSError, IndexError):
        return 0
