"""Signatures of test participants: strokes with time and pressure, as a pen on glass gives them.

Each character is a row of strokes in a box of 100×100 (characters.json); a hand is added to it:
slant, a slight bend, a tremor, slow at the ends and fast in between, pressed where it is slow. A
character without a skeleton gets strokes of its own, the same each time."""

import json
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from random import Random
from typing import Any

Point = tuple[float, float]
Skeleton = tuple[tuple[Point, ...], ...]

WIDTH, HEIGHT = 640, 240
"""The pad, CSS px."""
SAMPLE_MS = 12
SPEED = 0.45
"""Box units per ms in the middle of a stroke."""


def signature(name: str, random: Random) -> dict[str, Any]:
    """What a page sends as `strokes` of document_sign: the name in this hand, by this chance."""
    characters = [character for character in name if not character.isspace()]
    size = min(150.0, (WIDTH - 60) / max(1, len(characters)))
    slant = random.uniform(-0.06, 0.16)
    strokes = []
    for place, character in enumerate(characters):
        left = (WIDTH - size * len(characters)) / 2 + place * size
        top = (HEIGHT - size) / 2 + random.uniform(-0.06, 0.06) * size
        for stroke in skeleton(character):
            box = (left, top, size * 0.92 / 100, slant)
            strokes.append(_written(stroke, box, random))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "dpr": 2,
        "pointer_type": "pen",
        "strokes": strokes,
    }


def skeleton(character: str) -> Skeleton:
    """The strokes of a character in a box of 100×100, y downwards."""
    known = _characters().get(character)
    return known if known is not None else _made_up(Random(ord(character)))


@cache
def _characters() -> dict[str, Skeleton]:
    text = (files("conference.simulation") / "characters.json").read_text("utf-8")
    return {
        character: tuple(_polyline(stroke) for stroke in strokes)
        for character, strokes in json.loads(text).items()
    }


def _polyline(text: str) -> tuple[Point, ...]:
    pairs = (corner.split(",") for corner in text.split())
    return tuple((float(x), float(y)) for x, y in pairs)


def _made_up(random: Random) -> Skeleton:
    """Bars, falls and hooks, where a character has them."""
    strokes: list[tuple[Point, ...]] = []
    for row in range(random.randint(4, 7)):
        at = 14 + row * 12 + random.uniform(-4, 4)
        start = random.uniform(10, 40)
        match random.randrange(3):
            case 0:
                strokes.append(((start, at), (random.uniform(60, 92), at - 3)))
            case 1:
                strokes.append(((start + 20, at - 8), (start + 22, min(90, at + 50))))
            case _:
                strokes.append(((start + 30, at), (start + 10, at + 24), (start, at + 34)))
    return tuple(strokes)


def _written(
    stroke: Sequence[Point], box: tuple[float, float, float, float], random: Random
) -> list[list[float]]:
    """Points [ms since the stroke began, x, y, pressure]."""
    left, top, scale, slant = box
    bend, tremor = random.uniform(-3.0, 3.0), random.uniform(0.2, 0.6)
    length = sum(math.dist(a, b) for a, b in pairwise(stroke))
    steps = max(4, round(length / (SPEED * SAMPLE_MS)))
    points = []
    for step in range(steps + 1):
        # Slow, fast, slow: the pen sets down, goes, and stops.
        share = (1 - math.cos(math.pi * step / steps)) / 2
        x, y = _along(stroke, share * length)
        y += bend * math.sin(math.pi * share)
        x += (50 - y) * slant + random.gauss(0, tremor)
        y += random.gauss(0, tremor)
        pressure = 0.75 - 0.4 * math.sin(math.pi * step / steps) + random.uniform(-0.03, 0.03)
        at = step * SAMPLE_MS
        points.append(
            [at, round(left + x * scale, 1), round(top + y * scale, 1), round(pressure, 3)]
        )
    return points


def _along(stroke: Sequence[Point], distance: float) -> Point:
    for (x1, y1), (x2, y2) in pairwise(stroke):
        part = math.dist((x1, y1), (x2, y2))
        if distance <= part and part > 0:
            share = distance / part
            return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
        distance -= part
    return stroke[-1]
