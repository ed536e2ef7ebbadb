"""Who may pass: what is not on the public list wants a login and its cookie."""

from aiohttp import web
from aiohttp.typedefs import Handler

from conference.access.links import Scope, Visitor
from conference.errors import Refused
from conference.http_api.ports import DOOR, VISITOR

PUBLIC = frozenset(
    {
        "/",
        "/healthz",
        "/metrics",  # this machine or a token: its handler sees to it
        "/api/openapi.json",
        "/ca",
        "/ca/root.crt",
        "/ca/root.cer",
        "/static/{file}",
        "/j/{token}",
        "/c/{token}",
    }
)
COMPANION_PAGE = "/u/{login}/companion"
SOCKET = "/u/{login}/socket.io/"
OF_SCOPE: dict[Scope, frozenset[str]] = {
    "companion": frozenset({COMPANION_PAGE, SOCKET}),
    "archive": frozenset(
        {
            "/u/{login}/archive",
            "/u/{login}/archive/{session}",
            "/u/{login}/api/me",
            "/u/{login}/api/recordings",
            "/u/{login}/api/recordings/{session}",
            "/u/{login}/api/recordings/{session}/package",
            "/u/{login}/media/{session}/{file}",
            "/u/{login}/media/{session}/{document}/{version}.pdf",
        }
    ),
}
"""All that a login may ask for that was made by another link than a session's."""

COOKIE = "login"
LONGEST = 128


@web.middleware
async def only_known(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Deny by default: a new route is closed until somebody puts it on the list."""
    resource = request.match_info.route.resource
    if resource is None or resource.canonical in PUBLIC:
        return await handler(request)
    visitor = await _visitor(request)
    if not _may_ask(visitor, resource.canonical):
        raise Refused("not_allowed")
    request[VISITOR] = visitor
    return await handler(request)


def _may_ask(visitor: Visitor, route: str) -> bool:
    if visitor.scope == "session":
        return route != COMPANION_PAGE
    return route in OF_SCOPE.get(visitor.scope, frozenset())


def visitor_of(request: web.Request) -> Visitor:
    """Who asks, on a route that is not public."""
    return request[VISITOR]


async def _visitor(request: web.Request) -> Visitor:
    login = request.match_info.get("login", "")
    cookie = request.cookies.get(COOKIE, "")
    if not login or not cookie or max(len(login), len(cookie)) > LONGEST:
        raise Refused("not_logged_in")
    visitor = await request.app[DOOR].access.visitor(login, cookie)
    if visitor is None:
        raise Refused("not_logged_in")
    return visitor
