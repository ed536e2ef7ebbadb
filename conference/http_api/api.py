"""Machine-readable routes: who am I, health, metrics, openapi."""

import hmac
import ipaddress
from typing import Any

from aiohttp import web

from conference.archive.desk.service import Viewer
from conference.errors import Refused
from conference.http_api.access import visitor_of
from conference.http_api.answers import Answer, json_answer
from conference.http_api.catalogue import LOCALES
from conference.http_api.ports import DOOR, Invitation


class MePerson(Answer):
    """The person of the login; `role` and `standing` are codes."""

    name: str
    role: str
    standing: str | None
    unit: str


class MeSession(Answer):
    """The one session that the login opens."""

    id: str
    title: str
    case_number: str
    state: str
    host_name: str
    scheduled_at_us: int


class Me(Answer):
    """Answer of GET /u/{login}/api/me. `beside`: names of those who sit before the same camera.
    `recordings`: whether there is a recording that the person may open. An archivist has neither
    session nor seat."""

    person: MePerson
    session: MeSession | None
    seat: str | None
    beside: list[str]
    locales: list[str]
    recordings: bool


class HealthAnswer(Answer):
    """Answer of GET /healthz. `status` is ok or failing, `reason` an error code."""

    status: str
    reason: str | None = None
    tier: str
    epoch: str


async def me(request: web.Request) -> web.Response:
    """What the page needs before it connects."""
    door, visitor = request.app[DOOR], visitor_of(request)
    recordings = await door.recordings.has_recordings(visitor)
    if visitor.scope == "archive":
        return json_answer(_archivist(await door.recordings.viewer(visitor), recordings))
    invitation = await door.invitation(visitor.session, visitor.seat)
    return json_answer(_me(invitation, recordings))


async def healthz(request: web.Request) -> web.Response:
    """200 when the server can serve, 503 with the reason when not."""
    health = request.app[DOOR].health()
    body = HealthAnswer(
        status="ok" if health.reason is None else "failing",
        reason=health.reason,
        tier=health.tier,
        epoch=health.epoch,
    )
    return json_answer(body, 200 if health.reason is None else 503)


async def metrics(request: web.Request) -> web.Response:
    """Prometheus text format 0.0.4; for this machine, or with the bearer token."""
    if not (_from_here(request) or _has_token(request)):
        raise Refused("not_allowed")
    return web.Response(
        text=request.app[DOOR].metrics(),
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )


async def openapi(request: web.Request) -> web.Response:
    """The description of these routes (OpenAPI 3.1)."""
    return web.Response(text=request.app[DOOR].openapi, content_type="application/json")


def _archivist(viewer: Viewer, recordings: bool) -> Me:
    person = MePerson(name=viewer.name, role=viewer.role, standing=None, unit=viewer.unit)
    nothing: dict[str, Any] = {"session": None, "seat": None, "beside": []}
    return Me(person=person, locales=list(LOCALES), recordings=recordings, **nothing)


def _me(invitation: Invitation, recordings: bool) -> Me:
    person = invitation.person
    return Me(
        person=MePerson(
            name=person.name, role=person.role, standing=person.standing, unit=person.unit
        ),
        session=MeSession(
            id=invitation.session,
            title=invitation.title,
            case_number=invitation.case_number,
            state=invitation.state,
            host_name=invitation.host.name,
            scheduled_at_us=invitation.scheduled_at_us,
        ),
        seat=invitation.seat,
        beside=list(invitation.beside),
        locales=list(LOCALES),
        recordings=recordings,
    )


def _from_here(request: web.Request) -> bool:
    """A proxy on this machine forwards for others and says so in a header."""
    forwarded = {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"} & set(request.headers)
    try:
        address = ipaddress.ip_address((request.remote or "").removeprefix("::ffff:"))
        return not forwarded and address.is_loopback
    except ValueError:
        return False


def _has_token(request: web.Request) -> bool:
    expected = request.app[DOOR].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return expected is not None and hmac.compare_digest(given.encode(), expected.encode())
