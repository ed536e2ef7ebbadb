"""Finds the colour that a test participant shows while signing, in packaged files."""

from collections.abc import Iterator
from pathlib import Path

import av

from conference.simulation.figure import HEIGHT, MARKER, MARKER_TOP, WIDTH

CLOSE = 24
"""How far a plane's value may be from the marker's after coding."""


def marked(file: Path) -> list[tuple[float, float]]:
    """From which to which second of the file its picture shows the marker."""
    spans: list[tuple[float, float]] = []
    since: float | None = None
    at_s = 0.0
    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            at_s = frame.time
            if _shows(frame) and since is None:
                since = at_s
            elif not _shows(frame) and since is not None:
                spans.append((since, at_s))
                since = None
    return spans if since is None else [*spans, (since, at_s)]


def _shows(frame: av.VideoFrame) -> bool:
    """In a lower corner, where no pen goes."""
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    row, column = (MARKER_TOP + HEIGHT) // 2 + 20, 30
    return all(
        abs(value - wanted) <= CLOSE
        for value, wanted in zip(_values(frame, row, column), MARKER, strict=True)
    )


def _values(frame: av.VideoFrame, row: int, column: int) -> Iterator[int]:
    for number, plane in enumerate(frame.planes):
        shift = 1 if number else 0
        yield bytes(plane)[(row >> shift) * plane.line_size + (column >> shift)]
