"""Sound without a hole: what is missing becomes Opus silence, and is written down.

Players count samples: a hole in a file is played as no time at all (measured with Chromium, a tone
after a hole of 3 s was heard 2.8 s early). So packets of sound are laid end to end, and the count
of samples is the recording time. A sender's sound card that runs fast or slow is corrected by a
few milliseconds of silence, or by leaving out one packet, when it is a few milliseconds off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conference.recording.packager.depacketizer import OPUS_RATE, opus_samples

SILENCE = {
    960: b"\xf8\xff\xfe",
    480: b"\xf0\xff\xfe",
    240: b"\xe8\xff\xfe",
    120: b"\xe0\xff\xfe",
}
"""An Opus packet of silence by its number of samples: CELT, fullband, mono, one frame
(RFC 6716 §3.1), whose first bits say silence (§4.3)."""
GRAIN = 120
LATE = 480
"""10 ms: so much later than its place, and the space before it is filled."""
EARLY = 720
"""15 ms: so much earlier than its place, and a packet is left out."""


@dataclass(slots=True)
class Span:
    """A stretch of recording time, µs."""

    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Sound:
    """One Opus packet in its place, in samples at 48 kHz of recording time."""

    at: int
    samples: int
    data: bytes


@dataclass(slots=True)
class Filling:
    """Lays packets of sound end to end from 0 on. `filled`: where there is silence of ours."""

    at: int = 0
    filled: list[Span] = field(default_factory=list)
    left_out: int = 0
    """Packets that lay upon others."""

    def put(self, r_us: int, data: bytes) -> Iterator[Sound]:
        """A packet that belongs at this recording time; later than all before it."""
        samples = opus_samples(data)
        place = r_us * OPUS_RATE // 1_000_000
        if not samples or place < self.at - EARLY:
            self.left_out += 1
            return
        if place > self.at + LATE:
            yield from self.fill(r_us)
        yield Sound(self.at, samples, data)
        self.at += samples

    def fill(self, r_us: int, finest: int = GRAIN) -> Iterator[Sound]:
        """Silence up to this recording time, to within half of its shortest packet."""
        end = r_us * OPUS_RATE // 1_000_000
        first = self.at
        for samples, data in SILENCE.items():
            while samples >= finest and self.at + samples <= end + finest // 2:
                yield Sound(self.at, samples, data)
                self.at += samples
        if self.at > first:
            self._note(_us(first), _us(self.at))

    def _note(self, from_us: int, to_us: int) -> None:
        if self.filled and self.filled[-1].to_us >= from_us - 1:
            self.filled[-1].to_us = to_us
        else:
            self.filled.append(Span(from_us, to_us))


def _us(samples: int) -> int:
    return samples * 1_000_000 // OPUS_RATE
