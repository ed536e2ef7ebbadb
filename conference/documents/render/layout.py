"""From a job to the values the template prints: every number and time already as its words."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from conference.documents.render.handwriting import svg
from conference.documents.render.job import RenderJob, Signature

BEIJING = timedelta(hours=8)
DIGITS = "〇一二三四五六七八九"
TENTH_US = 100_000


def inputs(job: RenderJob) -> dict[str, str]:
    """What the template gets as `sys.inputs`. `data`: JSON; `content`: the content as it is."""
    content = json.loads(job.content)
    day = datetime.fromtimestamp(job.completed_at_us // 1_000_000, UTC) + BEIJING
    data = {
        "content": content,
        "date": date_words(content["date"]),
        "facts": paragraphs(content["facts"]),
        "method": paragraphs(content["method"]),
        "clauses": [
            {"n": chinese(clause["n"]), "paragraphs": paragraphs(clause["text"])}
            for clause in content["clauses"]
        ],
        "copies": chinese(content["copies"]),
        "hash": grouped(job.hash),
        "completed": list(day.timetuple()[:6]),
        "signatures": [_signature(signature) for signature in job.signatures],
    }
    return {"data": json.dumps(data, ensure_ascii=False), "content": job.content.decode()}


def paragraphs(text: str) -> list[str]:
    """Its lines that are not empty."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def chinese(number: int) -> str:
    """1 to 99 as 一 to 九十九."""
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def date_words(iso: str) -> str:
    """2026-07-20 as 2026年7月20日."""
    year, month, day = (int(part) for part in iso.split("-"))
    return f"{year}年{month}月{day}日"


def beijing(wall_us: int) -> str:
    """An instant (UTC µs) as date and time in Beijing, to the tenth of a second."""
    seconds, rest = divmod(wall_us, 1_000_000)
    at = datetime.fromtimestamp(seconds, UTC) + BEIJING
    return f"{date_words(at.date().isoformat())} {at:%H:%M:%S}.{rest // TENTH_US}"


def place(r_us: int) -> str:
    """A moment of the recording as HH:MM:SS.t."""
    seconds, rest = divmod(r_us, 1_000_000)
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours:02}:{minutes:02}:{seconds % 60:02}.{rest // TENTH_US}"


def grouped(digest: str) -> str:
    """A hash in groups of four."""
    return " ".join(re.findall(".{1,4}", digest))


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "name": signature.name,
        "role": signature.role,
        "at": beijing(signature.signed_at_us),
        "r": None if signature.r_us is None else place(signature.r_us),
        "svg": svg(signature.strokes),
    }
