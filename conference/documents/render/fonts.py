"""The documents' fonts: files in the folder that set-up fills, and in the administrator's."""

import mmap
from collections.abc import Iterable, Sequence
from pathlib import Path

from conference.documents.glyphs import Coverage, NotAFont, Span, spans_of

SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}


class FontsMissing(Exception):
    """One sentence: which folder holds no font that can be used."""


def coverage(folders: Sequence[Path]) -> Coverage:
    """What the fonts of all folders can print. FontsMissing when one of them has none, or a file
    with the name of a font is not one: what is accepted here must print later. Reads files, which
    takes some 50 ms: for a thread."""
    fonts: list[list[Span]] = []
    for folder in folders:
        found = [spans for file in _files(folder) for spans in _spans(file)]
        if not found:
            raise FontsMissing(f"the folder {folder} holds no font of the documents")
        fonts += found
    return Coverage(fonts)


def _files(folder: Path) -> Iterable[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)


def _spans(file: Path) -> list[list[Span]]:
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as font:
            return spans_of(font)
    except (NotAFont, OSError, ValueError) as error:
        raise FontsMissing(f"the font {file} cannot be read: {error}") from None
