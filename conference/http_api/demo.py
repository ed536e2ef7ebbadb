"""The demo: the stories of conference/seeds, each with one session that is open to its people."""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

from conference.access.links import DAY_US
from conference.clock import Clock
from conference.http_api.administration import (
    Administration,
    LinkView,
    SessionLinks,
    SessionSpec,
)
from conference.http_api.archivists import ArchivistSpec
from conference.ids import SessionId

LEAST_LIFE_US = DAY_US
"""A demo session whose links end sooner than this is followed by a new one."""


class Indexed(Protocol):
    """A line of the list of sessions (storage/session_index.py)."""

    @property
    def session(self) -> SessionId: ...
    @property
    def state(self) -> str: ...
    @property
    def origin(self) -> str | None: ...


def stories() -> list[SessionSpec]:
    """The seed files, in the order of their names."""
    folder = files("conference.seeds")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".json"))
    return [SessionSpec.model_validate_json((folder / name).read_bytes()) for name in names]


async def open_sessions(
    administration: Administration, known: Sequence[Indexed], clock: Clock
) -> list[SessionLinks]:
    """One session for each story: the newest that is not over and whose links still open, else a
    new one."""
    return [await _open(story, administration, known, clock) for story in stories()]


async def _open(
    story: SessionSpec, administration: Administration, known: Sequence[Indexed], clock: Clock
) -> SessionLinks:
    for each in known:
        if each.origin == story.id and each.state != "closed":
            links = await administration.links(each.session)
            if _opens_for_all(story, links, clock.wall_us()):
                return links
    return await administration.create(story)


def _opens_for_all(story: SessionSpec, links: SessionLinks, now_us: int) -> bool:
    people = {link.name for link in valid(links) if link.expires_at_us - now_us >= LEAST_LIFE_US}
    return people == {person.name for person in story.people}


def valid(links: SessionLinks) -> list[Any]:
    """The links that open now."""
    return [link for link in links.links if link.state == "valid"]


def archivist() -> ArchivistSpec:
    """Who keeps the recordings of the demo."""
    content = (files("conference.seeds") / "staff" / "archivist.json").read_bytes()
    return ArchivistSpec.model_validate_json(content)


def manifest(base_url: str, sessions: Sequence[SessionLinks], archive: LinkView) -> bytes:
    """DIR/demo.json: who can come in where; `archive`: the archivist's link."""
    people = {link.name: link.role for session in sessions for link in session.links}
    keeper = {"name": archive.name, "role": archive.role, "login_url": archive.url}
    content = {
        "base_url": base_url,
        "people": [*({"name": name, "role": role} for name, role in people.items()), keeper],
        "sessions": [
            {
                "id": session.session,
                "title": session.title,
                "join_urls": {link.name: link.url for link in valid(session)},
            }
            for session in sessions
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


def printed(sessions: Sequence[SessionLinks], archive: LinkView) -> str:
    """The links for the terminal, a line each."""
    lines = []
    for session in sessions:
        lines += [session.title, *map(_line, valid(session))]
    return "\n".join([*lines, "档案", _line(archive)])


def _line(link: LinkView) -> str:
    return f"  {link.role:<12} {link.url}  {link.name}"
