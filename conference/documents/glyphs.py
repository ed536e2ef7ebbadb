"""Which characters the documents' fonts can print, so that a name no font has is refused where it
is entered, and not when the paper is made.

Reads the `cmap` of TrueType and OpenType files itself (OpenType 1.9, "cmap", formats 4 and 12, the
two that every font of today has): it needs no outline, and a font library would bring fifty times
the code for these two tables.
"""

import mmap
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

Bytes = bytes | mmap.mmap
Span = tuple[int, int]
"""First and last code point."""

SUBTABLES = {(3, 10): 2, (0, 6): 2, (0, 4): 2, (3, 1): 1, (0, 3): 1}
"""Platform and encoding of Unicode subtables; the whole of Unicode before its first plane."""


class NotAFont(Exception):
    """The bytes are no font with a Unicode cmap."""


class Coverage:
    """What each of some fonts can print. `fonts`: sorted spans of code points, one list a font."""

    def __init__(self, fonts: Sequence[Sequence[Span]]) -> None:
        self._fonts = [([first for first, _ in spans], spans) for spans in fonts]

    def missing_glyphs(self, text: str) -> list[str]:
        """The characters of a text that cannot be printed, each once, in their order. A letter and
        the marks on it must be in one font, since they are shaped together."""
        found = (cluster for cluster in _clusters(text) if not self._prints(cluster))
        return list(dict.fromkeys(found))

    def first_missing(self, text: str) -> str | None:
        """The first of them."""
        return next((cluster for cluster in _clusters(text) if not self._prints(cluster)), None)

    def _prints(self, cluster: str) -> bool:
        apart = unicodedata.normalize("NFD", cluster)
        forms = (cluster,) if apart == cluster else (cluster, apart)
        return any(
            all(_within(font, ord(c)) for c in form) for font in self._fonts for form in forms
        )


def spans_of(font: Bytes) -> list[list[Span]]:
    """The spans of each font in the bytes of a file: one, or those of a collection. NotAFont when
    it is none."""
    try:
        return [_cmap(font, offset) for offset in _fonts_in(font)]
    except (struct.error, IndexError) as error:
        raise NotAFont(str(error)) from None


def _within(font: tuple[list[int], Sequence[Span]], code: int) -> bool:
    starts, spans = font
    place = bisect_right(starts, code) - 1
    return place >= 0 and code <= spans[place][1]


def _clusters(text: str) -> Iterator[str]:
    """Characters with their combining marks. Line ends and tabs are layout, not glyphs."""
    cluster = ""
    for character in unicodedata.normalize("NFC", text):
        if character in "\n\t":
            continue
        if cluster and unicodedata.category(character).startswith("M"):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def _fonts_in(font: Bytes) -> list[int]:
    if font[:4] != b"ttcf":
        return [0]
    (count,) = struct.unpack_from(">I", font, 8)
    return list(struct.unpack_from(f">{count}I", font, 12))


def _cmap(font: Bytes, offset: int) -> list[Span]:
    version, tables = struct.unpack_from(">4sH", font, offset)
    if version not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise NotAFont("neither TrueType nor OpenType")
    for number in range(tables):
        tag, _, start, _ = struct.unpack_from(">4s3I", font, offset + 12 + 16 * number)
        if tag == b"cmap":
            return _best(font, start)
    raise NotAFont("no table of characters")


def _best(font: Bytes, cmap: int) -> list[Span]:
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    known = []
    for number in range(count):
        platform, encoding, start = struct.unpack_from(">HHI", font, cmap + 4 + 8 * number)
        rank = SUBTABLES.get((platform, encoding), 0)
        (form,) = struct.unpack_from(">H", font, cmap + start)
        if rank and form in (4, 12):
            known.append((rank, form, cmap + start))
    if not known:
        raise NotAFont("no Unicode table of characters")
    _, form, start = max(known)
    return _joined(_groups(font, start) if form == 12 else _segments(font, start))


def _groups(font: Bytes, start: int) -> Iterator[Span]:
    """Format 12. Glyph 0 is "no such glyph", and stands for the first code point only."""
    (count,) = struct.unpack_from(">I", font, start + 12)
    for first, last, glyph in struct.iter_unpack(">3I", font[start + 16 : start + 16 + 12 * count]):
        yield (first + (glyph == 0), last)


def _segments(font: Bytes, start: int) -> Iterator[Span]:
    """Format 4."""
    (double,) = struct.unpack_from(">H", font, start + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", font, start + 14)
    starts = struct.unpack_from(f">{count}H", font, start + 16 + double)
    deltas = struct.unpack_from(f">{count}H", font, start + 16 + 2 * double)
    base = start + 16 + 3 * double
    offsets = struct.unpack_from(f">{count}H", font, base)
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offsets[number]:
                where = base + 2 * number + offsets[number] + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", font, where)
                if not glyph:
                    continue
            if (glyph + deltas[number]) & 0xFFFF:
                yield (code, code)


def _joined(spans: Iterator[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, last in sorted(span for span in spans if span[0] <= span[1]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
