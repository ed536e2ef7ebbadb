"""What participants of the story would have sent, made at once instead of in time: for a session
that is rehearsed on a virtual clock.

In comes a line of JSON, {"people": [{"name", "role", "seed"}]}, and out goes one,
{"strokes": {name: as document_sign wants them}}. Then a second line comes in, {"parts": [as
Part]}, in the order of the people, and out goes, for each span of each track, a row of portions as
a receiver would keep them: `head ‖ records`. Head: number of the span, packets, bytes of the
records, first and last arrival. Record: arrival µs, length, 0 for RTP or 1 for a sender report,
one byte 0, and the packet as it comes out of SRTP. Integers are big-endian, instants µs of the
score's clock."""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import BinaryIO

from conference.simulation import sdp
from conference.simulation.encode import FRAMES_PER_SECOND, SAMPLES_PER_PACKET
from conference.simulation.figure import Look, Mood
from conference.simulation.handwriting import signature
from conference.simulation.loops import SILENT, SPEAKING, AudioLoop, VideoLoop
from conference.simulation.reels import Reels, reels
from conference.simulation.uplink import Uplink

HEAD = struct.Struct(">IIIQQ")
RECORD = struct.Struct(">QHBx")
PORTION_US = 5_000_000
REPORT_US = 1_000_000
PACKET_US = 20_000
FRAME_US = 1_000_000 // FRAMES_PER_SECOND
WAY_US = 4_000
"""From the sender to the receiver."""


@dataclass(frozen=True, slots=True)
class Part:
    """One participant: its tracks begin at `from_us`; `wall_us` is UTC at that instant. `moods`:
    [from µs, to µs, mood] where it is not quiet. `microphone`, `camera`: number and [from, to] of
    each span in which somebody receives the track."""

    from_us: int
    wall_us: int
    moods: Sequence[tuple[int, int, Mood]]
    microphone: Sequence[tuple[int, int, int]]
    camera: Sequence[tuple[int, int, int]]


def perform(lines: Iterator[str], cache: Path, out: BinaryIO) -> None:
    """From the first line to the last portion. ValueError, KeyError or TypeError when a line does
    not fit."""
    looks = [Look(**each) for each in json.loads(next(lines))["people"]]
    strokes = {look.name: signature(look.name, Random(look.seed)) for look in looks}
    out.write(json.dumps({"strokes": strokes}, ensure_ascii=False).encode() + b"\n")
    out.flush()
    shown = reels(looks, cache)
    parts = [Part(**each) for each in json.loads(next(lines))["parts"]]
    for look, reel, part in zip(looks, shown, parts, strict=True):
        random = Random(f"performance {look.seed} {look.name}")
        cname = f"p{random.getrandbits(32):08x}"
        kinds: tuple[sdp.Kind, ...] = ("audio", "video")
        for kind in kinds:
            track = _Track(part, reel, kind, cname, random)
            for number, from_us, to_us in part.microphone if kind == "audio" else part.camera:
                for portion in track.portions(from_us, to_us):
                    out.write(HEAD.pack(number, *portion[:4]) + portion[4])
    out.flush()


Portion = tuple[int, int, int, int, bytes]
"""Packets, bytes, first and last arrival, records."""


class _Track:
    """One track through all its spans. Between them it goes on unheard: sequence numbers and RTP
    time pass, nothing is made."""

    def __init__(
        self, part: Part, shown: Reels, kind: sdp.Kind, cname: str, random: Random
    ) -> None:
        self._part, self._shown, self._kind = part, shown, kind
        audio = kind == "audio"
        numbers = {sdp.MID: 4, sdp.ABS_SEND_TIME: 2, **({sdp.AUDIO_LEVEL: 1} if audio else {})}
        media = sdp.Media(
            kind,
            "0" if audio else "1",
            111 if audio else 96,
            None if audio else 97,
            random.getrandbits(32),
            None if audio else random.getrandbits(32),
            numbers,
        )
        self._sent: list[bytes] = []
        self._uplink = Uplink(media, cname, random, self._sent.append)
        self._audio = AudioLoop(shown["quiet"].sound, random.getrandbits(31))
        self._video = VideoLoop(shown["quiet"].frames, random.getrandbits(31))
        self._mood: Mood | None = None
        self._next = 0
        self._step_us = PACKET_US if audio else FRAME_US
        self._ticks = SAMPLES_PER_PACKET if audio else media.clock_rate // FRAMES_PER_SECOND

    def portions(self, from_us: int, to_us: int) -> Iterator[Portion]:
        """The packets that arrive from `from_us` on and before `to_us`."""
        self._video.want_keyframe()
        records, count, first_us, last_us = bytearray(), 0, 0, 0
        for arrival_us, rtcp, packet in self._arrivals(from_us, to_us):
            if count and arrival_us - first_us >= PORTION_US:
                yield count, len(records), first_us, last_us, bytes(records)
                records, count = bytearray(), 0
            first_us = first_us if count else arrival_us
            last_us = arrival_us
            records += RECORD.pack(arrival_us, len(packet), rtcp) + packet
            count += 1
        if count:
            yield count, len(records), first_us, last_us, bytes(records)

    def _arrivals(self, from_us: int, to_us: int) -> Iterator[tuple[int, bool, bytes]]:
        begin_us = self._part.from_us + WAY_US
        index = max(0, -((begin_us - from_us) // self._step_us))
        self._uplink.skip(index - self._next)
        report_us = from_us
        while (at_us := begin_us + index * self._step_us) < to_us:
            self._send(index, at_us)
            for packet in self._sent:
                yield at_us, False, packet
            self._sent.clear()
            if at_us >= report_us:
                report_us = at_us + REPORT_US
                yield at_us, True, self._report(index)
            index += 1
        self._next = index

    def _send(self, index: int, at_us: int) -> None:
        self._follow(at_us)
        audio = self._kind == "audio"
        for piece in [self._audio.next_packet()] if audio else self._video.next_frame():
            self._uplink.send(piece, index * self._ticks, at_us)

    def _report(self, index: int) -> bytes:
        wall_us = self._part.wall_us + index * self._step_us
        report = self._uplink.sender_report(index * self._ticks, wall_us)
        assert report is not None, "a packet has been sent"
        return report

    def _follow(self, at_us: int) -> None:
        """Show what the score says of this instant."""
        mood: Mood = "quiet"
        for first, behind, shown in self._part.moods:
            mood = shown if first <= at_us < behind else mood
        if mood != self._mood:
            self._mood = mood
            level = SPEAKING if mood == "speech" else SILENT
            self._audio.play(self._shown[mood].sound, level)
            self._video.play(self._shown[mood].frames)
