"""Which characters fonts have: read from synthetic tables, and from the fonts of the documents."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.documents.glyphs import Coverage, NotAFont, Span, spans_of
from conference.documents.render.fonts import FontsMissing, coverage
from tests.support.printed import FONTS

codes = st.sets(st.integers(0x20, 0x2FFFF), min_size=1, max_size=60)


def spans(known: set[int]) -> list[Span]:
    """One span a code point, as a font may well say it."""
    return [(code, code) for code in sorted(known)]


def sfnt(*subtables: tuple[int, int, bytes], version: bytes = b"\0\1\0\0", at: int = 0) -> bytes:
    """A file with a cmap and nothing else; `at`: where it begins in a collection."""
    records, bodies = b"", b""
    start = 4 + 8 * len(subtables)
    for platform, encoding, body in subtables:
        records += struct.pack(">HHI", platform, encoding, start + len(bodies))
        bodies += body
    cmap = struct.pack(">HH", 0, len(subtables)) + records + bodies
    table = struct.pack(">4s3I", b"cmap", 0, at + 28, len(cmap))
    return struct.pack(">4s4H", version, 1, 0, 0, 0) + table + cmap


def format12(known: set[int]) -> bytes:
    groups = b"".join(struct.pack(">3I", code, code, 7) for code in sorted(known))
    return struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(known)) + groups


def format4(known: set[int]) -> bytes:
    """A segment for each code point: every other one by its delta, the rest by glyph array."""
    ordered = [*sorted(known), 0xFFFF]
    count, glyphs = len(ordered), b""
    deltas, offsets = [], []
    for number, code in enumerate(ordered):
        by_array = number % 2 == 1 and code != 0xFFFF
        deltas.append(0 if by_array else (1 if code == 0xFFFF else (5 - code) & 0xFFFF))
        offsets.append(2 * (count - number) + len(glyphs) if by_array else 0)
        glyphs += struct.pack(">H", 9) if by_array else b""
    words = [
        struct.pack(f">{count}H", *ordered), b"\0\0", struct.pack(f">{count}H", *ordered),
        struct.pack(f">{count}H", *deltas), struct.pack(f">{count}H", *offsets), glyphs,
    ]  # fmt: skip
    body = b"".join(words)
    return struct.pack(">7H", 4, 14 + len(body), 0, 2 * count, 0, 0, 0) + body


def covered(found: list[Span]) -> set[int]:
    return {code for first, last in found for code in range(first, last + 1)}


@given(codes)
def test_format_12_says_what_was_put_in(known: set[int]) -> None:
    assert [covered(f) for f in spans_of(sfnt((3, 10, format12(known))))] == [known]


@given(st.sets(st.integers(0x20, 0xFFFE), min_size=1, max_size=60))
def test_format_4_says_what_was_put_in(known: set[int]) -> None:
    assert [covered(f) for f in spans_of(sfnt((3, 1, format4(known))))] == [known]


def test_the_larger_table_is_read() -> None:
    both = sfnt((3, 1, format4({0x41})), (3, 10, format12({0x41, 0x20000})))
    assert [covered(f) for f in spans_of(both)] == [{0x41, 0x20000}]


def test_glyph_0_is_no_glyph() -> None:
    groups = struct.pack(">HHIII", 12, 0, 28, 0, 1) + struct.pack(">3I", 0x40, 0x42, 0)
    assert [covered(f) for f in spans_of(sfnt((3, 10, groups)))] == [{0x41, 0x42}]


def test_a_collection_is_all_its_fonts() -> None:
    head = struct.pack(">4sIIII", b"ttcf", 0x10000, 2, 20, 20 + len(sfnt((3, 10, format12({1})))))
    first = sfnt((3, 10, format12({0x41})), at=20)
    both = head + first + sfnt((3, 10, format12({0x42})), version=b"OTTO", at=20 + len(first))
    assert [covered(f) for f in spans_of(both)] == [{0x41}, {0x42}]


@given(st.binary(max_size=200))
def test_garbage_is_no_font(garbage: bytes) -> None:
    for file in (garbage, b"\0\1\0\0" + garbage, sfnt((3, 10, garbage)), b"ttcf" + garbage):
        try:
            spans_of(file)
        except NotAFont:
            continue


@pytest.mark.parametrize("file", [b"", b"wOF2", sfnt((1, 0, format4({0x41})))])
def test_what_holds_no_unicode_table_is_no_font(file: bytes) -> None:
    with pytest.raises(NotAFont):
        spans_of(file)


def test_a_letter_and_its_mark_need_one_font() -> None:
    fonts = Coverage([spans({0x4E00, ord("q")}), spans({ord("e"), ord("q"), 0x0302, 0x0323})])
    assert fonts.missing_glyphs("一e\u0323一") == []
    assert fonts.missing_glyphs("一\u0323") == ["一\u0323"]
    assert fonts.first_missing("qx\u0302yx") == "x\u0302"


def test_each_missing_character_is_named_once_in_its_order() -> None:
    fonts = Coverage([spans({0x20, 0x4E00})])
    assert fonts.missing_glyphs("一 二三二\n\t一") == ["二", "三"]
    assert fonts.first_missing("一 一\n") is None
    assert Coverage([]).first_missing("一") == "一"


def test_the_fonts_of_the_documents_have_what_is_needed() -> None:
    fonts = coverage([FONTS])
    gbk = [bytes([a, b]) for a in range(0x81, 0xFF) for b in range(0x40, 0xFF)]
    hanzi = [h for h in (pair.decode("gbk", "ignore") for pair in gbk) if "一" <= h <= "\u9fff"]
    assert len(hanzi) > 20_900 and fonts.missing_glyphs("".join(hanzi)) == []
    assert fonts.missing_glyphs("䶮𬭎㑇㐂〔〕·《》“”—…￥") == []
    assert fonts.missing_glyphs("ئابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىي،؛؟") == []
    assert fonts.missing_glyphs("马\U000323af燕𠮷😀") == ["\U000323af", "𠮷", "😀"]


def test_a_folder_that_is_no_use_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing, match="holds no font"):
        coverage([FONTS, tmp_path])
    with pytest.raises(FontsMissing, match="holds no font"):
        coverage([tmp_path / "nowhere"])
    (tmp_path / "空.ttf").write_bytes(b"")
    with pytest.raises(FontsMissing, match="空"):
        coverage([tmp_path])
    (tmp_path / "空.ttf").write_bytes(sfnt((3, 10, format12({0x41}))))
    assert coverage([tmp_path]).missing_glyphs("AB") == ["B"]
