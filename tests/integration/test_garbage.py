"""Nonsense at every door while four people talk: nobody loses a packet, nothing breaks."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import aiohttp
import pytest

from conference.tasks import TaskOwner
from tests.support import garbage
from tests.support.metrics import metric
from tests.support.participants import crowd, demo_plan, not_left, random_mutes
from tests.support.proxied import Proxied, proxied_server
from tests.support.relay import check_relay
from tests.support.server import ServerProcess
from tests.support.udp_proxy import Line, UdpProxy
from tests.support.wait import wait_until

SEED = 99
LONGEST_S = 300  # of a talk that ends when the nonsense does
DATAGRAMS, MESSAGES, REQUESTS = 20_000, 5_000, 2_000
PROXY_US = 300_000  # a datagram may lie so long in the busy proxy
STRANGERS = ("李梅", "古丽娜尔")  # have a link each, and no better intentions


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[Proxied]:
    """A server behind a proxy that loses nothing and shows what real datagrams look like."""
    async with proxied_server(tmp_path, SEED, Line()) as running:
        yield running


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.long)])
async def test_nonsense_at_every_door_changes_nothing(
    proxied: Proxied, tmp_path: Path, times: int
) -> None:
    server, proxy = proxied
    random, longest_s = Random(SEED), LONGEST_S * times
    plan = demo_plan(server.demo(), 4, longest_s, lambda _: random_mutes(random, longest_s))
    async with crowd(tmp_path / "crowd", plan) as people, TaskOwner("garbage") as tasks:
        await people.ready()
        flood = tasks.spawn("datagrams", send_datagrams(server, proxy, times))
        talk = tasks.spawn("messages", send_messages(server, MESSAGES * times))
        answers = await send_requests(server.port, REQUESTS * times)
        messages = await talk
        await flood
        assert people.running(), "the nonsense took longer than the talk"
        people.stop()
        reports = await people.reports(timeout=30)
    assert messages >= MESSAGES * times
    print(
        f"{messages} messages,", {status: answers.count(status) for status in sorted(set(answers))}
    )
    assert len(answers) == REQUESTS * times
    assert answers.count(0) < len(answers) / 2, "most requests got no answer"
    assert max(answers) < 500, "a request was a server error"
    assert not not_left(reports), people.output()
    verdict = check_relay(reports, transit_us=PROXY_US)
    print(verdict)
    assert not verdict.faults, f"seed {SEED}: {verdict}"
    assert await metric(server.base_url, "lost_in_server") == 0
    signs = ("Traceback", " ERROR ", " CRITICAL ", " WARNING ")
    bad = [line for line in server.whole_log().splitlines() if any(sign in line for sign in signs)]
    assert not bad, "\n".join(bad[:20])


async def send_datagrams(server: ServerProcess, proxy: UdpProxy, times: int) -> None:
    """From eight addresses, and not so fast that the socket's buffer is what is tested."""
    random = Random(SEED + 1)
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
    try:
        for number in range(DATAGRAMS * times):
            data = garbage.datagram(random, proxy.seen)
            sockets[number % 8].sendto(data, ("127.0.0.1", server.media_port))
            if number % 20 == 0:
                await breathe()
    finally:
        for each in sockets:
            each.close()


async def breathe() -> None:
    """Let ten milliseconds go by."""
    loop = asyncio.get_running_loop()
    then = loop.time() + 0.01
    await wait_until(lambda: None if loop.time() >= then else "early", timeout=5, interval=0.01)


async def send_messages(server: ServerProcess, most: int) -> int:
    """Frames over sockets that two people with links open again whenever they are closed."""
    random = Random(SEED + 2)
    urls = server.demo()["sessions"][0]["join_urls"]
    sent = 0
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        while sent < most:
            url = urls[random.choice(STRANGERS)]
            async with http.post(url, allow_redirects=False) as opened:
                path = urlsplit(opened.headers["Location"]).path
            sent += await one_socket(http, f"{server.base_url}{path}", random)
    return sent


async def one_socket(http: aiohttp.ClientSession, base: str, random: Random) -> int:
    """Say nonsense until the server has had enough of it; how many frames that took."""
    sent = 0
    address = f"{base}socket.io/?EIO=4&transport=websocket"
    async with http.ws_connect(address, max_msg_size=0) as line:
        if random.random() < 0.9:
            await line.send_str('40{"protocol":1,"locale":"zh-CN"}')
        if random.random() < 0.7:
            await line.send_str(garbage.join(random.getrandbits(40)))
        while not line.closed and sent < 200:
            try:
                if random.random() < 0.05:
                    await line.send_bytes(random.randbytes(20))
                else:
                    await line.send_str(garbage.frame(random))
                sent += 1
                await line.receive(timeout=0.02)
            except TimeoutError:
                continue
            except (aiohttp.ClientError, ConnectionError):
                break
    return sent


async def send_requests(port: int, most: int) -> list[int]:
    """Several at a time; the statuses, 0 where the server waits for the rest or hangs up."""
    random = Random(SEED + 3)
    waiting = iter([garbage.request(random) for _ in range(most)])
    answers: list[int] = []

    async def send_the_rest() -> None:
        for data in waiting:
            answers.append(await one_request(port, data))

    async with TaskOwner("requests") as tasks:
        await asyncio.gather(*(tasks.spawn("line", send_the_rest()) for _ in range(8)))
    return answers


async def one_request(port: int, data: bytes) -> int:
    """A connection of its own for one request; nobody half-closes it, aiohttp would not answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        async with asyncio.timeout(0.5):
            head = (await reader.read(64)).split()
        return int(head[1]) if len(head) > 1 and head[1].isdigit() else 0
    except (ConnectionError, TimeoutError):
        return 0
    finally:
        writer.close()
