"""Offers and answers of browsers. Chromium's are as it said them (Debian's 156, fake devices);
Firefox's is written by hand from what it was seen to say."""

from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "unit" / "media" / "sdp"

CHROMIUM_OFFER = (_FOLDER / "chromium_offer.sdp").read_text("ascii")
CHROMIUM_ANSWER = (_FOLDER / "chromium_answer.sdp").read_text("ascii")
FIREFOX_OFFER = (_FOLDER / "firefox_offer.sdp").read_text("ascii")


def sample(*lines: str) -> str:
    """Lines of SDP as a text."""
    return "".join(f"{line}\r\n" for line in lines)
