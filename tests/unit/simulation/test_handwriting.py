"""Signatures of test participants are what a pen on glass would give."""

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.documents.strokes import Strokes, kept
from conference.simulation.handwriting import HEIGHT, WIDTH, signature, skeleton

NAMES = ("王建国", "艾合买提·吐尔逊", "马晓燕")


@given(st.text(min_size=1, max_size=16).filter(str.strip), st.integers(0, 1000))
def test_any_name_gives_strokes_that_the_rules_accept(name: str, seed: int) -> None:
    written = signature(name, Random(seed))
    content = kept(Strokes.model_validate(written))
    assert len(content) < 200_000
    for stroke in written["strokes"]:
        times = [point[0] for point in stroke]
        assert len(stroke) >= 3 and times[0] == 0 and times == sorted(set(times))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_hand_writes_the_same_and_another_writes_otherwise(name: str) -> None:
    assert signature(name, Random(1)) == signature(name, Random(1))
    assert signature(name, Random(1)) != signature(name, Random(2))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_fills_the_pad(name: str) -> None:
    written = signature(name, Random(3))
    points = [point for stroke in written["strokes"] for point in stroke]
    across = [x for _, x, _, _ in points]
    assert min(across) >= 0 and max(across) <= WIDTH and max(across) - min(across) > WIDTH / 2
    assert all(0 <= y <= HEIGHT for _, _, y, _ in points)


def test_the_pen_presses_where_it_is_slow() -> None:
    [stroke, *_] = signature("一二三", Random(5))["strokes"]
    speeds = [math.dist(a[1:3], b[1:3]) for a, b in pairwise(stroke)]
    middle = len(speeds) // 2
    assert speeds[middle] > speeds[0] and speeds[middle] > speeds[-1]
    assert stroke[middle][3] < stroke[0][3] and stroke[middle][3] < stroke[-1][3]


def test_known_characters_have_their_strokes() -> None:
    assert [len(skeleton(character)) for character in "王国马"] == [4, 8, 3]
    assert skeleton("〇") == skeleton("〇") != skeleton("亿")
