"""The mediation agreement: what the mediator fills in, and the content that is signed.

Content has the format `agreement/1` and holds everything a reader needs (人民调解法, art. 29): the
parties, facts, terms with manner and time, mediator, committee, number of copies.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from conference.documents.money import MOST_FEN, figures, written
from conference.errors import Refused
from conference.events.room import SeatInfo

FORMAT = "agreement/1"
MOST_CHARACTERS = 12_000
"""Of all clauses, facts and manner together; an agreement has some 1,000."""

BEIJING_US = timedelta(hours=8)

MissingGlyph = Callable[[str], str | None]
"""The first character of a text that the documents' fonts cannot print."""


def _printable(text: str) -> str:
    """A character younger than Python's tables ("Cn") is left to the fonts to know."""
    known = all(c.isprintable() or unicodedata.category(c) == "Cn" for c in text)
    if not known or text != text.strip():
        raise ValueError("characters that cannot be printed")
    return text


def _date(text: str) -> str:
    date.fromisoformat(text)
    return text


Line = Annotated[str, AfterValidator(_printable), Field(min_length=1, max_length=200)]
Paragraph = Annotated[str, AfterValidator(_printable), Field(min_length=1, max_length=2_000)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Seat = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
PlainDate = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)
]
Fen = Annotated[int, Field(ge=0, le=MOST_FEN)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PartyDetails(_Part):
    """What stands beside a party's name: an ID number with its middle masked, an address."""

    id_masked: Line | None = None
    address: Line | None = None


class AgreementFields(_Part):
    """What the mediator fills in; None: as it was. `amounts` in fen and `dates` have names, which
    stand in braces in `facts`, `clauses` and `method`, as do {parties}, {applicant},
    {respondent}, {mediator} and {committee}. `parties`: details by seat."""

    number: Line | None = None
    date: PlainDate | None = None
    place: Line | None = None
    facts: Paragraph | None = None
    clauses: Annotated[list[Paragraph], Field(min_length=1, max_length=40)] | None = None
    amounts: Annotated[dict[Name, Fen], Field(max_length=40)] | None = None
    dates: Annotated[dict[Name, PlainDate], Field(max_length=40)] | None = None
    method: Paragraph | None = None
    committee: Line | None = None
    copies: Annotated[int, Field(ge=1, le=99)] | None = None
    parties: Annotated[dict[Seat, PartyDetails], Field(max_length=100)] | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are not None, as JSON values."""
        return self.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of document. `defaults`: the fields it begins with. `sums`: amounts that are the sum
    of others (total of its instalments), by name, while all of them are there. `stories`: other
    beginnings, for sessions made from a seed story."""

    name: str
    title: str
    defaults: Mapping[str, Any]
    sums: Mapping[str, Sequence[str]]
    stories: Mapping[str, Mapping[str, Any]]

    def beginning(self, origin: str | None) -> dict[str, Any]:
        """The fields of a document before anybody has filled in anything."""
        return {**self.defaults, **self.stories.get(origin or "", {})}


@dataclass(frozen=True, slots=True)
class Setting:
    """The session as a document sees it. `on`: its date in Beijing, ISO 8601."""

    number: str
    seats: Sequence[SeatInfo]
    host: SeatInfo
    on: str


def day_of(wall_us: int) -> str:
    """The date in Beijing (UTC+8, no summer time) at an instant, UTC µs."""
    return (datetime.fromtimestamp(wall_us // 1_000_000, UTC) + BEIJING_US).date().isoformat()


def signers(seats: Sequence[SeatInfo], host: SeatInfo) -> list[SeatInfo]:
    """The parties, applicants first, and then the mediator. Agents have general authority only;
    judges, departments and observers sign nothing. Empty when a side of the table is."""
    order = {"applicant": 0, "respondent": 1, None: 2}
    parties = sorted((s for s in seats if s.role == "party"), key=lambda s: order[s.standing])
    mediators = [host] if host.role == "mediator" else [s for s in seats if s.role == "mediator"]
    return [*parties, *mediators[:1]] if parties and mediators else []


def filled(template: Template, old: Mapping[str, Any], new: AgreementFields) -> dict[str, Any]:
    """The fields with what was given; Refused `amounts_do_not_add_up`."""
    fields = {**old, **new.given()}
    amounts = fields.get("amounts", {})
    for name, parts in template.sums.items():
        if {name, *parts} <= amounts.keys():
            difference = amounts[name] - sum(amounts[part] for part in parts)
            if difference:
                told = f"{'-' if difference < 0 else ''}{figures(abs(difference))}"
                raise Refused("amounts_do_not_add_up", name=name, difference=told)
    return fields


def content(template: Template, fields: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
    """The whole document as a JSON value of the format `agreement/1`. Refused `no_signers`,
    `field_missing`, `text_too_long`, `placeholder_unknown`, `seat_unknown`."""
    signing = signers(setting.seats, setting.host)
    if not signing:
        raise Refused("no_signers")
    parties, mediator = signing[:-1], signing[-1]
    details = fields.get("parties", {})
    if not details.keys() <= {party.seat for party in parties}:
        raise Refused("seat_unknown")
    whole = {
        "number": setting.number,
        "date": setting.on,
        "committee": mediator.unit,
        **{name: value for name, value in fields.items() if value},
    }
    missing = [name for name in ("number", "facts", "clauses", "committee") if not whole.get(name)]
    if missing:
        raise Refused("field_missing", field=missing[0])
    if (
        sum(map(len, (*whole["clauses"], whole["facts"], whole.get("method", ""))))
        > MOST_CHARACTERS
    ):
        raise Refused("text_too_long", most=MOST_CHARACTERS)
    words = _words(whole, parties, mediator)
    clauses = [_put_in(text, words) for text in whole["clauses"]]
    return {
        "format": FORMAT,
        "title": template.title,
        "number": whole["number"],
        "date": whole["date"],
        "place": whole.get("place", ""),
        "parties": [_party(party, details.get(party.seat, {})) for party in parties],
        "facts": _put_in(whole["facts"], words),
        "clauses": [{"n": n, "text": text} for n, text in enumerate(clauses, 1)],
        "method": _put_in(whole.get("method", ""), words),
        "mediator": {"seat": mediator.seat, "name": mediator.name, "unit": mediator.unit},
        "committee": whole["committee"],
        "copies": whole.get("copies", len(parties) + 1),
    }


def check_glyphs(value: Any, missing: MissingGlyph) -> None:
    """Refused `glyph_missing` with the first character of any text in it that no font has."""
    if isinstance(value, str):
        character = missing(value)
        if character is not None:
            raise Refused("glyph_missing", character=character)
    elif isinstance(value, Mapping):
        check_glyphs(list(value.values()), missing)
    elif isinstance(value, list):
        for item in value:
            check_glyphs(item, missing)


def _party(party: SeatInfo, details: Mapping[str, Any]) -> dict[str, Any]:
    known = {"seat": party.seat, "name": party.name, "role": party.standing or party.role}
    return {**known, **{name: value for name, value in details.items() if value}}


def _words(
    fields: Mapping[str, Any], parties: Sequence[SeatInfo], mediator: SeatInfo
) -> dict[str, str]:
    """What stands for each name in braces."""
    people = {
        side: "、".join(party.name for party in parties if party.standing == side)
        for side in ("applicant", "respondent")
    }
    return {
        **{name: written(fen) for name, fen in fields.get("amounts", {}).items()},
        **{name: _day(day) for name, day in fields.get("dates", {}).items()},
        **{side: names for side, names in people.items() if names},
        "parties": "、".join(party.name for party in parties),
        "mediator": mediator.name,
        "committee": fields["committee"],
    }


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _put_in(text: str, words: Mapping[str, str]) -> str:
    def word(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in words:
            raise Refused("placeholder_unknown", name=name)
        return words[name]

    result = re.sub(r"\{([^{}]*)\}", word, text)
    if "{" in re.sub(r"\{[^{}]*\}", "", text) or "}" in re.sub(r"\{[^{}]*\}", "", text):
        raise Refused("placeholder_unknown", name="{}")
    return result
