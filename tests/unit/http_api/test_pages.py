"""What people and programs read."""

import json
import logging
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from random import Random

import pytest

from conference.http_api.catalogue import LOCALES, Catalogue, choose
from tests.unit.http_api.door import AUTHORITY, House, open_house

HTML = {"Accept": "text/html"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, metrics_token="sesame") as opened:
        yield opened


async def test_the_link_page_says_who_what_when_and_with_whom(house: House) -> None:
    _, path = await house.link()
    text = await (await house.client.get(path, headers=HTML)).text()
    for words in ("九团五连灌溉用水纠纷", "037号", "2026年7月20日 16:00", "马晓燕", "申请人"):
        assert words in text
    assert "王建国&lt;b&gt;" in text, "names are escaped"
    assert "<script" not in text
    assert f'action="{path}"' in text and 'method="post"' in text


async def test_the_link_page_in_english_keeps_the_language_after_the_button(house: House) -> None:
    _, path = await house.link()
    text = await (await house.client.get(path, params={"lang": "en"}, headers=HTML)).text()
    assert "Applicant" in text and '<html lang="en">' in text
    answer = await house.client.post(path, params={"lang": "en"}, allow_redirects=False)
    assert answer.headers["Location"].endswith("/?lang=en")


async def test_me_tells_what_the_page_needs_before_it_connects(house: House) -> None:
    prefix, cookie = await house.enter()
    answer = await house.client.get(f"{prefix}api/me", headers={"Cookie": cookie})
    me = await answer.json()
    assert me["person"]["standing"] == "applicant"
    assert me["session"]["host_name"] == "马晓燕"
    assert (me["beside"], me["locales"]) == (["王磊"], list(LOCALES))


async def test_errors_are_pages_for_people_and_json_for_programs(house: House) -> None:
    page = await house.client.get("/nowhere", headers=HTML)
    assert page.status == 404 and "没有这个页面" in await page.text()
    answer = await house.client.get("/nowhere", headers={"Accept-Language": "en-GB,en;q=0.8"})
    body = await answer.json()
    assert body["error"] == {"code": "not_found", "message": "There is no such address."}


