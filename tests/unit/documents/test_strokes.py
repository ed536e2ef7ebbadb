"""Handwriting: what is taken, what is kept, what others see of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from conference.documents.canonical import canonical
from conference.documents.strokes import MOST_BYTES, Strokes, drawing, kept
from conference.errors import Refused
from tests.support.signing_round import handwriting

POINTS = st.lists(
    st.tuples(
        st.integers(0, 60_000),
        st.floats(-2_000, 2_000),
        st.floats(-2_000, 2_000),
        st.floats(0, 1),
    ).map(list),
    max_size=20,
)


def strokes(lines: list[list[list[float]]]) -> Strokes:
    return Strokes.model_validate({**handwriting(), "strokes": lines})


@given(st.lists(POINTS, max_size=6))
def test_what_is_kept_is_canonical_and_comes_back(lines: list[list[list[float]]]) -> None:
    written = strokes(lines)
    if not any(len(line) >= 3 for line in lines):
        with pytest.raises(Refused, match="no_strokes"):
            kept(written)
        return
    content = kept(written)
    assert content == canonical(json.loads(content))
    assert Strokes.model_validate_json(content) == written
    shape = drawing(content)
    assert [len(line) for line in shape["strokes"]] == [len(line) for line in lines]
    assert all(len(point) == 2 for line in shape["strokes"] for point in line)


@pytest.mark.parametrize("lines", [[], [[]], [[[0, 1, 1, 0]]], [[[0, 1, 1, 0], [1, 1, 1, 0]]] * 50])
def test_taps_are_no_signature(lines: list[list[list[float]]]) -> None:
    with pytest.raises(Refused) as refusal:
        kept(strokes(lines))
    assert refusal.value.code == "no_strokes"


def test_more_than_200_kb_is_too_much() -> None:
    line = [[n, n + 0.123456, n + 0.654321, 0.515625] for n in range(1_000)]
    assert len(kept(strokes([line] * 4))) <= MOST_BYTES
    with pytest.raises(Refused) as refusal:
        kept(strokes([line] * 8))
    assert refusal.value.code == "strokes_too_large"


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0},
        {"height": -1},
        {"dpr": 0},
        {"width": float("nan")},
        {"height": float("inf")},
        {"width": "548"},
        {"width": True},
        {"pointer_type": "eye"},
        {"strokes": [[[0, 1, 2]]]},
        {"strokes": [[[0, 1, 2, 3, 4]]]},
        {"strokes": [[[0, 1, 2, 1.5]]]},
        {"strokes": [[[-1, 1, 2, 0.5]]]},
        {"strokes": [[[0, float("nan"), 2, 0.5]]]},
        {"strokes": [[[0, 1e9, 2, 0.5]]]},
        {"strokes": [["0123"]]},
        {"strokes": [[None]]},
        {"strokes": None},
        {"biometrics": "more"},
    ],
)
def test_what_is_no_handwriting_is_no_message(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Strokes.model_validate({**handwriting(), **change})
