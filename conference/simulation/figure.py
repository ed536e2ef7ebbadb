"""The picture of a test participant: a calm figure in the colour of its role, its surname on the
breast, drawn by rows, which is quick enough without a drawing library.

A frame is three planes (BT.601, limited range). Everything that does not move is drawn once."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from conference.simulation.handwriting import skeleton

WIDTH, HEIGHT = 640, 360

Mood = Literal["quiet", "speech", "sign"]
Colour = tuple[int, int, int]
"""Y, Cb, Cr."""
Span = tuple[int, int, int]
"""Row, first column, column behind the last."""


def colour(red: int, green: int, blue: int) -> Colour:
    """8-bit RGB as BT.601, limited range."""
    return (
        round(16 + 0.2568 * red + 0.5041 * green + 0.0979 * blue),
        round(128 - 0.1482 * red - 0.2910 * green + 0.4392 * blue),
        round(128 + 0.4392 * red - 0.3678 * green - 0.0714 * blue),
    )


MARKER_RGB = (230, 0, 150)
"""Fills the lower quarter of the picture while its person signs: nothing else has this colour."""
MARKER = colour(*MARKER_RGB)
MARKER_TOP = HEIGHT * 3 // 4
WHITE, INK, LIPS = colour(245, 245, 240), colour(38, 34, 34), colour(150, 70, 66)

ROLES = {
    "judge": (43, 58, 92),
    "mediator": (20, 94, 88),
    "clerk": (82, 88, 104),
    "party": (128, 82, 44),
    "agent": (128, 82, 44),
    "department": (40, 98, 140),
    "interpreter": (100, 70, 120),
}
SKINS = ((224, 182, 150), (214, 168, 134), (232, 194, 166), (204, 158, 122))


@dataclass(frozen=True, slots=True)
class Look:
    """`seed` decides on skin, hair and the wall behind."""

    name: str
    role: str
    seed: int


@dataclass(frozen=True, slots=True)
class Planes:
    """Rows one behind the other: WIDTH×HEIGHT luma, a quarter of that for each chroma."""

    luma: bytes
    blue: bytes
    red: bytes


class Figure:
    """Draws one person."""

    def __init__(self, look: Look) -> None:
        self._skin = colour(*SKINS[look.seed % len(SKINS)])
        self._hair = colour(*((40, 34, 32), (86, 80, 78), (58, 44, 36))[look.seed % 3])
        self._base = _background(look)

    def frame(self, mood: Mood, share: float, mouth: float) -> Planes:
        """`share` of the loop that has passed (0 to 1, which are the same picture); `mouth`: how
        far open, 0 to 1."""
        canvas = self._base.copy()
        turn = 2 * math.pi * share
        sway, nod = 5 * math.sin(turn), 3 * math.sin(2 * turn + 1)
        x, y = WIDTH / 2 + sway, 148 + nod + (4 if mood == "sign" else 0)
        canvas.fill(_ellipse(x, y - 12, 70, 82), self._hair)
        canvas.fill(_ellipse(x, y + 8, 58, 74), self._skin)
        canvas.fill(_ellipse(x, y - 52, 60, 24), self._hair)
        blink = 1 if 0.46 < share < 0.50 else 6
        for side in (-24, 24):
            canvas.fill(_ellipse(x + side, y, 7, 1 if mood == "sign" else blink), INK)
        canvas.fill(_ellipse(x, y + 48, 17 - 3 * mouth, 2.5 + 12 * mouth), LIPS)
        if mood == "sign":
            _signing(canvas, share)
        return canvas.planes()


class Canvas:
    """Three planes that can be filled span by span."""

    def __init__(self, luma: bytearray, blue: bytearray, red: bytearray) -> None:
        self._luma, self._blue, self._red = luma, blue, red

    def copy(self) -> "Canvas":
        return Canvas(bytearray(self._luma), bytearray(self._blue), bytearray(self._red))

    def planes(self) -> Planes:
        return Planes(bytes(self._luma), bytes(self._blue), bytes(self._red))

    def fill(self, spans: Iterable[Span], ink: Colour) -> None:
        """Whatever lies outside the picture is left out."""
        runs = [bytes([value]) * WIDTH for value in ink]
        for row, first, behind in spans:
            first, behind = max(0, first), min(WIDTH, behind)
            if first >= behind or not 0 <= row < HEIGHT:
                continue
            start = row * WIDTH + first
            self._luma[start : start + behind - first] = runs[0][: behind - first]
            if row % 2 == 0:
                start = row // 2 * (WIDTH // 2) + first // 2
                width = (behind + 1) // 2 - first // 2
                self._blue[start : start + width] = runs[1][:width]
                self._red[start : start + width] = runs[2][:width]


def _background(look: Look) -> Canvas:
    """Wall, shoulders in the role's colour, and the badge."""
    canvas = Canvas(
        bytearray(WIDTH * HEIGHT), bytearray(WIDTH * HEIGHT // 4), bytearray(WIDTH * HEIGHT // 4)
    )
    tint = ((-6, 0, 6), (4, 2, -6), (0, 4, 0), (3, -2, 4))[look.seed % 4]
    for row in range(HEIGHT):
        light = 214 - row // 6
        red, green, blue = (max(0, min(255, light + each)) for each in tint)
        canvas.fill([(row, 0, WIDTH)], colour(red, green, blue))
    role = ROLES.get(look.role, (90, 90, 90))
    canvas.fill(_ellipse(WIDTH / 2, 330, 190, 112), colour(*role))
    canvas.fill(_ellipse(WIDTH / 2, 214, 34, 46), colour(*SKINS[look.seed % len(SKINS)]))
    canvas.fill(_box(WIDTH // 2 + 58, 262, 76, 76), WHITE)
    canvas.fill(_written(look.name[:1], WIDTH // 2 + 62, 266, 0.68), colour(*role))
    return canvas


def _signing(canvas: Canvas, share: float) -> None:
    """The marker, and a pen that goes over it."""
    canvas.fill(_box(0, MARKER_TOP, WIDTH, HEIGHT - MARKER_TOP), MARKER)
    across = 120 + 400 * share
    for step in range(40):
        left = round(across + step * 0.7)
        canvas.fill(_box(left, MARKER_TOP + 46 - step * 2, 7, 2), WHITE)


def _box(left: int, top: int, width: int, height: int) -> Iterator[Span]:
    return ((row, left, left + width) for row in range(top, top + height))


def _ellipse(x: float, y: float, across: float, down: float) -> Iterator[Span]:
    for row in range(math.ceil(y - down), math.floor(y + down) + 1):
        half = across * math.sqrt(max(0.0, 1 - ((row - y) / down) ** 2))
        yield row, round(x - half), round(x + half)


def _written(character: str, left: int, top: int, scale: float) -> Iterator[Span]:
    """A character in thick strokes."""
    for stroke in skeleton(character) if character else ():
        for (x1, y1), (x2, y2) in pairwise(stroke):
            steps = max(1, round(max(abs(x2 - x1), abs(y2 - y1)) * scale))
            for step in range(steps + 1):
                x = left + (x1 + (x2 - x1) * step / steps) * scale
                y = top + (y1 + (y2 - y1) * step / steps) * scale
                yield from _box(round(x) - 3, round(y) - 3, 6, 6)
