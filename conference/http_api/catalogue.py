"""The sentences of the server's own pages and errors, in every language it speaks."""

import json
from collections.abc import Mapping
from importlib.resources import files

LOCALES = ("zh-CN", "en")
DEFAULT = LOCALES[0]


class Catalogue:
    """Texts by locale and key; a missing key is a programming error and raises KeyError."""

    def __init__(self) -> None:
        folder = files("conference.http_api") / "messages"
        self._texts: dict[str, dict[str, str]] = {
            locale: json.loads((folder / f"{locale}.json").read_text("utf-8")) for locale in LOCALES
        }

    def text(self, locale: str, key: str, params: Mapping[str, str | int] | None = None) -> str:
        """The sentence, with its {placeholders} filled; a parameter it does not name is let be."""
        text = self._texts[locale][key]
        for name, value in (params or {}).items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def error(self, locale: str, code: str, params: Mapping[str, str | int] | None = None) -> str:
        """The sentence `error.<code>`; a code without one gets the general sentence."""
        known = f"error.{code}" in self._texts[locale]
        return self.text(locale, f"error.{code}" if known else "error.bad_request", params)

    def keys(self, locale: str) -> frozenset[str]:
        """All keys of a language, for the test that compares them."""
        return frozenset(self._texts[locale])


def choose(query: str | None, accept_language: str | None) -> str:
    """The locale of an answer: `?lang=` when it names one, else the first language of
    Accept-Language (RFC 9110, section 12.5.4) that is spoken here, else Chinese."""
    if query in LOCALES:
        return query
    weighted = [_weighted(part) for part in (accept_language or "")[:512].split(",")]
    for _, tag in sorted(weighted, key=lambda pair: -pair[0]):
        for locale in LOCALES:
            if tag.split("-")[0] == locale.split("-")[0].lower():
                return locale
    return DEFAULT


def _weighted(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower()
