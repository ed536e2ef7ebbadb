"""`python -m conference …`: what an administrator does beside the running server.

    session create --title T --person ROLE:NAME[:UNIT][@BESIDE] …    a session and its links
    session links ID                                                 the links again
    link withdraw ID                                                 end a link and its logins
    archivist NAME [--unit UNIT]                    who may look at all recordings, and the link
    verify DIR                                      check journal, recordings and documents

All but the last work while a server runs on the data directory and while none does."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from conference import app
from conference.archive.service import verify
from conference.config import ConfigurationError, add_common, from_flags
from conference.documents.render.fonts import FontsMissing
from conference.errors import Refused
from conference.http_api.administration import LinkView, SessionLinks, SessionSpec, person
from conference.http_api.archivists import ArchivistSpec
from conference.http_api.catalogue import Catalogue
from conference.ids import LinkId, SessionId
from conference.journal.ports import JournalFailed
from conference.storage.blobs import Blobs
from conference.storage.database import Database
from conference.storage.directory import DataDirectory, DirectoryUnusable
from conference.storage.journal_store import SqlJournalStore

BEIJING = ZoneInfo("Asia/Shanghai")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when done, 1 when verify found a fault, 2 with one sentence when it cannot be
    done."""
    options = _parser().parse_args(arguments)
    try:
        if options.area == "verify":
            return asyncio.run(_verify(Path(options.directory)))
        return asyncio.run(_administer(options))
    except Refused as refused:
        sentence = Catalogue().error("en", refused.code, refused.params)
    except (ConfigurationError, DirectoryUnusable, FontsMissing) as error:
        sentence = str(error)
    except ValidationError as error:
        places = ", ".join(str(fault["loc"][0]) for fault in error.errors() if fault["loc"])
        sentence = f"not understood: {places}"
    except OSError as error:
        sentence = f"the server on the data directory does not answer: {error.strerror}"
    print(sentence, file=sys.stderr)
    return 2


async def _administer(options: argparse.Namespace) -> int:
    flags = {name: getattr(options, name) for name in ("data", "base_url", "config")}
    async with app.administration(from_flags(flags)) as (sessions, archivists):
        if options.area == "link":
            await sessions.withdraw(LinkId(options.link))
        elif options.area == "archivist":
            spec = ArchivistSpec(name=options.name, unit=options.unit)
            print(_line(await archivists.appoint(spec), options.base_url))
        elif options.action == "links":
            _print(await sessions.links(SessionId(options.session)), options.base_url)
        else:
            _print(await sessions.create(_spec(options)), options.base_url)
    return 0


async def _verify(directory: Path) -> int:
    where = DataDirectory(directory)
    try:
        database = Database.open_for_reading(where.database)
        blobs = Blobs(where.blobs)
        verdict = await verify(SqlJournalStore(database), where.recordings, blobs.unchecked)
        await database.close()
    except (OSError, JournalFailed) as error:
        print(f"{where.database}: cannot be read: {error}")
        return 1
    for line in verdict.faults:
        print(line)
    for line in verdict.notes:
        print(f"note: {line}")
    seen = f"{verdict.streams} journals, {verdict.files} files, {verdict.bytes} bytes"
    print(f"{len(verdict.faults)} faults in {seen}")
    return 1 if verdict.faults else 0


def _spec(options: argparse.Namespace) -> SessionSpec:
    scheduled_at_us = None
    if options.at is not None:
        at = datetime.fromisoformat(options.at)
        at = at if at.tzinfo else at.replace(tzinfo=BEIJING)
        scheduled_at_us = int(at.timestamp() * 1e6)
    return SessionSpec(
        title=options.title,
        case_number=options.case_number,
        host=options.host,
        people=[person(text) for text in options.person],
        scheduled_at_us=scheduled_at_us,
    )


def _print(links: SessionLinks, base_url: str | None) -> None:
    print(f"session {links.session}  {links.title}")
    for link in links.links:
        print(_line(link, base_url))


def _line(link: LinkView, base_url: str | None) -> str:
    url = link.url if base_url is None else base_url.rstrip("/") + urlsplit(link.url).path
    state = "" if link.state == "valid" else f"  ({link.state})"
    return f"  {link.role:<12} {url}  {link.name}  link {link.link}{state}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conference",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    areas = parser.add_subparsers(dest="area", required=True)
    _add_session(areas.add_parser("session", help="sessions and their links"))
    link = areas.add_parser("link", help="one link").add_subparsers(dest="action", required=True)
    withdraw = link.add_parser("withdraw", help="end a link and every login it opened")
    withdraw.add_argument("link", metavar="ID")
    add_common(withdraw)
    archivist = areas.add_parser("archivist", help="who may look at all recordings, and the link")
    archivist.add_argument("name", metavar="NAME")
    archivist.add_argument("--unit", default="", metavar="UNIT")
    add_common(archivist)
    check = areas.add_parser("verify", help="check journal, recordings and documents")
    check.add_argument("directory", metavar="DIR")
    return parser


def _add_session(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="a session with a link for each person")
    create.add_argument("--title", required=True, metavar="T")
    create.add_argument(
        "--person", required=True, action="append", metavar="ROLE:NAME[:UNIT][@BESIDE]"
    )
    create.add_argument("--host", metavar="NAME", help="default: the mediator")
    create.add_argument("--case-number", default="", metavar="N")
    create.add_argument("--at", metavar="TIME", help="like 2026-07-20T16:00, Beijing time")
    add_common(create)
    links = actions.add_parser("links", help="the links of a session")
    links.add_argument("session", metavar="ID")
    add_common(links)


if __name__ == "__main__":
    sys.exit(main())
