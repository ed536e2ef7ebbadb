"""Recordings over HTTP: the list, one recording, its files. Everything asks the archive's desk,
which says to whom and writes down that it did."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from conference.archive.ports import Query, RecordingState, SessionState
from conference.errors import Refused
from conference.http_api.access import visitor_of
from conference.http_api.answers import json_answer
from conference.http_api.pages import BEIJING, application_page
from conference.http_api.ports import DOOR
from conference.http_api.recording_answers import Packaging, Recordings, ReplayAnswer
from conference.ids import SessionId

ARCHIVE_ENTRY = "src/archive/main.ts"
PAGE_SIZE = 50
MEDIA_TYPES = {".webm": "video/webm"}
LONGEST_TEXT = 100
FIRST_YEAR, LAST_YEAR = 1970, 2199


def _day(text: str) -> str:
    if not FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR:
        raise ValueError("no year of this system")
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]


class Filters(BaseModel):
    """The query of the list; all of them combine. `since`, `until`: days in Beijing, both
    included; `text`: part of a title, number or name; `page` from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: SessionState | None = None
    recording: RecordingState | None = None
    since: Day | None = None
    until: Day | None = None
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    def query(self) -> Query:
        return Query(
            state=self.state,
            recording=self.recording,
            from_us=None if self.since is None else _midnight_us(self.since, 0),
            to_us=None if self.until is None else _midnight_us(self.until, 1),
            text=self.text.strip(),
            limit=PAGE_SIZE,
            offset=(self.page - 1) * PAGE_SIZE,
        )


async def shell(request: web.Request) -> web.Response:
    """The page of the archive: the list, or the replay of one recording."""
    return application_page(request, ARCHIVE_ENTRY)


async def find(request: web.Request) -> web.Response:
    """The sessions whose recordings the visitor may open."""
    filters = _filters(request)
    page = await request.app[DOOR].recordings.find(visitor_of(request), filters.query())
    return json_answer(Recordings.of(page, filters.page, PAGE_SIZE))


async def one(request: web.Request) -> web.Response:
    """One recording: what happened, the files, what is wrong with them."""
    replay = await request.app[DOOR].recordings.open(visitor_of(request), _session(request))
    return json_answer(ReplayAnswer.of(replay))


async def package(request: web.Request) -> web.Response:
    """Make the files of a recording again."""
    made = await request.app[DOOR].recordings.package(visitor_of(request), _session(request))
    return json_answer(Packaging.of(made), status=202)


async def media(request: web.Request) -> web.StreamResponse:
    """A file, or a range of it (RFC 9110, section 14)."""
    desk, name = request.app[DOOR].recordings, request.match_info["file"]
    path = await desk.file(visitor_of(request), _session(request), name)
    kind = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    return web.FileResponse(path, headers={"Content-Type": kind, "Cache-Control": "no-store"})


def _session(request: web.Request) -> SessionId:
    return SessionId(request.match_info["session"])


def _filters(request: web.Request) -> Filters:
    """Refused `bad_filter` with the name of the first one that is not understood."""
    given: dict[str, Any] = {name: text for name, text in request.query.items() if name != "lang"}
    try:
        return Filters.model_validate(given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise Refused("bad_filter", name=name if name in Filters.model_fields else "") from None


def _midnight_us(day: str, days_later: int) -> int:
    """The beginning of a day in Beijing, UTC µs."""
    wanted = date.fromisoformat(day)
    begin = datetime.combine(wanted, time(), BEIJING) + timedelta(days=days_later)
    return int(begin.timestamp()) * 1_000_000
