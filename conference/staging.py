"""`--simulate`: a process whose test participants take the seats of the demo session and follow its
story (python -m conference.simulation story). It ends with the server, however that ends."""

import asyncio
import contextlib
import hashlib
import json
import ssl
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conference.http_api.administration import SessionLinks, SessionSpec
from conference.http_api.demo import valid

ROOT = Path(__file__).resolve().parents[1]
EMPTY = "observer"
"""Who only looks on is nobody's part."""
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
END_S = 1.0


@asynccontextmanager
async def story(
    spec: SessionSpec, links: SessionLinks, served: tuple[str, int], secure: bool, cache: Path
) -> AsyncIterator[None]:
    """The cast plays while the block runs. `served`: the address of the server's own pages, which
    the cast comes in by, whatever name the links have; `secure` where it speaks https. `cache`:
    where its loops are kept."""
    certificate = await asyncio.to_thread(_certificate, served) if secure else None
    told = {"certificate": certificate, "people": cast(spec, links, _origin(served, secure))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conference.simulation", "story", "--cache", str(cache),
        stdin=PIPE, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
    try:
        yield
    finally:
        await _end(process)


def cast(spec: SessionSpec, links: SessionLinks, origin: str) -> list[dict[str, Any]]:
    """Everybody who comes in by a camera of their own, with the link that opens it."""
    host = spec.host or next(each.name for each in spec.people if each.role == "mediator")
    playing = {each.name for each in spec.people if each.role != EMPTY and each.beside is None}
    return [
        {
            "name": link.name,
            "role": link.role,
            "seat": link.seat,
            "url": origin + urlsplit(link.url).path,
            "host": link.name == host,
        }
        for link in valid(links)
        if link.name in playing
    ]


def _origin(served: tuple[str, int], secure: bool) -> str:
    host, port = ANYWHERE.get(served[0], served[0]), served[1]
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _certificate(served: tuple[str, int]) -> str:
    """Hex SHA-256 of what the server shows."""
    shown = ssl.get_server_certificate((ANYWHERE.get(served[0], served[0]), served[1]))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), END_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
