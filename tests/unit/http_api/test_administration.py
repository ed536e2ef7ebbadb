"""Sessions and links as an administrator makes them, over real rooms and a real database."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from conference.access.links import DAY_US
from conference.access.service import AccessService
from conference.adapters import LinksInJournal
from conference.archive.ledger import Ledger
from conference.errors import Refused
from conference.http_api import control, demo
from conference.http_api.administration import (
    Administration,
    PersonSpec,
    SessionLinks,
    SessionSpec,
    Settings,
    person,
)
from conference.http_api.archivists import Archivists, ArchivistSpec
from conference.ids import LinkId, SessionId
from conference.storage.access_store import SqlAccessStore
from tests.support.rooms import Life, server_life

BASE = "http://127.0.0.1:1"
SETTINGS = Settings(BASE, 30, 1_500_000, lambda text: "𲎯" if "𲎯" in text else None)


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    async with server_life(tmp_path) as begun:
        yield begun


@pytest.fixture
def ledger(life: Life) -> Ledger:
    return Ledger(life.journal.service, life.clock, "epoch-1")


@pytest.fixture
def access(life: Life, ledger: Ledger) -> AccessService:
    store, record = SqlAccessStore(life.journal.database), LinksInJournal(life.rooms, ledger)
    return AccessService(store, record, b"s" * 32, life.clock, Random(5))


@pytest.fixture
def administration(life: Life, access: AccessService) -> Administration:
    chance = (life.clock, Random(6))
    return Administration(life.rooms, access, life.journal.index, SETTINGS, chance)


@pytest.fixture
def archivists(life: Life, ledger: Ledger, access: AccessService) -> Archivists:
    return Archivists(ledger, access, SETTINGS, (life.clock, Random(8)))


def spec(*people: str, host: str | None = None) -> SessionSpec:
    return SessionSpec(title="T", people=[person(text) for text in people], host=host)


def test_a_person_is_read_from_one_word() -> None:
    assert person("judge:刘卫东:九团法官工作室") == PersonSpec(
        name="刘卫东", role="judge", unit="九团法官工作室"
    )
    assert person("agent:王磊@王建国").beside == "王建国"
    applicant = person("applicant:王建国")
    assert (applicant.role, applicant.standing) == ("party", "applicant")


@pytest.mark.parametrize(
    "text", ["", "judge", "judge:", "king:王", f"judge:{'王' * 65}", "judge:\x00"]
)
def test_what_is_no_person_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        person(text)
    assert refused.value.code == "bad_person"


@pytest.mark.parametrize(
    ("people", "host", "expected"),
    [
        (("party:A", "judge:B", "mediator:C"), None, "C"),
        (("party:A", "clerk:D", "judge:B"), None, "B"),
        (("party:A", "judge:B", "mediator:C"), "B", "B"),
    ],
)
async def test_the_host_is_the_mediator_unless_told(
    life: Life, administration: Administration, people: tuple[str, ...], host: str, expected: str
) -> None:
    made = await administration.create(spec(*people, host=host))
    state = await life.rooms.state(SessionId(made.session))
    assert state.host_seat is not None and state.seats[state.host_seat].name == expected


@pytest.mark.parametrize(
    ("people", "host", "code"),
    [
        (("party:A", "agent:B"), None, "host_missing"),
        (("judge:B",), "Z", "person_unknown"),
        (("judge:B", "agent:C@Z"), None, "person_unknown"),
        (("judge:B", "party:A"), "A", "host_role"),
    ],
)
async def test_a_session_that_cannot_be_is_refused(
    administration: Administration, people: tuple[str, ...], host: str | None, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await administration.create(spec(*people, host=host))
    assert refused.value.code == code


async def test_everybody_has_a_link_of_their_own(administration: Administration) -> None:
    made = await administration.create(spec("judge:B", "party:A"))
    assert [link.name for link in made.links] == ["B", "A"]
    assert len({link.url for link in made.links}) == 2
    assert all(link.url.startswith(f"{BASE}/j/") for link in made.links)
    assert await administration.links(SessionId(made.session)) == made


async def test_an_archivist_is_appointed_once_and_has_one_link_that_opens(
    archivists: Archivists, ledger: Ledger, life: Life
) -> None:
    first = await archivists.appoint(ArchivistSpec(name="何静", unit="中心"))
    assert (first.role, first.state) == ("archivist", "valid")
    assert await archivists.appoint(ArchivistSpec(name="何静", unit="中心")) == first
    other = await archivists.appoint(ArchivistSpec(name="何静", unit="别的单位"))
    assert other.seat != first.seat and other.url != first.url
    life.clock.advance(30 * DAY_US - DAY_US + 1)
    later = await archivists.appoint(ArchivistSpec(name="何静", unit="中心"))
    assert later.seat == first.seat and later.link != first.link
    again = Ledger(life.journal.service, life.clock, "epoch-2")
    assert list(await again.archivists()) == [first.seat, other.seat]


async def test_the_control_socket_does_the_same_even_far_down(
    administration: Administration, archivists: Archivists, tmp_path: Path
) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    path = deep / "control.sock"
    async with control.serve(path, administration, archivists), control.connect(path) as remote:
        assert path.stat().st_mode & 0o777 == 0o600
        appointed = await remote.appoint(ArchivistSpec(name="何静"))
        assert appointed == await archivists.appoint(ArchivistSpec(name="何静"))
        made = await remote.create(spec("judge:B", "party:A"))
        assert made == await administration.links(SessionId(made.session))
        await remote.withdraw(LinkId(made.links[1].link))
        states = [link.state for link in (await remote.links(SessionId(made.session))).links]
        assert states == ["valid", "withdrawn"]
        with pytest.raises(Refused) as refused:
            await remote.links(SessionId("nothing"))
        assert refused.value.code == "session_unknown"
    assert not path.exists()


async def test_the_demo_opens_one_session_and_finds_it_again(
    life: Life, administration: Administration
) -> None:
    (first,) = await open_demo(life, administration)
    assert [link.name for link in first.links][:2] == ["刘卫东", "马晓燕"]
    assert await open_demo(life, administration) == [first]
    life.clock.advance(29 * 86_400_000_000 + 1)
    (second,) = await open_demo(life, administration)
    assert second.session != first.session, "its links end within a day"


async def test_a_demo_without_one_of_its_links_is_made_anew(
    life: Life, administration: Administration
) -> None:
    (first,) = await open_demo(life, administration)
    await administration.withdraw(LinkId(first.links[3].link))
    (second,) = await open_demo(life, administration)
    assert second.session != first.session


async def open_demo(life: Life, administration: Administration) -> list[SessionLinks]:
    return await demo.open_sessions(administration, await life.journal.index.all(), life.clock)


@pytest.mark.parametrize("people", [["mediator:马晓𲎯"], ["mediator:马晓燕:𲎯团"]])
async def test_a_name_that_no_font_has_is_refused_with_its_character(
    administration: Administration, life: Life, people: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        await administration.create(spec(*people))
    assert (refused.value.code, refused.value.params) == ("glyph_missing", {"character": "𲎯"})
    assert life.rooms.live() == []
