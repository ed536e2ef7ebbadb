"""Handwriting as vector paths: what a person wrote, cut to its ink, thicker where they pressed."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conference.documents.render.job import Point, Strokes

BOX = (46.0, 16.0)
"""Width and height of the field on the paper, mm."""
PEN = 0.55
"""Width of the line on the paper at medium pressure, mm; less where the writing comes out small."""
FULL = 9.0
"""Height of writing, mm, from which the line has its full width."""
STEPS = 8
"""A changing pressure is drawn in so many widths."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """From the pad to the field: mm = (px - left) * scale + x."""

    left: float
    top: float
    scale: float
    x: float
    y: float
    pen: float

    def place(self, point: Point) -> tuple[float, float]:
        _, x, y, _ = point
        return (x - self.left) * self.scale + self.x, (y - self.top) * self.scale + self.y


def svg(strokes: Strokes) -> str:
    """An SVG of BOX size in units of mm. Lines are smoothed through the middles of the points;
    nothing else is changed."""
    fit = _fitted(strokes)
    paths = [path for stroke in strokes.strokes if stroke for path in _paths(stroke, fit)]
    width, height = BOX
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}"><g fill="none" stroke="#101828" '
        f'stroke-linecap="round" stroke-linejoin="round">{"".join(paths)}</g></svg>'
    )


def _fitted(strokes: Strokes) -> _Fit:
    points = [point for stroke in strokes.strokes for point in stroke]
    left, right = min(p[1] for p in points), max(p[1] for p in points)
    top, bottom = min(p[2] for p in points), max(p[2] for p in points)
    room = BOX[0] - 2 * PEN, BOX[1] - 2 * PEN
    wide, high = max(right - left, 1.0), max(bottom - top, 1.0)
    scale = min(room[0] / wide, room[1] / high, 4 * BOX[1] / max(strokes.height, 1.0))
    x = (BOX[0] - (right - left) * scale) / 2
    y = (BOX[1] - (bottom - top) * scale) / 2
    pen = PEN * min(1.0, max(0.4, (bottom - top) * scale / FULL))
    return _Fit(left, top, scale, x, y, pen)


def _paths(stroke: Sequence[Point], fit: _Fit) -> Iterator[str]:
    """Runs of about the same pressure, each one path."""
    begin = 0
    for here in range(1, len(stroke) + 1):
        if here == len(stroke) or _step(stroke[here]) != _step(stroke[begin]):
            yield _path(stroke[max(begin - 2, 0) : here], _step(stroke[begin]), fit)
            begin = here


def _step(point: Point) -> int:
    """0 to STEPS. A device that knows no pressure says 0 or one half: medium."""
    pressure = min(max(point[3], 0.0), 1.0) or 0.5
    return round(pressure * STEPS)


def _path(run: Sequence[Point], step: int, fit: _Fit) -> str:
    points = [fit.place(point) for point in run]
    width = fit.pen * (0.5 + step / STEPS)
    d = f"M{_at(points[0])}"
    if len(points) == 1:
        return f'<path d="{d}l0.01 0" stroke-width="{width:.2f}"/>'
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in itertools.pairwise(points)]
    d += f"L{_at(middles[0])}"
    d += "".join(
        f"Q{_at(corner)} {_at(middle)}"
        for corner, middle in zip(points[1:-1], middles[1:], strict=True)
    )
    return f'<path d="{d}L{_at(points[-1])}" stroke-width="{width:.2f}"/>'


def _at(point: tuple[float, float]) -> str:
    return f"{point[0]:.2f} {point[1]:.2f}"
