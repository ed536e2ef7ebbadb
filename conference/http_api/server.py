"""The HTTP application: every route in one table."""

from aiohttp import web
from aiohttp.typedefs import Handler

from conference.http_api import api, documents, pages, recordings, root_page
from conference.http_api.access import only_known
from conference.http_api.headers import add_headers, log_requests
from conference.http_api.ports import DOOR, Door
from conference.http_api.templates import ENVIRONMENT, environment
from conference.http_api.wire_errors import errors_as_words

LARGEST_BODY = 64 * 1024

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/", pages.home),
    ("GET", "/healthz", api.healthz),
    ("GET", "/metrics", api.metrics),
    ("GET", "/api/openapi.json", api.openapi),
    ("GET", "/ca", root_page.root_page),
    ("GET", "/ca/root.crt", root_page.root_pem),
    ("GET", "/ca/root.cer", root_page.root_der),
    ("GET", "/static/{file:.+}", pages.static),
    ("GET", "/j/{token}", pages.link_page),
    ("POST", "/j/{token}", pages.open_link),
    ("GET", "/c/{token}", documents.companion_page),
    ("POST", "/c/{token}", documents.open_companion),
    ("GET", "/u/{login}/", pages.shell),
    ("GET", "/u/{login}/companion", documents.companion_shell),
    ("GET", "/u/{login}/documents/{document}/{version}.pdf", documents.pdf),
    ("GET", "/u/{login}/documents/{document}/{version}/{seat}.json", documents.drawing),
    ("GET", "/u/{login}/api/me", api.me),
    ("GET", "/u/{login}/archive", recordings.shell),
    ("GET", "/u/{login}/archive/{session}", recordings.shell),
    ("GET", "/u/{login}/api/recordings", recordings.find),
    ("GET", "/u/{login}/api/recordings/{session}", recordings.one),
    ("POST", "/u/{login}/api/recordings/{session}/package", recordings.package),
    ("GET", "/u/{login}/media/{session}/{file}", recordings.media),
    ("GET", "/u/{login}/media/{session}/{document}/{version}.pdf", documents.paper),
)


def application(door: Door) -> web.Application:
    """The application without its sockets; the signaling door attaches itself to it."""
    app = web.Application(
        client_max_size=LARGEST_BODY,
        middlewares=[log_requests(), errors_as_words, only_known],
    )
    app[DOOR] = door
    app[ENVIRONMENT] = environment(door.templates)
    app.on_response_prepare.append(add_headers)
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, handler)
    return app
