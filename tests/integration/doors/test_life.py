"""Starting, refusing to start, ending, being killed, and what is still true afterwards."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from conference.config import Configuration
from tests.support.guest import Guest, command_id, guests
from tests.support.server import ROOT, ServerProcess
from tests.support.wait import wait_until

MEDIATOR, PARTY = "马晓燕", "王建国"


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that was not started."""
    server = ServerProcess(tmp_path / "data")
    yield server
    server.destroy()
    print(server.whole_log())


async def refused(server: ServerProcess) -> str:
    """The one sentence of a start that ends with 2."""
    server.launch()
    assert await server.ended(30) == 2
    sentence = server.log().strip()
    assert sentence and "\n" not in sentence, sentence
    return sentence


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
async def test_a_taken_port_is_told(cold: ServerProcess, kind: socket.SocketKind) -> None:
    port = cold.port if kind is socket.SOCK_STREAM else cold.media_port
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", port))
        if kind is socket.SOCK_STREAM:
            other.listen()
        assert f"port {port} of 127.0.0.1 is taken" in await refused(cold)


async def test_a_second_server_on_the_directory_is_told(
    server: ServerProcess, tmp_path: Path
) -> None:
    second = ServerProcess(tmp_path / "data")
    second._log_path = tmp_path / "second.log"
    try:
        assert "another server works on" in await refused(second)
    finally:
        second.destroy()
    async with aiohttp.ClientSession() as http, http.get(f"{server.base_url}/healthz") as answer:
        assert answer.status == 200


async def test_an_unusable_directory_and_a_bad_file_are_told(
    cold: ServerProcess, tmp_path: Path
) -> None:
    cold.data.write_text("a file where the directory should be")
    assert "cannot be written" in await refused(cold)
    config = tmp_path / "server.toml"
    config.write_text("colour = 1\n")
    cold.arguments = ("--config", str(config))
    assert await refused(cold) == "the key colour is unknown"


async def test_it_ends_in_order_and_prints_the_same_links_again(server: ServerProcess) -> None:
    first = server.demo()
    assert (server.data / "demo.json").stat().st_mode & 0o777 == 0o600
    open_to_others = [file for file in server.data.rglob("*") if file.stat().st_mode & 0o077]
    assert not open_to_others and not server.data.stat().st_mode & 0o077
    async with guests(server, MEDIATOR) as (mediator,):
        await mediator.join()
        assert await server.stop(5) == 0
    await server.start()
    assert server.demo() == first
    for url in first["sessions"][0]["join_urls"].values():
        assert url in server.log()


