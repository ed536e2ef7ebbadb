"""How an administrator's command reaches the server that works on the data directory: HTTP over a
socket file in it, which only the directory's owner may open."""

import os
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, UnixConnector, web
from pydantic import BaseModel, ValidationError

from conference.errors import Refused
from conference.http_api.administration import (
    Administration,
    LinkView,
    SessionLinks,
    SessionSpec,
)
from conference.http_api.archivists import Archivists, ArchivistSpec
from conference.ids import LinkId, SessionId

ADMINISTRATION = web.AppKey("administration", Administration)
ARCHIVISTS = web.AppKey("archivists", Archivists)
_BASE = "http://control"


@asynccontextmanager
async def serve(
    path: Path, administration: Administration, archivists: Archivists
) -> AsyncIterator[None]:
    """Answer at the socket file while the block runs."""
    app = web.Application()
    app[ADMINISTRATION] = administration
    app[ARCHIVISTS] = archivists
    app.router.add_post("/sessions", _create)
    app.router.add_get("/sessions/{session}/links", _links)
    app.router.add_post("/links/{link}/withdraw", _withdraw)
    app.router.add_post("/archivists", _appoint)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, _listen(path)).start()
        yield
    finally:
        await runner.cleanup()
        _remove(path)


async def _create(request: web.Request) -> web.Response:
    try:
        spec = SessionSpec.model_validate_json(await request.read())
    except ValidationError:
        return _refusal(Refused("bad_request"))
    return await _answer(request.app[ADMINISTRATION].create(spec))


async def _links(request: web.Request) -> web.Response:
    session = SessionId(request.match_info["session"])
    return await _answer(request.app[ADMINISTRATION].links(session))


async def _withdraw(request: web.Request) -> web.Response:
    return await _answer(request.app[ADMINISTRATION].withdraw(LinkId(request.match_info["link"])))


async def _appoint(request: web.Request) -> web.Response:
    try:
        spec = ArchivistSpec.model_validate_json(await request.read())
    except ValidationError:
        return _refusal(Refused("bad_request"))
    return await _answer(request.app[ARCHIVISTS].appoint(spec))


class RemoteAdministration:
    """The same calls, made in the server that runs."""

    def __init__(self, http: ClientSession) -> None:
        self._http = http

    async def create(self, spec: SessionSpec) -> SessionLinks:
        body = await self._ask("POST", "/sessions", spec.model_dump_json())
        return SessionLinks.model_validate_json(body)

    async def links(self, session: SessionId) -> SessionLinks:
        body = await self._ask("GET", f"/sessions/{session}/links")
        return SessionLinks.model_validate_json(body)

    async def withdraw(self, link: LinkId) -> None:
        await self._ask("POST", f"/links/{link}/withdraw")

    async def appoint(self, spec: ArchivistSpec) -> LinkView:
        return LinkView.model_validate_json(
            await self._ask("POST", "/archivists", spec.model_dump_json())
        )

    async def _ask(self, method: str, path: str, body: str | None = None) -> str:
        async with self._http.request(method, _BASE + path, data=body) as response:
            text = await response.text()
            if response.status == 200:
                return text
            raise _Refusal.model_validate_json(text).as_refused()


@asynccontextmanager
async def connect(path: Path) -> AsyncIterator[RemoteAdministration]:
    """The administration of the server that listens at the socket file; OSError without one."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        connector = UnixConnector(path=_short(folder, path))
        async with ClientSession(connector=connector) as http:
            yield RemoteAdministration(http)
    finally:
        os.close(folder)


class _Refusal(BaseModel):
    code: str
    params: dict[str, str | int]

    def as_refused(self) -> Refused:
        return Refused(self.code, **self.params)


async def _answer(done: Awaitable[BaseModel | None]) -> web.Response:
    try:
        result = await done
    except Refused as refused:
        return _refusal(refused)
    text = "{}" if result is None else result.model_dump_json()
    return web.Response(text=text, content_type="application/json")


def _refusal(refused: Refused) -> web.Response:
    body = _Refusal(code=refused.code, params=refused.params)
    return web.Response(text=body.model_dump_json(), status=400, content_type="application/json")


def _listen(path: Path) -> socket.socket:
    """Only called by the server that holds the directory's lock: an older file is a dead one."""
    _remove(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listening.bind(_short(folder, path))
        path.chmod(0o600)
    finally:
        os.close(folder)
    listening.listen()
    return listening


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _short(folder: int, path: Path) -> str:
    """A name for the socket file that fits into the 107 bytes of sockaddr_un (unix(7))."""
    return f"/proc/self/fd/{folder}/{path.name}"
