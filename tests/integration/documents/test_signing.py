"""Signing rounds of story A at a real server, by people without media."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
import rfc8785

from conference.signaling import document_messages as d
from conference.signaling import messages as m
from conference.simulation.signaling import LineLost
from tests.support.guest import Guest, command_id, guests
from tests.support.phone import phone, press_status
from tests.support.server import ServerProcess
from tests.support.signing_round import (
    SIGNERS,
    acknowledge_all,
    document_of,
    frozen,
    handwriting,
    named,
    sign,
)

WANG, AHMET, MA = SIGNERS


def fits(model: type[m.Wire], body: Mapping[str, Any]) -> None:
    """The message is exactly what the wire schema says."""
    model.model_validate_json(json.dumps(body))


@asynccontextmanager
async def table(server: ServerProcess) -> AsyncIterator[tuple[Guest, Guest, Guest]]:
    """The mediator and both parties, inside."""
    async with guests(server, MA, WANG, AHMET) as (mediator, wang, ahmet):
        for guest in (mediator, wang, ahmet):
            await guest.join()
        yield mediator, wang, ahmet


async def refused(guest: Guest, name: str, **payload: Any) -> str:
    answer = await guest.ask(name, {"command_id": command_id(), **payload})
    fits(m.Failure, answer)
    return str(answer["error"]["code"])


async def test_a_round_from_the_template_to_the_paper(server: ServerProcess) -> None:
    async with table(server) as (mediator, wang, ahmet):
        await mediator.command("record", action="start")
        document = await frozen(mediator)
        fits(d.DocumentView, document)
        assert document["hash"] == hashlib.sha256(rfc8785.dumps(document["content"])).hexdigest()
        for guest in (ahmet, wang, mediator):
            await acknowledge_all(guest, document)
        answers = [await sign(guest, document) for guest in (ahmet, wang, mediator)]
        for answer in answers:
            fits(d.Signed, answer)
            assert answer["signed_r_us"] > 0
        await wang.hears("documents:document:rendered", timeout=20)
        for name, body in wang.said:
            fits(m.SERVER_MESSAGES[name], body)
        done = await document_of(wang)
        assert done["state"] == "completed" and len(done["signers"]) == 3
        pdf = await fetched(wang, done["pdf"])
        rendered = wang.events("documents:document:rendered")[-1]
        assert hashlib.sha256(pdf).hexdigest() == rendered["pdf_hash"] and pdf.startswith(b"%PDF")
        shape = json.loads(await fetched(wang, done["signers"][1]["ink"]))
        drawn = handwriting()["strokes"]
        assert shape["strokes"] == [[[x, y] for _, x, y, _ in line] for line in drawn]


async def test_a_changed_byte_in_the_paper_is_not_shown(server: ServerProcess) -> None:
    async with table(server) as (mediator, wang, ahmet):
        document = await frozen(mediator)
        for guest in (ahmet, wang, mediator):
            await acknowledge_all(guest, document)
            await sign(guest, document)
        await wang.hears("documents:document:rendered", timeout=20)
        digest = wang.events("documents:document:rendered")[-1]["pdf_hash"]
        path = server.data / "blobs" / digest[:2] / digest
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        assert wang.login is not None
        pdf = (await document_of(wang))["pdf"]
        async with wang.http.get(wang.login.origin + wang.login.path + pdf) as answer:
            told = await answer.json()
        assert (answer.status, told["error"]["code"]) == (500, "file_damaged")


async def fetched(guest: Guest, path: str) -> bytes:
    assert guest.login is not None
    async with guest.http.get(guest.login.origin + guest.login.path + path) as answer:
        assert answer.status == 200, path
        return await answer.read()


async def test_what_is_signed_survives_a_killed_server(server: ServerProcess) -> None:
    async with table(server) as (mediator, wang, _):
        document = await frozen(mediator)
        await acknowledge_all(wang, document)
        await sign(wang, document)
        before = await document_of(wang)
        await server.kill()
        await server.start()
        await wang.connect()
        assert await document_of(wang) == before


async def test_a_lost_answer_and_the_repeated_submit_are_one_signature(
    server: ServerProcess,
) -> None:
    async with table(server) as (mediator, wang, _):
        document = await frozen(mediator)
        await acknowledge_all(wang, document)
        message = {**named(document), "command_id": command_id(), "strokes": handwriting()}
        first = await wang.ask("document_sign", message)
        await wang.cut()
        await wang.connect()
        await wang.resume()
        assert await wang.ask("document_sign", message) == first
        await mediator.hears("documents:signature:given")
        await wang.command("mute", source="camera", muted=True)
        await mediator.hears("room:mute:set")
        assert len(mediator.events("documents:signature:given")) == 1


async def test_what_cannot_be_signed_is_refused_with_a_sentence(server: ServerProcess) -> None:
    async with table(server) as (mediator, wang, ahmet), guests(server, "刘卫东") as (judge,):
        await judge.join()
        document = await frozen(mediator)
        whole = {**named(document), "strokes": handwriting()}
        assert await refused(wang, "document_sign", **whole) == "clauses_missing"
        assert await refused(judge, "document_sign", **whole) == "not_a_signer"
        assert await refused(wang, "document_draft", fields={"place": "x"}) == "not_allowed"
        await acknowledge_all(wang, document)
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"hash": "0" * 64}, "document_changed"),
            ({"version": 7}, "document_changed"),
            ({"document": "d" * 36}, "document_unknown"),
            ({"strokes": {**handwriting(), "strokes": []}}, "no_strokes"),
            ({"strokes": handwriting(2_600, 4)}, "strokes_too_large"),
            ({"strokes": {**handwriting(), "strokes": [[["x"]]]}}, "bad_message"),
            ({"hash": "short"}, "bad_message"),
        ]
        for change, code in wrong:
            assert await refused(wang, "document_sign", **{**whole, **change}) == code, change
        assert await refused(ahmet, "companion_issue") == "clauses_missing"
        await mediator.command("document_draft", fields={"place": "九团"})
        assert await refused(wang, "document_sign", **whole) == "document_changed"
        assert not mediator.events("documents:signature:given")


async def test_ten_megabytes_of_points_end_the_socket_and_nothing_else(
    server: ServerProcess,
) -> None:
    async with table(server) as (mediator, wang, _):
        document = await frozen(mediator)
        await acknowledge_all(wang, document)
        line = [[n, 123.456789, 234.567891, 0.515625] for n in range(1_000)]
        huge = {**handwriting(), "strokes": [line] * 270}
        assert len(json.dumps(huge)) > 9_000_000
        with pytest.raises(LineLost):
            await wang.ask(
                "document_sign", {**named(document), "command_id": command_id(), "strokes": huge}
            )
        await wang.connect()
        assert (await document_of(wang))["signers"][0]["signed_at_us"] is None
        await sign(wang, document)


async def test_a_phone_signs_for_its_seat_and_the_seats_endpoint_stays(
    server: ServerProcess,
) -> None:
    async with table(server) as (mediator, wang, _), phone() as pad:
        document = await frozen(mediator)
        await acknowledge_all(wang, document)
        issue = {"command_id": command_id()}
        ticket = await wang.ask("companion_issue", issue)
        fits(d.CompanionTicket, ticket)
        assert ticket["only_here"] and ticket["svg"].startswith("<svg")
        again = await wang.ask("companion_issue", issue)
        assert {**again, "ok": True} == ticket, "the repeated request is the same companion"
        digits = document["hash"][:12].upper()
        assert ticket["hash_prefix"].replace(" ", "") == digits
        for _ in range(3):
            page = await pad.scan(ticket["url"])
        assert ticket["hash_prefix"] in page and WANG in page
        await pad.press(ticket["url"])
        assert await press_status(ticket["url"]) == 410, "one use"
        welcome = await pad.ask("companion_join", {})
        fits(m.CompanionWelcome, welcome)
        assert welcome["document"]["hash"] == document["hash"]
        assert welcome["seat"]["name"] == WANG
        await pad.hears("heartbeat")
        signed = await pad.command(
            "document_sign", **named(document), strokes=handwriting(points=60)
        )
        fits(d.Signed, signed)
        await pad.hears("companion_ended")
        assert pad.messages("companion_ended") == [{"reason": "used"}]
        await pad.is_cut()
        await mediator.hears("documents:companion:ended")
        given = mediator.events("documents:signature:given")[-1]
        assert given["by_companion"] and given["seat"] == wang.welcome["seats"][0]
        assert not wang.messages("replaced") and not wang.messages("ended")
        assert not mediator.events("room:endpoint:left")
        welcome = await wang.resume()
        assert welcome["ok"] and len(welcome["snapshot"]["endpoints"]) == 3


async def test_a_companion_may_nothing_but_sign(server: ServerProcess) -> None:
    async with table(server) as (mediator, wang, ahmet), phone() as pad:
        document = await frozen(mediator)
        for guest in (wang, ahmet):
            await acknowledge_all(guest, document)
        ticket = await wang.command("companion_issue")
        await pad.press(ticket["url"])
        join = {"device": "browser", "muted": {"microphone": False, "camera": False}}
        assert await refused(pad, "join", **join) == "not_allowed"
        assert await refused(pad, "mute", source="camera", muted=True) == "not_allowed"
        assert await refused(pad, "companion_issue") == "not_allowed"
        assert await refused(pad, "document_draft", fields={}) == "not_allowed"
        outside = await wang.ask("companion_join", {})
        assert outside["error"]["code"] == "not_allowed"
        for path in ("", "api/me", f"documents/{document['document']}/1.pdf"):
            assert await pad.status(path) == 403, path
        assert await pad.status("companion") in (200, 503)  # 503: the bundle is not built
        assert wang.login is not None
        async with wang.http.get(f"{wang.login.origin}{wang.login.path}companion") as answer:
            assert answer.status == 403
        await mediator.command("document_reopen", document=document["document"])
        await pad.hears("companion_ended")
        assert pad.messages("companion_ended") == [{"reason": "withdrawn"}]
        await pad.is_cut()
        await pad.connect()
        joined = await pad.ask("companion_join", {})
        assert joined["error"]["code"] == "companion_withdrawn"
        assert await press_status(ticket["url"]) == 410


async def test_a_code_that_nobody_made_opens_nothing(server: ServerProcess) -> None:
    assert await press_status(f"{server.base_url}/c/{'x' * 32}") == 404
    async with guests(server, WANG) as (wang,):
        links = server.demo()["sessions"][0]["join_urls"]
        token = links[WANG].rsplit("/", 1)[1]
        assert await press_status(f"{server.base_url}/c/{token}") == 404
        await wang.join()