async def test_everyone_is_back_after_a_kill(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        acknowledged = [
            await party.command("mute", source="camera", muted=True),
            await party.command("layout", layout="focus", focus=None),
            await mediator.command("record", action="start"),
        ]
        await party.hears("recording:session:started")
        epoch, last = party.welcome["epoch"], party.last
        await server.kill()
        await party.is_cut()
        await server.start()
        await party.connect()
        await mediator.connect()
        welcome = await party.resume()
        assert welcome["ok"], welcome
        assert (await mediator.resume())["ok"]
        assert welcome["epoch"] != epoch and welcome["endpoint"] == party.welcome["endpoint"]
        check_rebuilt(welcome, last)
        assert max(each["feed"] for each in acknowledged) <= last
        refusal = {"command_id": command_id(), "action": "resume"}
        assert (await mediator.ask("record", refusal))["error"]["code"] == "session_paused"
        await mediator.command("session", action="resume")
        await mediator.command("record", action="resume")
        await party.hears("recording:session:resumed")


def check_rebuilt(welcome: Any, last: int) -> None:
    """Seat, mute and layout are as before; the session waits for its host."""
    snapshot = welcome["snapshot"]
    kinds = [item["kind"] for item in welcome["missed"]]
    assert [item["n"] for item in welcome["missed"]] == list(range(last + 1, welcome["feed"] + 1))
    assert {"server:epoch:started", "room:session:paused", "recording:session:paused"} <= set(kinds)
    own = next(e for e in snapshot["endpoints"] if e["endpoint"] == welcome["endpoint"])
    assert own["muted"] == {"microphone": False, "camera": True}
    assert snapshot["you"]["layout"] == "focus"
    assert snapshot["session"]["state"] == "paused"
    assert snapshot["recording"]["state"] == "paused"


async def test_who_does_not_come_back_after_a_restart_is_lost(server: ServerProcess) -> None:
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        await server.kill()
        await server.start()
        await mediator.connect()
        await mediator.resume()
        await mediator.hears("room:endpoint:lost", timeout=15)
        lost = [each["endpoint"] for each in mediator.events("room:endpoint:lost")]
        assert lost == [party.welcome["endpoint"]]


async def command(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m conference …` on the server's data directory."""
    return await run(sys.executable, "-m", "conference", *arguments, "--data", str(server.data))


def links_of(output: str) -> dict[str, tuple[str, str]]:
    """Name → (url, link id), of what `session create` printed."""
    rows = [line.split() for line in output.splitlines()[1:]]
    return {row[2]: (row[1], row[4]) for row in rows}


async def test_a_session_is_made_and_a_link_withdrawn_while_the_server_runs(
    server: ServerProcess,
) -> None:
    people = ["--person", "mediator:马晓燕", "--person", "applicant:王建国"]
    made = await command(server, "session", "create", "--title", "真的调解", *people)
    assert made.returncode == 0, made.stderr
    (url, link), session = links_of(made.stdout)[PARTY], made.stdout.split()[1]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        guest = Guest(PARTY, http)
        await guest.log_in(url)
        await guest.connect()
        await guest.join()
        assert guest.welcome["snapshot"]["session"]["title"] == "真的调解"
        assert (await command(server, "link", "withdraw", link)).returncode == 0
        await guest.hears("ended")
        await guest.is_cut()
        async with http.get(url) as page:
            assert page.status == 410
    again = await command(server, "session", "links", session)
    assert "(withdrawn)" in again.stdout and url in again.stdout


async def test_a_session_is_made_while_no_server_runs(cold: ServerProcess) -> None:
    people = ["--person", "judge:刘卫东:九团法官工作室", "--person", "agent:王磊@刘卫东"]
    at = ["--base-url", "https://video.example.org", "--at", "2026-07-20T16:00"]
    made = await command(cold, "session", "create", "--title", "T", *people, *at)
    assert made.returncode == 0, made.stderr
    url, link = links_of(made.stdout)["刘卫东"]
    assert url.startswith("https://video.example.org/j/")
    assert (await command(cold, "link", "withdraw", link)).returncode == 0
    told = await command(cold, "session", "links", made.stdout.split()[1])
    assert told.stdout.count("(withdrawn)") == 1
    checked = await run(sys.executable, "-m", "conference", "verify", str(cold.data))
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (["party:王建国"], "Nobody can be host"),
        (["king:王建国"], "not understood: king:王建国"),
        (["judge:刘卫东", "agent:王磊@王建国"], "Nobody is called 王建国"),
    ],
)
async def test_a_session_that_cannot_be_is_told(
    cold: ServerProcess, people: list[str], told: str
) -> None:
    flags = [flag for person in people for flag in ("--person", person)]
    done = await command(cold, "session", "create", "--title", "T", *flags)
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr


async def run(*line: str) -> subprocess.CompletedProcess[str]:
    """A process beside the event loop, which goes on answering heartbeats."""
    return await asyncio.to_thread(
        subprocess.run, line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
async def small_disk(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server whose data directory is a file system of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    await run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk))
    config = tmp_path / "server.toml"
    config.write_text("[recording]\nreserve_bytes = 1000000\n")
    server = ServerProcess(disk / "data", ("--demo", "--config", str(config)))
    try:
        await server.start()
        yield server
    finally:
        server.destroy()
        print(server.whole_log())
        await run("umount", "--lazy", str(disk))  # the writer may still be ending


@pytest.mark.root
async def test_a_full_disk_refuses_commands_and_recovers(small_disk: ServerProcess) -> None:
    server = small_disk
    async with guests(server, MEDIATOR, PARTY) as (mediator, party):
        await mediator.join()
        await party.join()
        filler = server.data.parent / "filler"
        fill(filler)
        assert await first_refusal(party) == "storage_full"
        assert await health(server) == (503, "storage_full")
        assert not party.messages("replaced") and not mediator.messages("ended")
        filler.unlink()

        async def recovered() -> str | None:
            status, reason = await health(server)
            return None if status == 200 else f"health is {status} {reason}"

        await wait_until(recovered, 5)
        await party.command("mute", source="microphone", muted=True)
        await mediator.hears("room:mute:set")
    assert "Traceback" not in server.log()


def fill(filler: Path) -> None:
    """Write until there is no space left."""
    with filler.open("wb", buffering=0) as stream:
        for size in (1 << 16, 1 << 12, 1 << 8, 1):
            try:
                while True:
                    stream.write(b"\0" * size)
            except OSError:
                continue
    assert os.statvfs(filler.parent).f_bavail == 0


async def first_refusal(guest: Guest) -> str | None:
    """Switch the camera off and on until that is refused; what is already in the journal's file
    takes a few more entries."""
    muted, code = True, None
    for _ in range(40):
        code = await refusal_of(guest, muted)
        if code is not None:
            break
        muted = not muted
    return code


async def refusal_of(guest: Guest, muted: bool) -> str | None:
    wish = {"command_id": command_id(), "source": "camera", "muted": muted}
    answer = await guest.ask("mute", wish)
    return None if answer["ok"] else str(answer["error"]["code"])


async def health(server: ServerProcess) -> tuple[int, str | None]:
    async with aiohttp.ClientSession() as http, http.get(f"{server.base_url}/healthz") as answer:
        return answer.status, json.loads(await answer.text())["reason"]


def test_the_defaults_are_those_that_stay_fixed() -> None:
    fields = Configuration.model_fields
    assert (fields["port"].default, fields["media"].default.port) == (8080, 8081)
