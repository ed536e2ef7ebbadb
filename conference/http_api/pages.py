"""Pages: the link and its button, the application's shell, static files."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from conference.access.links import Link, LinkState, Opened, Scope, Visitor
from conference.errors import Refused
from conference.http_api.access import COOKIE
from conference.http_api.ports import DOOR, LOCALE, Invitation, Person
from conference.http_api.templates import page
from conference.ids import LoginId

APP_ENTRY = "src/live/main.ts"
PARTIES = ("party", "agent")
BEIJING = ZoneInfo("Asia/Shanghai")
PAGES: dict[Scope, str] = {"archive": "archive"}
"""Where a link leads below /u/{login}/; a session's to the session itself."""

A_YEAR = "public, max-age=31536000, immutable"


async def home(request: web.Request) -> web.Response:
    """Says that everybody has a link of their own."""
    catalogue, locale = request.app[DOOR].catalogue, request[LOCALE]
    title, lead = (catalogue.text(locale, key) for key in ("home.title", "home.text"))
    return page(request, "message.html", {"title": title, "lead": lead, "way": None})


async def link_page(request: web.Request) -> web.Response:
    """Who is invited to what, and a button. Messengers fetch links for their previews, so that
    opening the page changes nothing."""
    door = request.app[DOOR]
    found = await door.access.find(request.match_info["token"])
    if found is None:
        raise Refused("link_unknown")
    link, state = found
    if state is not LinkState.VALID:
        raise Refused(f"link_{state}")
    if link.scope == "archive":
        return await _archive_link(request, link)
    invitation = await door.invitation(link.session, link.seat)
    return page(request, "link.html", {"link": _link_values(request, invitation)})


async def open_link(request: web.Request) -> web.Response:
    """The button: a new login with a path and a cookie of its own, so that several people can
    be open in the tabs of one browser. The cookie ends with the browser: on a shared machine
    nobody finds the last person's seat, who has the link to come back."""
    door = request.app[DOOR]
    opened = await door.access.open(request.match_info["token"])
    return enter(request, opened, PAGES.get(opened.visitor.scope, ""))


async def _archive_link(request: web.Request, link: Link) -> web.Response:
    nobody = Visitor(LoginId(""), link.link, link.session, link.seat, link.scope)
    viewer = await request.app[DOOR].recordings.viewer(nobody)
    values = {"name": viewer.name, "unit": viewer.unit, "action": request.path + language(request)}
    return page(request, "archive-link.html", values)


def enter(request: web.Request, opened: Opened, page_name: str) -> web.Response:
    """To a page of the new login, with its cookie."""
    path = f"/u/{opened.visitor.login}/"
    location = path + page_name + language(request)
    response = web.Response(status=303, headers={"Location": location})
    response.set_cookie(
        COOKIE,
        opened.cookie,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=request.app[DOOR].secure,
    )
    return response


async def shell(request: web.Request) -> web.Response:
    """The page that loads the application."""
    return application_page(request, APP_ENTRY)


def application_page(request: web.Request, source: str) -> web.Response:
    """A page that one entry of the bundle draws; says so while the bundle is not built."""
    entry = request.app[DOOR].bundle.entry(source)
    if entry is None:
        text = request.app[DOOR].catalogue.text(request[LOCALE], "app.unbuilt")
        return page(request, "message.html", {"title": "503", "lead": text, "way": None}, 503)
    files = {"script": entry.script, "modules": entry.modules, "styles": entry.styles}
    return page(request, "app.html", files)


async def static(request: web.Request) -> web.StreamResponse:
    """A file of the bundle. Files below assets/ have their hash in the name."""
    dist = request.app[DOOR].bundle.dist.resolve()
    file = await asyncio.to_thread(_inside, dist, request.match_info["file"])
    if file is None:
        raise web.HTTPNotFound
    cache = A_YEAR if file.is_relative_to(dist / "assets") else "no-cache"
    return web.FileResponse(file, headers={"Cache-Control": cache})


def _inside(dist: Path, name: str) -> Path | None:
    try:
        file = (dist / name).resolve()
        hidden = any(part.startswith(".") for part in file.relative_to(dist).parts)
        return file if file.is_file() and not hidden else None
    except (ValueError, OSError):
        return None


def role_text(request: web.Request, person: Person) -> str:
    """申请人 before 当事人: the standing says more than the role."""
    key = f"standing.{person.standing}" if person.standing else f"role.{person.role}"
    return request.app[DOOR].catalogue.text(request[LOCALE], key)


def _link_values(request: web.Request, invitation: Invitation) -> dict[str, object]:
    return {
        "name": invitation.person.name,
        "free": invitation.person.role in PARTIES,
        "title": invitation.title,
        "case_number": invitation.case_number,
        "time": beijing(invitation.scheduled_at_us, request[LOCALE]),
        "host_name": invitation.host.name,
        "host_unit": invitation.host.unit,
        "role": role_text(request, invitation.person),
        "action": request.path + language(request),
    }


def language(request: web.Request) -> str:
    """The query that keeps a chosen language."""
    chosen = request.query.get("lang")
    return f"?lang={chosen}" if chosen == request[LOCALE] else ""


def beijing(instant_us: int, locale: str) -> str:
    """An instant as people here read it."""
    at = datetime.fromtimestamp(instant_us / 1e6, UTC).astimezone(BEIJING)
    if locale == "en":
        return at.strftime("%Y-%m-%d %H:%M")
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
