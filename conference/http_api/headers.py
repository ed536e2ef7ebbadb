"""What every answer carries, and the one line it leaves in the log."""

import logging
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

_log = logging.getLogger("conference.http_api.requests")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler of aiohttp: runs for every answer, errors included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"


def log_requests(seconds: Callable[[], float] = time.monotonic) -> Middleware:
    """One line per request: method, route and status. The route, not the path: paths carry
    tokens. Neither address nor browser is written."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = seconds(), 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            milliseconds = (seconds() - began) * 1000
            _log.info("%s %s %d %.0f ms", request.method, _route(request), status, milliseconds)

    return middleware


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "(no route)" if resource is None else resource.canonical


class NoPeers(logging.Filter):
    """For aiohttp's own logger: it writes addresses, and a trace for each malformed request,
    which is not our fault and is answered with 400."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = None
            record.msg, record.args = "a malformed request was refused: %s", (type(error).__name__,)
        elif str(record.msg).startswith("Error handling request from"):
            record.args = ("a client",)
        return True
