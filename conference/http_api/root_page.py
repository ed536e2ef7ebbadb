"""How a device learns to trust the installation's own authority: a page, and the root itself."""

import ssl
from urllib.parse import urlsplit

from aiohttp import web

from conference.certificates.authority import Authority
from conference.errors import Refused
from conference.http_api.pages import beijing
from conference.http_api.ports import DOOR, LOCALE
from conference.http_api.templates import page

SYSTEMS = ("windows", "android", "ios", "mac", "uos", "linux", "firefox")
WARNINGS = ("issuer", "name", "date")
FILE_NAME = "video-mediation-root"


async def root_page(request: web.Request) -> web.Response:
    """Steps for every system, the fingerprint to compare, and what a browser's warning means."""
    door = request.app[DOOR]
    return page(
        request,
        "root.html",
        {
            "fingerprint": _authority(request).fingerprint,
            "host": urlsplit(door.base_url).netloc,
            "time": beijing(door.wall_us(), request[LOCALE]),
            "systems": {system: _steps(request, f"ca.{system}.step") for system in SYSTEMS},
            "warnings": WARNINGS,
        },
    )


async def root_pem(request: web.Request) -> web.Response:
    """The root as PEM, for tools."""
    return _download(_authority(request).root, "crt")


async def root_der(request: web.Request) -> web.Response:
    """The root as DER, for devices: SHA-256 of this file is the fingerprint."""
    return _download(ssl.PEM_cert_to_DER_cert(_authority(request).root.decode("ascii")), "cer")


def _download(content: bytes, ending: str) -> web.Response:
    return web.Response(
        body=content,
        content_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}.{ending}"'},
    )


def _authority(request: web.Request) -> Authority:
    """Refused `no_own_authority` where a given certificate, or none, is served."""
    authority = request.app[DOOR].authority
    if authority is None:
        raise Refused("no_own_authority")
    return authority


def _steps(request: web.Request, prefix: str) -> list[str]:
    """The sentences `prefix1`, `prefix2` … of the catalogue."""
    catalogue, locale = request.app[DOOR].catalogue, request[LOCALE]
    numbered = (f"{prefix}{number}" for number in range(1, 10))
    return [catalogue.text(locale, key) for key in numbered if key in catalogue.keys(locale)]
