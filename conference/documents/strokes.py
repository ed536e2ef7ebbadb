"""Handwriting as it comes from a page: checked, and in the one spelling that is kept and hashed.

A point is [t, x, y, pressure]: ms since the stroke's first point, CSS px of the pad, 0 to 1 (0 or
0.5 where the device knows no pressure).
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from conference.documents.canonical import canonical
from conference.errors import Refused

MOST_BYTES = 200_000
LEAST_POINTS = 3
"""Points that at least one stroke must have: a tap is no signature."""


def _point(point: list[float]) -> list[float]:
    t, x, y, pressure = point
    if not (t >= 0 and 0 <= pressure <= 1 and max(abs(x), abs(y)) <= 100_000):
        raise ValueError("no point of a pad")
    return point


_Number = Annotated[float, Field(ge=-100_000, le=3_600_000, allow_inf_nan=False)]
_Size = Annotated[float, Field(gt=0, le=20_000, allow_inf_nan=False)]
Point = Annotated[list[_Number], Field(min_length=4, max_length=4), AfterValidator(_point)]


class Strokes(BaseModel):
    """`width`, `height`: the pad in CSS px; `dpr`: device pixels per CSS px."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    width: _Size
    height: _Size
    dpr: Annotated[float, Field(gt=0, le=16, allow_inf_nan=False)]
    pointer_type: Literal["pen", "touch", "mouse"]
    strokes: Annotated[list[list[Point]], Field(max_length=2_000)]


def kept(strokes: Strokes) -> bytes:
    """Canonical JSON of a signature. Refused `no_strokes` when nothing was written,
    `strokes_too_large` beyond 200 kB."""
    if not any(len(stroke) >= LEAST_POINTS for stroke in strokes.strokes):
        raise Refused("no_strokes")
    content = canonical(strokes.model_dump(mode="json"))
    if len(content) > MOST_BYTES:
        raise Refused("strokes_too_large")
    return content


def drawing(content: bytes) -> dict[str, Any]:
    """What others may see of kept handwriting: its shape. Time and pressure, which tell how a
    person writes, are left out."""
    strokes = Strokes.model_validate_json(content)
    return {
        "width": strokes.width,
        "height": strokes.height,
        "strokes": [[[x, y] for _, x, y, _ in stroke] for stroke in strokes.strokes],
    }
