"""What an administrator does: make a session with its people, list their links, end one.

The same calls serve the demo, `python -m conference session …` and, while a server runs, the
control socket."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from conference.access.links import Link, state_of
from conference.access.service import AccessService
from conference.clock import Clock
from conference.errors import Refused
from conference.events.room import SeatInfo, SeatRole, Standing
from conference.ids import LinkId, Randomness, SeatId, SessionId, new_id
from conference.rooms.commands import SERVER, CreateSession
from conference.rooms.service import RoomsService

LONGEST_NAME = 64
LONGEST_TITLE = 200
HOSTS: tuple[SeatRole, ...] = ("mediator", "judge", "clerk", "department")
ROLE_ORDER = {role: place for place, role in enumerate(HOSTS)}


def _plain(text: str) -> str:
    """A character younger than Python's tables ("Cn") is left to the fonts to know."""
    text = " ".join(text.split())
    if not all(c.isprintable() or unicodedata.category(c) == "Cn" for c in text):
        raise ValueError("holds characters that cannot be printed")
    return text


Name = Annotated[str, AfterValidator(_plain), Field(min_length=1, max_length=LONGEST_NAME)]
Title = Annotated[str, AfterValidator(_plain), Field(min_length=1, max_length=LONGEST_TITLE)]
Text = Annotated[str, AfterValidator(_plain), Field(max_length=LONGEST_TITLE)]


class Spec(BaseModel):
    """What an administrator asks for; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PersonSpec(Spec):
    """One person of a session to be made. `beside`: the name of the person before whose camera
    this one sits."""

    name: Name
    role: SeatRole
    unit: Text = ""
    standing: Standing | None = None
    beside: Name | None = None


class SessionSpec(Spec):
    """A session to be made. `host`: a name; without it the mediator, else the judge, clerk or
    department officer. `id`: the seed story it is made from. `scheduled_at_us`: UTC µs, None for
    now."""

    id: str | None = None
    title: Title
    case_number: Text = ""
    track: Literal["people", "administrative", "petition", "judicial"] = "people"
    host: Name | None = None
    people: Annotated[list[PersonSpec], Field(min_length=1, max_length=100)]
    scheduled_at_us: int | None = None


class LinkView(Spec):
    """One personal link. `state`: valid, expired or withdrawn; `expires_at_us`: UTC µs."""

    link: str
    seat: str
    name: str
    role: str
    url: str
    state: str
    expires_at_us: int


class SessionLinks(Spec):
    """A session and the links of its people."""

    session: str
    title: str
    links: list[LinkView]


class SessionIndex(Protocol):
    async def dial_number_taken(self, dial_number: str) -> bool: ...


@dataclass(frozen=True)
class Settings:
    """`base_url` is what links begin with. `missing_glyph`: the first character of a text that the
    documents' fonts cannot print."""

    base_url: str
    lifetime_days: int
    video_cap_bps: int
    missing_glyph: Callable[[str], str | None]


class Administration:
    """Makes sessions and links through the same services as everybody else."""

    def __init__(
        self,
        rooms: RoomsService,
        access: AccessService,
        index: SessionIndex,
        settings: Settings,
        chance: tuple[Clock, Randomness],
    ) -> None:
        self._rooms = rooms
        self._access = access
        self._index = index
        self._settings = settings
        self._clock, self._random = chance

    async def create(self, spec: SessionSpec) -> SessionLinks:
        """A new session, with a link for each of its people. Refused `glyph_missing` for a name
        that no document of the session could print."""
        self._check_glyphs(spec)
        session = SessionId(new_id(self._clock, self._random))
        seats = seats_of(spec, lambda: SeatId(new_id(self._clock, self._random)))
        command = CreateSession(
            session=session,
            title=spec.title,
            case_number=spec.case_number,
            dial_number=await self._dial_number(),
            track=spec.track,
            host_seat=host_of(spec, seats),
            seats=seats,
            scheduled_at_us=spec.scheduled_at_us or self._clock.wall_us(),
            video_cap_bps=self._settings.video_cap_bps,
            origin=spec.id,
        )
        await self._rooms.submit(session, command, SERVER)
        for seat in seats:
            await self._access.issue(session, seat.seat, self._settings.lifetime_days)
        return await self.links(session)

    async def links(self, session: SessionId) -> SessionLinks:
        """All links of a session, in the order of its people."""
        state = await self._rooms.state(session)
        if state.created is None:
            raise Refused("session_unknown")
        places = {seat: place for place, seat in enumerate(state.seats)}
        links = sorted(await self._access.links(session), key=lambda link: places[link.seat])
        views = [self._view(link, state.seats[link.seat]) for link in links]
        return SessionLinks(session=session, title=state.created.title, links=views)

    async def withdraw(self, link: LinkId) -> None:
        """End a link and everything it opened."""
        await self._access.withdraw(link)

    def _check_glyphs(self, spec: SessionSpec) -> None:
        texts = [spec.title, spec.case_number]
        texts += [text for person in spec.people for text in (person.name, person.unit)]
        for text in texts:
            character = self._settings.missing_glyph(text)
            if character is not None:
                raise Refused("glyph_missing", character=character)

    def _view(self, link: Link, seat: SeatInfo) -> LinkView:
        return LinkView(
            link=link.link,
            seat=link.seat,
            name=seat.name,
            role=seat.role,
            url=f"{self._settings.base_url}/j/{self._access.token(link.link)}",
            state=state_of(link, self._clock.wall_us()),
            expires_at_us=link.expires_at_us,
        )

    async def _dial_number(self) -> str:
        """Eight digits that no other session has."""
        while True:
            number = str(10_000_000 + self._random.getrandbits(40) % 90_000_000)
            if not await self._index.dial_number_taken(number):
                return number


def person(text: str) -> PersonSpec:
    """`role:name[:unit][@name of the person beside]`; the roles applicant and respondent are
    parties of that side. Refused `bad_person` for anything else."""
    text, _, beside = text.partition("@")
    role, _, rest = text.partition(":")
    name, _, unit = rest.partition(":")
    standing = role if role in ("applicant", "respondent") else None
    fields = {
        "name": name,
        "role": "party" if standing else role,
        "unit": unit,
        "standing": standing,
        "beside": beside or None,
    }
    try:
        return PersonSpec.model_validate(fields)
    except ValidationError:
        raise Refused("bad_person", person=text) from None


def seats_of(spec: SessionSpec, new_seat: Callable[[], SeatId]) -> tuple[SeatInfo, ...]:
    """The seats of a session to be made, in its order."""
    ids = [new_seat() for _ in spec.people]
    by_name = {each.name: seat for each, seat in zip(spec.people, ids, strict=True)}
    return tuple(
        SeatInfo(
            seat=seat,
            person=seat,
            name=each.name,
            role=each.role,
            unit=each.unit,
            beside=None if each.beside is None else _named(by_name, each.beside),
            standing=each.standing,
        )
        for each, seat in zip(spec.people, ids, strict=True)
    )


def host_of(spec: SessionSpec, seats: tuple[SeatInfo, ...]) -> SeatId:
    """Who hosts; Refused `host_missing` or `person_unknown`."""
    if spec.host is not None:
        return _named({seat.name: seat.seat for seat in seats}, spec.host)
    able = sorted(
        (seat for seat in seats if seat.role in ROLE_ORDER), key=lambda seat: ROLE_ORDER[seat.role]
    )
    if not able:
        raise Refused("host_missing")
    return able[0].seat


def _named(by_name: dict[str, SeatId], name: str) -> SeatId:
    if name not in by_name:
        raise Refused("person_unknown", person=name)
    return by_name[name]
