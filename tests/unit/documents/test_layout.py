"""Numbers and times as their words, and handwriting as paths that stay in their field."""

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.documents.render import layout
from conference.documents.render.handwriting import BOX, PEN, STEPS, svg
from conference.documents.render.job import Strokes
from tests.support.printed import job, strokes

SVG = "{http://www.w3.org/2000/svg}"

points = st.tuples(
    st.floats(0, 60_000), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(0, 1)
)
writing = st.lists(st.lists(points, max_size=12).map(tuple), min_size=1, max_size=6).filter(any)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (9, "九"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九")],
)
def test_chinese_numbers(number: int, words: str) -> None:
    assert layout.chinese(number) == words


def test_times_are_those_of_beijing_and_cut_not_rounded() -> None:
    assert layout.beijing(1_784_538_737_399_999) == "2026年7月20日 17:12:17.3"
    assert layout.beijing(1_784_563_200_000_000) == "2026年7月21日 00:00:00.0"
    assert layout.place(3_067_399_999) == "00:51:07.3"
    assert layout.place(36_000_000_000) == "10:00:00.0"


def test_the_hash_is_grouped_and_the_content_is_untouched() -> None:
    order = job()
    given_ = layout.inputs(order)
    assert given_["content"].encode() == order.content
    data = json.loads(given_["data"])
    assert data["hash"].replace(" ", "") == order.hash
    assert data["completed"] == [2026, 7, 20, 17, 16, 5]
    assert [s["r"] for s in data["signatures"]] == ["00:51:07.3", None, "00:51:07.3"]


@given(writing)
def test_handwriting_stays_in_its_field(lines: list[tuple[tuple[float, ...], ...]]) -> None:
    drawn = svg(Strokes(548, 226, tuple(lines)))  # type: ignore[arg-type]
    paths = ElementTree.fromstring(drawn).iter(f"{SVG}path")
    for path in paths:
        numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", path.attrib["d"])]
        assert all(0 <= x <= BOX[0] for x in numbers[::2]), path.attrib["d"]
        assert all(0 <= y <= BOX[1] for y in numbers[1::2]), path.attrib["d"]
        assert 0 < float(path.attrib["stroke-width"]) <= 1.5 * PEN + 0.01


def test_each_stroke_is_one_path_while_the_pressure_stays() -> None:
    drawn = ElementTree.fromstring(svg(strokes()))
    assert len(list(drawn.iter(f"{SVG}path"))) == 3
    rising = tuple((float(n), float(n), float(n % 3), n / 40) for n in range(41))
    rising_paths = list(
        ElementTree.fromstring(svg(Strokes(548, 226, (rising,)))).iter(f"{SVG}path")
    )
    widths = [float(path.attrib["stroke-width"]) for path in rising_paths]
    assert len(widths) >= STEPS and widths[1:] == sorted(widths[1:])


def test_a_pad_without_pressure_writes_like_one_of_medium_pressure() -> None:
    line = tuple((n * 8.0, n * 5.0, 3.0 * (n % 4), 0.0) for n in range(20))
    medium = tuple((t, x, y, 0.5) for t, x, y, _ in line)
    assert svg(Strokes(548, 226, (line,))) == svg(Strokes(548, 226, (medium,)))
    assert "<image" not in svg(Strokes(548, 226, (line,)))
