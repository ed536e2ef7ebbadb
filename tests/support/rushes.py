"""Recorded files as the writer makes them, whose flashes and beeps lie at known instants.

A camera shows black, and white for one frame each PERIOD_US; a microphone beeps at the same
instants. Senders have clocks of their own, lines delay and shuffle.
"""

import functools
import math
import random
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import rfc8785
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket, RtpPacket

from conference.recording.packet_journal import Chain, record

PERIOD_US = 2_000_000
FRAME_US, SOUND_US = 50_000, 20_000
BEEP_PACKETS = 5
DELAY_US = 30_000
"""The least that a packet is on its way."""
NTP_EPOCH_S = 2_208_988_800


@functools.cache
def pictures() -> tuple[tuple[bytes, ...], ...]:
    """The RTP payloads of each frame of one period, full of noise, so that they take many packets;
    each fifth frame is a keyframe."""
    encoder = Vp8Encoder()
    frames = []
    for index in range(PERIOD_US // FRAME_US):
        frame = av.VideoFrame(320, 192, "yuv420p")
        light = 180 if index == 0 else 16
        noise = random.Random(index).randbytes(frame.planes[0].buffer_size)
        frame.planes[0].update(bytes(light + byte // 4 for byte in noise))
        for plane in frame.planes[1:]:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = index * 4500, Fraction(1, 90_000)
        payloads, _ = encoder.encode(frame, force_keyframe=index % 5 == 0)
        frames.append(tuple(payloads))
    return tuple(frames)


@functools.cache
def sounds() -> tuple[bytes, ...]:
    """Opus packets of one period, of an encoder that has run before."""
    encoder, index = OpusEncoder(), 0
    packets: list[bytes] = []
    wanted = PERIOD_US // SOUND_US
    while len(packets) < 2 * wanted:
        samples = array("h", bytes(1920))
        if index % wanted < BEEP_PACKETS:
            for n in range(960):
                samples[n] = int(12_000 * math.sin(2 * math.pi * 1000 * n / 48_000))
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts = 48_000, index * 960
        frame.time_base = Fraction(1, 48_000)
        packets += encoder.encode(frame)[0]
        index += 1
    return tuple(packets[wanted : 2 * wanted])


@dataclass
class Line:
    """What lies between a sender and the server. `ppm`: how much too fast the sender's media clock
    runs; `ntp_us`: its clock's NTP time minus our monotonic clock."""

    seed: int = 1
    jitter_us: int = 15_000
    loss: float = 0.0
    ppm: float = 0.0
    ntp_us: int = 1_750_000_000_000_000
    reports: bool = True

    def delay(self, chance: random.Random) -> int:
        return DELAY_US + int(chance.random() ** 2 * self.jitter_us)


@dataclass
class Sender:
    """One track of an endpoint, from an instant on; flashes and beeps when `mono_us − phase_us` is
    a multiple of PERIOD_US."""

    video: bool
    line: Line
    phase_us: int
    seed: int = 1
    ssrc: int = field(init=False)

    def __post_init__(self) -> None:
        chance = random.Random(f"{self.seed} {self.video}")
        self.ssrc = chance.getrandbits(32)
        self._rate = 90_000 if self.video else 48_000
        self._seq = 0xFFFF - chance.randrange(200)
        self._base = 0xFFFFFFFF - chance.randrange(self._rate * 5)
        self._chance = chance

    def between(self, from_us: int, to_us: int) -> list[tuple[int, bytes, bool]]:
        """(arrival, packet, whether a report) of what is sent in this time, by arrival."""
        step = FRAME_US if self.video else SOUND_US
        first = -((self.phase_us - from_us) // step)
        last = -((self.phase_us - to_us) // step)
        sent: list[tuple[int, bytes, bool]] = []
        for index in range(first, last):
            sent += self._frame(index, self.phase_us + index * step)
        if self.line.reports:
            rhythm = 500_000 if self.video else 4_000_000
            at = from_us + (200_000 if self.video else 1_300_000)
            sent += [self._report(us) for us in range(at, to_us, rhythm)]
        return sorted(sent, key=lambda each: each[0])

    def _timestamp(self, mono_us: int) -> int:
        media_us = (mono_us - self.phase_us) * (1 + self.line.ppm / 1e6)
        return (self._base + round(media_us * self._rate / 1e6)) & 0xFFFFFFFF

    def _frame(self, index: int, mono_us: int) -> Iterator[tuple[int, bytes, bool]]:
        if self.video:
            payloads = pictures()[index % len(pictures())]
        else:
            payloads = (sounds()[index % len(sounds())],)
        for number, payload in enumerate(payloads, 1):
            packet = RtpPacket(
                payload_type=96, marker=int(self.video and number == len(payloads)),
                sequence_number=self._seq, timestamp=self._timestamp(mono_us),
                ssrc=self.ssrc, payload=payload,
            )  # fmt: skip
            self._seq = (self._seq + 1) & 0xFFFF
            if self._chance.random() >= self.line.loss:
                arrival = mono_us + self.line.delay(self._chance)
                yield arrival, packet.serialize(), False

    def _report(self, mono_us: int) -> tuple[int, bytes, bool]:
        seconds, rest = divmod(mono_us + self.line.ntp_us, 1_000_000)
        ntp = (seconds + NTP_EPOCH_S) << 32 | (rest << 32) // 1_000_000
        info = RtcpSenderInfo(ntp, self._timestamp(mono_us), 1, 1)
        report = bytes(RtcpSrPacket(self.ssrc, info))
        return mono_us + self.line.delay(self._chance), report, True


class Reel:
    """One recorded file that can grow: take/track.rtpj below a session's folder. A track is named
    for its endpoint, `wang-camera`."""

    def __init__(self, folder: Path, take: str, track: str, video: bool, epoch: str) -> None:
        self.track = track
        self.name = f"{take}/{track}"
        self.path = folder / take / f"{track}.rtpj"
        self.chain = Chain()
        self._said = {
            "format": "rtpj/1", "session": folder.name, "take": take, "track": track,
            "endpoint": track.split("-")[0], "source": "camera" if video else "microphone",
            "kind": "video" if video else "audio", "codec": "VP8" if video else "opus",
            "clock_rate": 90_000 if video else 48_000, "epoch": epoch,
            "anchor": {"mono_us": 0, "wall_us": 0},
        }  # fmt: skip
        self._last_us = 0

    def write(self, packets: Iterable[tuple[int, bytes, bool]]) -> None:
        """Append packets, a block for each second of arrival."""
        second: list[tuple[int, bytes, bool]] = []
        for packet in packets:
            if second and packet[0] - second[0][0] >= 1_000_000:
                self._seal(second)
                second = []
            second.append(packet)
        if second:
            self._seal(second)

    def end(self) -> None:
        self._append(self.chain.end(self._last_us))

    def head(self) -> tuple[int, str]:
        return self.chain.blocks, self.chain.head.hex()

    def _seal(self, packets: list[tuple[int, bytes, bool]]) -> None:
        if not self.chain.blocks:
            self._append(self.chain.describe(rfc8785.dumps(self._said), packets[0][0]))
        records = b"".join(record(*packet) for packet in packets)
        self._last_us = packets[-1][0]
        span = (packets[0][0], self._last_us)
        self._append(self.chain.packets(records, len(packets), span))

    def _append(self, data: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as stream:
            stream.write(data)


def flashes(path: Path) -> list[float]:
    """Where the picture turns white, seconds."""
    found, white = [], False
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            bright = float(frame.to_ndarray(format="gray").mean()) > 128
            if bright and not white:
                found.append(float(frame.time or 0))
            white = bright
    return found


def beeps(path: Path) -> list[float]:
    """Where the sound becomes loud after 0.3 s of silence, seconds by its count of samples."""
    level = np.abs(waveform(path))
    loud = np.flatnonzero(level > 0.05)
    if not len(loud):
        return []
    starts = np.concatenate(([True], np.diff(loud) > 0.3 * 48_000))
    return [float(at) / 48_000 for at in loud[starts]]


def waveform(path: Path) -> np.ndarray:
    """One channel of the sound, every sample of it one behind the other."""
    with av.open(str(path)) as container:
        return np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])


def lengths(path: Path) -> dict[str, float]:
    """Seconds: of the file as its header says, of the sound by its samples."""
    with av.open(str(path)) as container:
        duration = (container.duration or 0) / 1_000_000
    return {"duration": duration, "sound": len(waveform(path)) / 48_000}
