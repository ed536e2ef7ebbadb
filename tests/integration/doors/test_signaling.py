"""What docs/protocol.md promises, of a real server."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from conference.signaling import limits
from conference.signaling import messages as m
from conference.simulation.signaling import LineLost
from tests.support.guest import NOTHING_OFF, Guest, command_id, guests
from tests.support.server import ServerProcess
from tests.support.wait import wait_until

MEDIATOR, PARTY, JUDGE = "马晓燕", "王建国", "刘卫东"


def fits(model: type[m.Wire], body: Mapping[str, Any]) -> None:
    """The message is exactly what the wire schema says."""
    model.model_validate_json(json.dumps(body))


async def test_join_and_everything_that_is_said_fits_the_schema(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        fits(m.Welcome, await mediator.join())
        welcome = await party.join()
        fits(m.Welcome, welcome)
        assert welcome["snapshot"]["session"]["state"] == "open"
        names = {s["seat"]: s["name"] for s in welcome["snapshot"]["seats"]}
        assert {names[seat] for seat in welcome["seats"]} == {"王建国", "王磊"}
        await mediator.hears("room:endpoint:joined")
        for name in ("presence", "recording_status", "heartbeat"):
            await mediator.hears(name)
        for name, body in [*mediator.said, *party.said]:
            fits(m.SERVER_MESSAGES[name], body)


async def test_everyone_hears_a_mute_and_nobody_hears_a_layout(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        await mediator.hears("room:endpoint:joined")
        before = mediator.last
        laid_out = await party.command("layout", layout="focus", focus=None)
        muted = await party.command("mute", source="microphone", muted=True)
        await mediator.hears("room:mute:set")
        await party.hears("room:mute:set")
        assert mediator.events("room:mute:set")[0]["by"] == party.welcome["seats"][0]
        assert not mediator.events("room:layout:set")
        assert party.events("room:layout:set") and muted["feed"] == laid_out["feed"] + 1
        numbers = [body["n"] for name, body in mediator.said if name == "event"]
        assert numbers == list(range(min(numbers), max(numbers) + 1)), "the layout left a hole"
        assert mediator.last == before + 1, "the mute is the next that the mediator learns"


async def test_only_the_host_records_and_the_refusal_speaks_the_language(
    server: ServerProcess,
) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        record = {"command_id": command_id(), "action": "start"}
        refused = await party.ask("record", record)
        fits(m.Failure, refused)
        assert refused["error"]["code"] == "not_allowed"
        assert refused["error"]["message"] == "Your role cannot do this."
        await mediator.command("record", action="start")
        await party.hears("recording:session:started")

        def red() -> str | None:
            status = party.messages("recording_status")[-1]
            return None if status["state"] == "on" else f"the status is {status}"

        await wait_until(red, 5)


async def test_a_repeated_command_is_answered_alike_and_done_once(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        mute = {"command_id": command_id(), "source": "camera", "muted": True}
        first = await party.ask("mute", mute)
        await party.command("mute", source="camera", muted=False)
        assert await party.ask("mute", mute) == first
        await party.command("mute", source="microphone", muted=True)
        await mediator.hears("room:mute:set", times=3)
        assert [(e["source"], e["muted"]) for e in mediator.events("room:mute:set")] == [
            ("camera", True),
            ("camera", False),
            ("microphone", True),
        ]


async def test_a_repeated_join_is_the_same_endpoint(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR) as (mediator,):
        join = {"command_id": command_id(), "device": "participant", "muted": NOTHING_OFF}
        first = await mediator.ask("join", join)
        again = await mediator.ask("join", join)
        assert (first["endpoint"], first["key"]) == (again["endpoint"], again["key"])
        assert len(again["snapshot"]["endpoints"]) == 1


async def test_a_lost_socket_resumes_without_a_hole(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        await party.command("layout", layout="focus", focus=None)
        await party.hears("room:layout:set")
        last = party.last
        await party.cut()
        await mediator.command("mute", source="camera", muted=True)
        await mediator.command("mute", source="camera", muted=False)
        await party.connect()
        endpoint = party.welcome["endpoint"]
        welcome = await party.resume()
        fits(m.Welcome, welcome)
        assert welcome["endpoint"] == endpoint
        missed = welcome["missed"]
        assert [item["n"] for item in missed] == list(range(last + 1, welcome["feed"] + 1))
        assert [item["kind"] for item in missed].count("room:mute:set") == 2
        assert welcome["snapshot"]["you"]["layout"] == "focus"


async def test_an_unanswered_offer_is_repeated_after_a_resume(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR) as (mediator,):
        await mediator.join()
        assert (await mediator.ask("subscribe", {"tracks": None}))["ok"]
        await mediator.hears("subscribe_offer")
        await mediator.cut()
        await mediator.connect()
        await mediator.resume()
        await mediator.hears("subscribe_offer", times=2)
        first, again = mediator.messages("subscribe_offer")
        assert first == again and first["fresh"]
        fits(m.SubscribeOffer, again)
        assert (await mediator.ask("subscribe", {"tracks": [], "fresh": True}))["ok"]
        await mediator.hears("subscribe_offer", times=3)
        assert mediator.messages("subscribe_offer")[2]["version"] > first["version"]


async def test_unusable_sdp_is_told_and_changes_nothing(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR) as (mediator,):
        offer = {"sdp": "v=0", "sources": {"0": "microphone"}}
        assert (await mediator.ask("publish", offer))["error"]["code"] == "not_joined"
        await mediator.join()
        assert (await mediator.ask("publish", offer))["error"]["code"] == "sdp_invalid"
        answer = {"version": 7, "sdp": "v=0"}
        assert (await mediator.ask("subscribe_answer", answer))["error"]["code"] == "answer_stale"
        view = (await mediator.resume())["snapshot"]["endpoints"][0]
        assert view["tracks"] == []


async def test_silence_is_lost_and_coming_back_is_told(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        await party.cut()
        await mediator.hears("room:endpoint:lost", timeout=6)
        lost = mediator.events("room:endpoint:lost")
        assert [each["endpoint"] for each in lost] == [party.welcome["endpoint"]]
        line = mediator.messages("presence")[-1]["endpoints"][party.welcome["endpoint"]]
        assert line == {"socket": False, "media": False}
        await party.connect()
        assert (await party.resume())["ok"]
        await mediator.hears("room:endpoint:restored")


async def test_a_lost_host_pauses_and_only_the_host_goes_on(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        await mediator.cut()
        await party.hears("room:session:paused", timeout=6)
        assert party.events("room:session:paused") == [{"reason": "host_lost"}]
        go_on = {"command_id": command_id(), "action": "resume"}
        assert (await party.ask("session", go_on))["error"]["code"] == "not_allowed"
        await mediator.connect()
        await mediator.resume()
        await party.hears("room:endpoint:restored")
        assert not party.events("room:session:resumed"), "it went on by itself"
        await mediator.command("session", action="resume")
        await party.hears("room:session:resumed")


async def test_a_second_endpoint_of_a_seat_replaces_the_first(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY, PARTY) as (mediator, first, second):
        await mediator.join()
        await first.join()
        await second.join()
        await first.hears("replaced")
        await first.is_cut()
        await first.connect()
        refused = await first.resume()
        assert refused["error"]["code"] == "replaced"
        await mediator.hears("room:endpoint:replaced")
        assert (await second.command("mute", source="camera", muted=True))["ok"]


async def test_one_endpoint_in_two_tabs_lives_in_the_newer(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, tab):
        await mediator.join()
        await tab.join()
        older = tab.line
        copy = Guest(PARTY, tab.http)
        copy.login, copy.welcome = tab.login, tab.welcome
        await copy.connect()
        assert (await copy.resume())["ok"]
        await tab.hears("replaced")
        await tab.is_cut()
        assert older is tab.line
        assert not mediator.events("room:endpoint:replaced"), "the endpoint is the same"
        assert (await copy.command("mute", source="camera", muted=True))["ok"]


async def test_leaving_gives_the_seat_back_and_the_key_is_void(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        await party.command("leave")
        await mediator.hears("room:endpoint:left")
        mute = {"command_id": command_id(), "source": "camera", "muted": True}
        assert (await party.ask("mute", mute))["error"]["code"] == "not_joined"
        assert (await party.resume())["error"]["code"] == "not_joined"
        assert (await party.join())["ok"]


async def test_commands_of_one_socket_are_done_in_their_order(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR) as (mediator,):
        await mediator.join()
        asked = [
            mediator.command("mute", source="camera", muted=number % 2 == 0) for number in range(20)
        ]
        feeds = [answer["feed"] for answer in await asyncio.gather(*asked)]
        assert feeds == list(range(feeds[0], feeds[0] + 20))


async def test_no_event_overtakes_the_welcome(server: ServerProcess) -> None:
    """On the wire: the Welcome first, then what its snapshot does not hold."""
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        assert party.login is not None
        path = f"{server.base_url}{party.login.path}socket.io/?EIO=4&transport=websocket"
        join = {"command_id": command_id(), "device": "participant", "muted": NOTHING_OFF}
        async with party.http.ws_connect(path) as socket:
            await socket.receive_str()
            await socket.send_str('40{"protocol":1}')
            await socket.receive_str()
            await socket.send_str(f'421["join",{json.dumps(join)}]')
            busy = [mediator.command("mute", source="camera", muted=n % 2 == 0) for n in range(20)]
            mutes = asyncio.gather(*busy)
            frames = [await socket.receive_str()]
            while not frames[-1].startswith("431"):
                frames.append(await socket.receive_str())
            assert not [frame for frame in frames if '"event"' in frame]
            feed = json.loads(frames[-1][3:])[0]["feed"]
            last = (await mutes)[-1]["feed"]
            numbers: list[int] = []
            while not numbers or numbers[-1] < last:
                frame = await socket.receive_str()
                if frame.startswith('42["event"'):
                    numbers.append(json.loads(frame[2:])[1]["n"])
            assert numbers == list(range(feed + 1, last + 1))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"command_id": "x", "source": "camera", "muted": True},
        {"command_id": "12345678", "source": "camera", "muted": "yes"},
        {"command_id": "12345678", "source": "camera", "muted": 1},
        {"command_id": "12345678", "source": "door", "muted": True},
        {"command_id": "12345678", "source": "camera", "muted": True, "more": 1},
    ],
)
def test_the_schema_is_strict_and_closed(payload: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Mute"):
        m.Mute.model_validate(payload)


async def test_nonsense_is_answered_and_too_much_of_it_ends_the_socket(
    server: ServerProcess,
) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        for _ in range(19):
            answer = await party.ask("dance", {"x": 1})
            assert answer["error"]["code"] == "bad_message"
        assert (await party.command("mute", source="camera", muted=True))["ok"]
        with pytest.raises(LineLost):
            await party.ask("mute", {"command_id": 7})
            await party.ask("mute", {"command_id": 7})
        await party.is_cut()
        assert (await mediator.command("mute", source="camera", muted=True))["ok"]


async def test_a_flood_is_refused_and_ends_the_socket(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR) as (mediator,):
        await mediator.join()
        mutes = [{"command_id": command_id(), "source": "camera", "muted": True}] * 300
        asked = [mediator.ask("mute", mute) for mute in mutes]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        codes = [
            type(answer).__name__ if isinstance(answer, BaseException) else code_of(answer)
            for answer in answers
        ]
        assert codes.count("done") >= limits.BURST - 1
        assert limits.MOST_VIOLATIONS - 1 <= codes.count("slow_down") <= limits.MOST_VIOLATIONS
        assert codes[-1] == "LineLost"


def code_of(answer: Mapping[str, Any]) -> str:
    return "done" if answer["ok"] else str(answer["error"]["code"])


async def test_strangers_and_wrong_origins_do_not_connect(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR) as (mediator,):
        assert mediator.login is not None
        path = f"{server.base_url}{mediator.login.path}socket.io/?EIO=4&transport=websocket"
        foreign = {"Origin": "https://elsewhere.example"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await mediator.http.ws_connect(path, headers=foreign)
        assert refused.value.status == 400
        async with aiohttp.ClientSession() as stranger:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await stranger.ws_connect(path)
            assert refused.value.status == 401
        for query in ("EIO=4&transport=polling", "EIO=4&transport=websocket&sid=x"):
            bad = f"{server.base_url}{mediator.login.path}socket.io/?{query}"
            async with mediator.http.get(bad) as answer:
                assert answer.status == 400


async def test_another_protocol_version_is_told_so(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR) as (mediator,):
        assert mediator.login is not None
        path = f"{server.base_url}{mediator.login.path}socket.io/?EIO=4&transport=websocket"
        async with mediator.http.ws_connect(path) as socket:
            assert (await socket.receive_str()).startswith("0")
            await socket.send_str('40{"protocol":99,"locale":"en"}')
            answer = await socket.receive_str()
            assert answer.startswith("44") and "protocol_version" in answer


async def test_the_log_names_nobody_and_holds_no_secret(server: ServerProcess) -> None:
    logging.getLogger("socketio").setLevel(logging.ERROR)
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        await party.ask("dance", {"王建国": "x"})
        await party.command("leave")
    written = "\n".join(line for line in server.log().splitlines() if line[:4].isdigit())
    assert "POST /j/{token} 303" in written
    for url in server.demo()["sessions"][0]["join_urls"].values():
        assert url.rpartition("/")[2] not in written
    for secret in (PARTY, MEDIATOR, party.welcome["key"], "127.0.0.1"):
        assert secret not in written
    assert party.login is not None and party.login.path.split("/")[2] not in written
    assert "Traceback" not in written
