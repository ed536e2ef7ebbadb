"""Nothing opens to a stranger but the public list; a link opens by its button alone."""

import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from conference.access.links import DAY_US, MOST_LOGINS
from conference.http_api.access import PUBLIC
from conference.http_api.server import ROUTES
from conference.signaling.socket_io import PATH as SOCKET
from tests.unit.http_api.door import House, open_house

HTML = {"Accept": "text/html"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_every_route_is_public_by_list_or_refuses_a_stranger(house: House) -> None:
    resources = house.client.app.router.resources()
    canonical = {resource.canonical for resource in resources}
    assert canonical >= PUBLIC, "the list names routes that do not exist"
    for resource in house.client.app.router.resources():
        if resource.canonical in PUBLIC:
            continue
        path = re.sub(r"\{\w+\}", "x" * 32, resource.canonical)
        for route in resource:
            answer = await house.client.request(route.method, path, allow_redirects=False)
            assert answer.status == 401, f"{route.method} {resource.canonical}"
    assert SOCKET in canonical and len(canonical) > len(PUBLIC)
    assert {path.replace(":.+", "") for _, path, _ in ROUTES} == canonical - {SOCKET}


async def test_opening_the_page_changes_nothing_and_the_button_opens(house: House) -> None:
    link, path = await house.link()
    for _ in range(3):
        page = await house.client.get(path, headers=HTML)
        assert page.status == 200
    assert house.record.entries == [("issued", link.link)]
    answer = await house.client.post(path, allow_redirects=False)
    assert answer.status == 303
    assert house.record.entries[-1] == ("opened", link.link)


async def test_the_cookie_belongs_to_the_login_alone(house: House) -> None:
    _, path = await house.link()
    answer = await house.client.post(path, allow_redirects=False)
    prefix = answer.headers["Location"]
    morsel = SimpleCookie(answer.headers["Set-Cookie"])["login"]
    assert prefix.startswith("/u/") and len(prefix.strip("/").split("/")[1]) >= 22
    assert (morsel["path"], morsel["httponly"], morsel["samesite"]) == (prefix, True, "Lax")
    assert morsel.value not in prefix
    assert not morsel["expires"] and not morsel["max-age"], "it ends with the browser"


async def test_each_press_makes_a_login_of_its_own(house: House) -> None:
    _, path = await house.link()
    first = await house.client.post(path, allow_redirects=False)
    second = await house.client.post(path, allow_redirects=False)
    assert first.headers["Location"] != second.headers["Location"]


async def test_a_login_wants_its_own_cookie(house: House) -> None:
    first, cookie = await house.enter()
    second, other = await house.enter()
    assert await status(house, f"{first}api/me", cookie) == 200
    assert await status(house, f"{second}api/me", other) == 200
    assert await status(house, f"{first}api/me", other) == 401
    assert await status(house, f"{first}api/me", "login=") == 401
    assert await status(house, f"{first}api/me", f"login={'x' * 5000}") == 401


async def test_an_expired_link_opens_nothing_and_ends_its_logins(house: House) -> None:
    prefix, cookie = await house.enter()
    _, path = await house.link()
    house.clock.advance(30 * DAY_US)
    assert (await house.client.get(path, headers=HTML)).status == 410
    assert (await house.client.post(path, allow_redirects=False)).status == 410
    assert await status(house, f"{prefix}api/me", cookie) == 401


async def test_a_withdrawn_link_opens_nothing_and_ends_its_logins(house: House) -> None:
    link, path = await house.link()
    answer = await house.client.post(path, allow_redirects=False)
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    await house.access.withdraw(link.link)
    await house.access.withdraw(link.link)
    assert house.record.entries.count(("withdrawn", link.link)) == 1
    page = await house.client.get(path, headers=HTML)
    assert page.status == 410
    text = await page.text()
    assert "王建国" not in text and "灌溉" not in text and "这个链接不能用了" in text
    assert await status(house, f"{answer.headers['Location']}api/me", cookie) == 401


async def test_an_unknown_link_says_so_without_a_name(house: House) -> None:
    page = await house.client.get("/j/" + "x" * 32, headers=HTML)
    assert page.status == 404 and "这个链接不能用了" in await page.text()
    assert (await house.client.post("/j/" + "x" * 32, allow_redirects=False)).status == 404


async def test_a_link_keeps_a_bounded_number_of_logins(house: House) -> None:
    _, path = await house.link()
    entered = []
    for _ in range(MOST_LOGINS + 1):
        house.clock.advance(1)
        answer = await house.client.post(path, allow_redirects=False)
        entered.append((answer.headers["Location"], answer.headers["Set-Cookie"].split(";")[0]))
    assert await status(house, f"{entered[0][0]}api/me", entered[0][1]) == 401
    assert await status(house, f"{entered[1][0]}api/me", entered[1][1]) == 200


async def status(house: House, path: str, cookie: str) -> int:
    answer = await house.client.get(path, headers={"Cookie": cookie})
    return answer.status