async def test_the_shell_names_the_built_files(house: House) -> None:
    prefix, cookie = await house.enter()
    unbuilt = await house.client.get(prefix, headers={"Cookie": cookie})
    assert unbuilt.status == 503 and "make setup" in await unbuilt.text()
    manifest = {
        "src/live/main.ts": {
            "file": "assets/live-1.js",
            "css": ["assets/a.css"],
            "imports": ["_v"],
        },
        "_v": {"file": "assets/v-1.js", "css": ["assets/v.css"]},
    }
    (house.dist / ".vite").mkdir(parents=True)
    (house.dist / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    built = await house.client.get(prefix, headers={"Cookie": cookie})
    text = await built.text()
    assert built.status == 200
    assert '<script type="module" src="/static/assets/live-1.js">' in text
    for file in ("assets/v-1.js", "assets/a.css", "assets/v.css"):
        assert f"/static/{file}" in text


async def test_static_serves_the_bundle_and_nothing_beside_it(house: House, tmp_path: Path) -> None:
    (house.dist / "assets").mkdir(parents=True)
    (house.dist / ".vite").mkdir()
    (house.dist / "assets" / "a.js").write_text("1")
    (house.dist / ".vite" / "manifest.json").write_text("{}")
    (tmp_path / "secret").write_text("2")
    answer = await house.client.get("/static/assets/a.js")
    assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
    for name in ("..%2fsecret", "%2e%2e/secret", ".vite/manifest.json", "assets", "a%00b"):
        assert (await house.client.get(f"/static/{name}")).status == 404, name


async def test_health_tells_the_reason(house: House) -> None:
    good = await house.client.get("/healthz")
    assert (good.status, (await good.json())["status"]) == (200, "ok")
    house.reason = "storage_full"
    bad = await house.client.get("/healthz")
    assert bad.status == 503 and (await bad.json())["reason"] == "storage_full"


async def test_metrics_are_for_this_machine_or_the_token(house: House) -> None:
    assert (await house.client.get("/metrics")).status == 200
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert (await house.client.get("/metrics", headers=forwarded)).status == 403
    token = {**forwarded, "Authorization": "Bearer sesame"}
    assert (await house.client.get("/metrics", headers=token)).status == 200


async def test_openapi_describes_the_routes_that_are(house: House) -> None:
    described = await (await house.client.get("/api/openapi.json")).json()
    known = {resource.canonical for resource in house.client.app.router.resources()}
    assert set(described["paths"]) <= known
    assert "Me" in described["components"]["schemas"]


async def test_every_answer_carries_the_security_headers(house: House) -> None:
    for path in ("/", "/nowhere", "/healthz", "/u/x/"):
        headers = (await house.client.get(path)).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_the_log_holds_no_token_and_no_address(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        _, path = await house.link()
        await house.client.get(path, headers=HTML)
        prefix, cookie = await house.enter()
        await house.client.get(f"{prefix}api/me", headers={"Cookie": cookie})
        await house.client.get(f"{prefix}api/nothing", headers={"Cookie": cookie})
    lines = [record.getMessage() for record in caplog.records if "conference" in record.name]
    assert any("GET /u/{login}/api/me 200" in line for line in lines), lines
    told = "\n".join(lines)
    for secret in (path.split("/")[2], prefix.split("/")[2], cookie.split("=")[1], "127.0.0.1"):
        assert secret not in told


async def test_garbage_requests_are_answered(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    random = Random(7)
    pieces = [
        "j",
        "u",
        "..",
        "%00",
        "%ff",
        "api",
        "me",
        "static",
        "{login}",
        "a" * 300,
        "socket.io",
    ]
    for _ in range(300):
        path = "/" + "/".join(random.choices(pieces, k=random.randrange(5)))
        method = random.choice(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
        accept = random.choice(["text/html", "*/*", "\xff"])
        body = random.randbytes(random.randrange(200))
        answer = await house.client.request(method, path, data=body, headers={"Accept": accept})
        assert answer.status < 500, path
    assert not [record for record in caplog.records if record.exc_info]


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    catalogue = Catalogue()
    chinese, english = (catalogue.keys(locale) for locale in LOCALES)
    assert chinese == english
    for key in chinese:
        places = [places_in(catalogue.text(locale, key)) for locale in LOCALES]
        assert places[0] == places[1], key


def places_in(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}


@pytest.mark.parametrize(
    ("query", "header", "chosen"),
    [
        (None, None, "zh-CN"),
        ("en", "zh", "en"),
        ("xx", "en-US", "en"),
        (None, "ug,en;q=0.5,zh;q=0.9", "zh-CN"),
        (None, "en;q=oops,zh-TW;q=0.1", "zh-CN"),
        (None, "fr", "zh-CN"),
    ],
)
def test_the_language_is_the_chosen_or_the_preferred(
    query: str | None, header: str | None, chosen: str
) -> None:
    assert choose(query, header) == chosen


async def test_the_root_page_has_steps_fingerprint_and_time_in_both_languages(house: House) -> None:
    for locale, words in (
        ("zh-CN", ("统信 UOS", "2026年7月20日")),
        ("en", ("Android", "2026-07-20")),
    ):
        answer = await house.client.get("/ca", params={"lang": locale}, headers=HTML)
        text = unescape(await answer.text()).replace("<wbr>", "")
        assert answer.status == 200 and "{" not in text.replace('{"CACertificates"', "")
        for word in (*words, "0A:1B", "10.77.0.1:8443", "ERR_CERT_DATE_INVALID", "/ca/root.cer"):
            assert word in text, word
        assert text.count("<li>") > 20


async def test_the_root_comes_as_pem_and_as_the_file_whose_hash_is_the_fingerprint(
    house: House,
) -> None:
    pem = await house.client.get("/ca/root.crt")
    assert pem.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert await pem.read() == AUTHORITY.root
    der = await house.client.get("/ca/root.cer")
    assert await der.read() == b"\0\0\0"
    assert "attachment" in der.headers["Content-Disposition"]
