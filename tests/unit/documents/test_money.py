"""大写: amounts in words, read back by a reader of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.documents.money import DIGITS, MOST_FEN, figures, words, written

PLACES = {"拾": 10, "佰": 100, "仟": 1_000}
GROUPS = {"万": 10**4, "亿": 10**8}


def read(text: str) -> int:
    """An amount in words as fen."""
    fen = 0
    yuan, yuan_said, rest = text.rpartition("元")
    for sign, value in (("角", 10), ("分", 1)):
        if sign in rest:
            fen += DIGITS.index(rest[rest.index(sign) - 1]) * value
    return (whole(yuan) * 100 if yuan_said else 0) + fen


def whole(text: str) -> int:
    total, group, digit = 0, 0, 0
    for character in text:
        if character in PLACES:
            group, digit = group + digit * PLACES[character], 0
        elif character in GROUPS:
            total, group, digit = total + (group + digit) * GROUPS[character], 0, 0
        else:
            digit = DIGITS.index(character)
    return total + group + digit


@given(st.integers(0, MOST_FEN))
def test_the_words_say_the_amount(fen: int) -> None:
    assert read(words(fen)) == fen
    assert "零零" not in words(fen)
    assert words(fen).endswith("分") == (fen % 10 != 0)


@given(st.integers(0, MOST_FEN))
def test_the_figures_say_the_amount(fen: int) -> None:
    plain = figures(fen).removesuffix(" 元").replace(",", "")
    yuan, _, rest = plain.partition(".")
    assert int(yuan) * 100 + int(rest or 0) == fen


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (1_260_000, "壹万贰仟陆佰元整"),
        (1_000_000, "壹万元整"),
        (1_000_900, "壹万零玖元整"),
        (10_070_000, "壹拾万零柒佰元整"),
        (10_000_000_001, "壹亿元零壹分"),
        (1_000_000_050_000, "壹佰亿零伍佰元整"),
    ],
)
def test_as_it_stands_in_contracts(fen: int, text: str) -> None:
    assert words(fen) == text


def test_both_together() -> None:
    assert written(660_000) == "6,600 元（陆仟陆佰元整）"
    assert figures(104_958) == "1,049.58 元"


@pytest.mark.parametrize("fen", [-1, MOST_FEN + 1])
def test_what_has_no_words_is_an_error(fen: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        words(fen)
