"""Something like speech: syllables of vowels with a tone, in a pitch of one's own. It says nothing,
but a level meter, an ear and a talking order can follow it."""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

SAMPLE_RATE = 48_000
PERIOD = 256
"""Samples of one period of a vowel's waveform."""

VOWELS = {
    "a": (850, 1400, 2800),
    "e": (500, 1300, 2500),
    "i": (300, 2300, 3000),
    "o": (500, 900, 2500),
    "u": (340, 750, 2400),
}
"""The first three formants, Hz."""
PITCHES = (108, 205, 226, 118, 134, 242, 148)
"""Hz, by seed."""
TONES = ((1.1, 1.1), (0.92, 1.18), (0.88, 0.96), (1.2, 0.82))
"""The four tones of Mandarin, roughly: the pitch from beginning to end."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Signed 16-bit mono at 48 kHz; `loudness`: of each `step` samples, 0 to 1."""

    samples: "array[int]"
    loudness: list[float]
    step: int


def speech(seed: int, seconds: float, step: int) -> Speech:
    """A loop of speech that begins and ends silent."""
    random = Random(f"voice {seed}")
    pitch = PITCHES[seed % len(PITCHES)] + random.uniform(-3, 3)
    tables = {vowel: _period(formants, pitch) for vowel, formants in VOWELS.items()}
    wanted = round(seconds * SAMPLE_RATE)
    samples = array("h", bytes(2 * wanted))
    phase = 0.0
    for start, length in _syllables(wanted, random):
        table = tables[random.choice("aaeiouo")]
        begins, ends = random.choice(TONES)
        loud = 9000 * random.uniform(0.7, 1.0)
        for offset in range(length):
            share = offset / length
            phase += PERIOD * pitch * (begins + (ends - begins) * share) / SAMPLE_RATE
            swell = share * 6 if share < 1 / 6 else (1 - share) * 1.2
            samples[start + offset] = int(loud * swell * table[int(phase) % PERIOD])
    return Speech(samples, _loudness(samples, step), step)


def silence(seconds: float) -> "array[int]":
    """A quiet room: a breath of noise, so that nothing downstream takes it for a dead line."""
    random = Random(7)
    return array("h", (random.randint(-3, 3) for _ in range(round(seconds * SAMPLE_RATE))))


def _syllables(wanted: int, random: Random) -> Iterator[tuple[int, int]]:
    """Where each begins and how long it is, in samples; a breath after a phrase."""
    at = SAMPLE_RATE // 20
    left = random.randint(4, 7)
    while True:
        length = round(random.uniform(0.14, 0.24) * SAMPLE_RATE)
        if at + length > wanted - SAMPLE_RATE // 20:
            return
        yield at, length
        at += length + round(random.uniform(0.01, 0.05) * SAMPLE_RATE)
        left -= 1
        if not left:
            at += round(random.uniform(0.2, 0.35) * SAMPLE_RATE)
            left = random.randint(4, 7)


def _period(formants: tuple[int, ...], pitch: float) -> list[float]:
    """One period, at most 1 high: harmonics as strong as the formants let them through."""
    strengths = []
    for number in range(1, int(4000 / pitch)):
        resonance = sum(1 / (1 + ((number * pitch - f) / 130) ** 2) for f in formants)
        strengths.append((0.05 + resonance) / number**0.7)
    wave = [
        sum(
            strength * math.sin(2 * math.pi * number * at / PERIOD)
            for number, strength in enumerate(strengths, 1)
        )
        for at in range(PERIOD)
    ]
    highest = max(abs(value) for value in wave)
    return [value / highest for value in wave]


def _loudness(samples: "array[int]", step: int) -> list[float]:
    found = []
    for start in range(0, len(samples), step):
        part = samples[start : start + step]
        found.append(min(1.0, max(part) / 9000))
    return found
