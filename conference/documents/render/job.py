"""What is to be printed: the frozen content and the handwriting under it."""

from dataclasses import dataclass

Point = tuple[float, float, float, float]
"""t (ms since the stroke's first point), x and y (CSS px of the pad), pressure (0–1; 0 where the
device knows none)."""


@dataclass(frozen=True, slots=True)
class Strokes:
    """Handwriting as it was captured. `width`, `height`: the pad in CSS px."""

    width: float
    height: float
    strokes: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `signed_at_us`: UTC µs. `r_us`: its moment in the recording, None when
    nothing was recorded."""

    seat: str
    name: str
    role: str
    signed_at_us: int
    r_us: int | None
    strokes: Strokes


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One PDF. `content`: the frozen canonical JSON (RFC 8785), attached as it is. `hash`: its hex
    SHA-256. `signatures` in signing order. `completed_at_us`: UTC µs of DocumentCompleted, the
    date of the PDF: the same job gives the same bytes."""

    content: bytes
    hash: str
    signatures: tuple[Signature, ...]
    completed_at_us: int
