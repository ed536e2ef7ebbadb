"""Documents and companions over HTTP: a phone's way in, and the files of a document."""

from aiohttp import web

from conference.access.links import LinkState
from conference.errors import Refused
from conference.http_api.access import visitor_of
from conference.http_api.pages import application_page, enter, language
from conference.http_api.ports import DOOR
from conference.http_api.templates import page
from conference.ids import CompanionId, SessionId

COMPANION_ENTRY = "src/companion/main.ts"
KEPT = "private, max-age=31536000, immutable"
LONGEST_NUMBER = 9


async def companion_page(request: web.Request) -> web.Response:
    """Whose signature is asked for, and a button. Cameras and messengers fetch what a QR code
    says, so that opening the page uses nothing up."""
    door = request.app[DOOR]
    found = await door.access.find_companion(request.match_info["token"])
    if found is None:
        raise Refused("companion_unknown")
    link, state = found
    if state is not LinkState.VALID:
        raise Refused(f"companion_{state}")
    _, ticket = await door.documents.companion(link.session, CompanionId(link.link))
    invitation = await door.invitation(link.session, link.seat)
    values = {
        "name": invitation.person.name,
        "hash_prefix": ticket.hash_prefix,
        "action": request.path + language(request),
    }
    return page(request, "companion-link.html", values)


async def open_companion(request: web.Request) -> web.Response:
    """The button: the one login of this companion."""
    opened = await request.app[DOOR].access.open_companion(request.match_info["token"])
    return enter(request, opened, "companion")


async def companion_shell(request: web.Request) -> web.Response:
    """The page on which the person signs."""
    return application_page(request, COMPANION_ENTRY)


async def pdf(request: web.Request) -> web.Response:
    """The completed document, for the seats of its session."""
    return await _pdf_of(request, visitor_of(request).session, KEPT)


async def paper(request: web.Request) -> web.Response:
    """The same for those who may look at the session's recording."""
    session = SessionId(request.match_info["session"])
    await request.app[DOOR].recordings.admit(visitor_of(request), session)
    return await _pdf_of(request, session, "no-store")


async def _pdf_of(request: web.Request, session: SessionId, kept: str) -> web.Response:
    name, version = request.match_info["document"], _version(request)
    content = await request.app[DOOR].documents.pdf(session, name, version)
    named = f'inline; filename="agreement-{version}.pdf"'
    headers = {"Content-Disposition": named, "Cache-Control": kept}
    return web.Response(body=content, content_type="application/pdf", headers=headers)


async def drawing(request: web.Request) -> web.Response:
    """The shape of one signature: `width`, `height`, `strokes` of [x, y]."""
    visitor, documents = visitor_of(request), request.app[DOOR].documents
    name, seat = request.match_info["document"], request.match_info["seat"]
    shape = await documents.drawing(visitor.session, name, _version(request), seat)
    return web.json_response(dict(shape))


def _version(request: web.Request) -> int:
    text = request.match_info["version"]
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise Refused("not_found")
    return int(text)
