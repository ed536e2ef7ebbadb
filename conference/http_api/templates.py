"""The one door to jinja2: pages from web/templates, texts from the catalogue."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import jinja2
from aiohttp import web

from conference.http_api.catalogue import LOCALES
from conference.http_api.ports import DOOR, LOCALE

PAGE_STYLES = "src/styles/pages.css"
ENVIRONMENT = web.AppKey("templates", jinja2.Environment)


def environment(folder: Path) -> jinja2.Environment:
    """Autoescape everywhere; a name that is not given is an error, not an empty place."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )


def page(
    request: web.Request, template: str, values: Mapping[str, object], status: int = 200
) -> web.Response:
    """A rendered page in the language of the request."""
    door, locale = request.app[DOOR], request[LOCALE]
    styles = door.bundle.entry(PAGE_STYLES)
    text = partial(_text, request)
    html = (
        request.app[ENVIRONMENT]
        .get_template(template)
        .render(
            {
                "locale": locale,
                "locales": LOCALES,
                "text": text,
                "styles": styles.styles if styles else (),
                **values,
            }
        )
    )
    return web.Response(text=html, content_type="text/html", charset="utf-8", status=status)


def message_page(
    request: web.Request, code: str, params: Mapping[str, str | int], status: int
) -> web.Response:
    """A page that says what is wrong and what to do; it names no person and no case."""
    catalogue, locale = request.app[DOOR].catalogue, request[LOCALE]
    known = f"page.{code}.title" in catalogue.keys(locale)
    name = code if known else "bad_request"
    texts = {
        place: catalogue.text(locale, f"page.{name}.{key}", params)
        for place, key in (("title", "title"), ("lead", "text"), ("way", "way"))
    }
    return page(request, "message.html", texts, status)


def _text(request: web.Request, key: str, **params: str | int) -> str:
    return request.app[DOOR].catalogue.text(request[LOCALE], key, params)
