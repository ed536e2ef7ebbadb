"""The one door to segno: an address as a QR code."""

import ipaddress
from io import BytesIO
from urllib.parse import urlsplit

import segno

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""


def svg(url: str) -> str:
    """An SVG of the code, error correction M, which fills the box it is put into."""
    target = BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(target, kind="svg", border=QUIET_ZONE, omitsize=True, xmldecl=False, nl=False)
    return target.getvalue().decode("utf-8")


def only_here(url: str) -> bool:
    """Whether the address leads back to the machine that opens it: no phone can use it."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
