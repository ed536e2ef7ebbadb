"""Amounts of money in integer fen (分), in figures and in words as contracts write them (大写)."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
FEN_PER_YUAN = 100
MOST_FEN = 10**12 * FEN_PER_YUAN - 1
"""Below one trillion yuan: the largest amount that these words name."""


def figures(fen: int) -> str:
    """12,600 元, or 12,600.50 元."""
    yuan, rest = divmod(_checked(fen), FEN_PER_YUAN)
    return f"{yuan:,}.{rest:02} 元" if rest else f"{yuan:,} 元"


def words(fen: int) -> str:
    """壹万贰仟陆佰元整 (正确填写票据和结算凭证的基本规定: 整 after yuan and jiao, 零 for skipped
    places)."""
    yuan, rest = divmod(_checked(fen), FEN_PER_YUAN)
    jiao, fen_left = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan or not rest else ""
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif fen_left and yuan:
        text += DIGITS[0]
    return text + (f"{DIGITS[fen_left]}分" if fen_left else "整")


def written(fen: int) -> str:
    """Both, as they stand in a text: 12,600 元（壹万贰仟陆佰元整）."""
    return f"{figures(fen)}（{words(fen)}）"


def _checked(fen: int) -> int:
    if not 0 <= fen <= MOST_FEN:
        raise ValueError("an amount of 0 to 999,999,999,999.99 yuan")
    return fen


def _whole(yuan: int) -> str:
    """Groups of four places; a skipped place is said once, before what follows it."""
    if yuan == 0:
        return DIGITS[0]
    groups = [(yuan // 10_000**n) % 10_000 for n in range(len(GROUPS))]
    text, skipped = "", False
    for n in reversed(range(len(GROUPS))):
        group = groups[n]
        if group == 0:
            skipped = bool(text)
            continue
        if text and (skipped or group < 1_000):
            text += DIGITS[0]
        text += _group(group) + GROUPS[n]
        skipped = False
    return text


def _group(group: int) -> str:
    text, skipped = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit == 0:
            skipped = bool(text)
            continue
        text += (DIGITS[0] if skipped else "") + DIGITS[digit] + PLACES[place]
        skipped = False
    return text
