"""Errors become words here: a page for people, JSON for programs, in the asker's language."""

import logging
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler

from conference.errors import ProtocolViolation, Refused
from conference.http_api.catalogue import choose
from conference.http_api.ports import DOOR, LOCALE
from conference.http_api.templates import message_page

_log = logging.getLogger(__name__)

STATUS = {
    "link_unknown": 404,
    "link_expired": 410,
    "link_withdrawn": 410,
    "companion_unknown": 404,
    "companion_expired": 410,
    "companion_used": 410,
    "companion_withdrawn": 410,
    "not_logged_in": 401,
    "not_allowed": 403,
    "replay_not_allowed": 403,
    "not_found": 404,
    "no_own_authority": 404,
    "session_unknown": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "slow_down": 429,
    "internal": 500,
    "file_damaged": 500,
    "busy": 503,
    "journal_failed": 503,
    "storage_full": 503,
}
_OF_STATUS = {401: "not_logged_in", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed"}
_OF_STATUS[413] = "too_large"


@web.middleware
async def errors_as_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure is answered; what nobody expected goes to the log under a number."""
    request[LOCALE] = choose(request.query.get("lang"), request.headers.get("Accept-Language"))
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return answer(request, _OF_STATUS.get(error.status, "bad_request"), status=error.status)
    except Refused as refused:
        return answer(request, refused.code, refused.params)
    except ProtocolViolation as violation:
        _log.info("a request was refused: %s", violation)
        return answer(request, "bad_request")
    except Exception:
        incident = secrets.token_hex(4)
        _log.exception("incident %s", incident)
        return answer(request, "internal", {"incident": incident})


def answer(
    request: web.Request,
    code: str,
    params: dict[str, str | int] | None = None,
    status: int | None = None,
) -> web.Response:
    """The error as a page or as JSON `{error: {code, message}}`."""
    status = status or STATUS.get(code, 400)
    if wants_page(request):
        return message_page(request, code, params or {}, status)
    message = request.app[DOOR].catalogue.error(request[LOCALE], code, params)
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def wants_page(request: web.Request) -> bool:
    """Browsers that open an address name text/html; programs do not."""
    api = "/api/" in request.path or "/socket.io/" in request.path
    return not api and "text/html" in request.headers.get("Accept", "")
