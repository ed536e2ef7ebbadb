"""https of a real server: a given certificate on 127.0.0.1, the installation's own authority in a
network namespace, and what is said when a certificate cannot be used."""

import asyncio
import hashlib
import json
import ssl
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from conference.certificates import x509
from conference.certificates.names import names_of, reach_for
from conference.clock import SystemClock
from tests.support.guest import Guest
from tests.support.netns import Namespace, namespace
from tests.support.participants import crowd, demo_plan, not_left
from tests.support.server import ServerProcess

DAY_US = 86_400_000_000
PARTY = "王建国"
NOW_US = SystemClock().wall_us()
GOOD = (NOW_US - DAY_US, NOW_US + DAY_US)


def pem_files(folder: Path, host: str, life: tuple[int, int]) -> Path:
    """A foreign authority's root.crt, and server.toml that names its certificate for the host."""
    root = x509.make_root(reach_for(host), life)
    pair = x509.make_server(root, names_of([host]), life)
    (folder / "root.crt").write_bytes(root.certificate)
    (folder / "server.crt").write_bytes(pair.certificate)
    (folder / "server.key").write_bytes(pair.key)
    config = folder / "server.toml"
    files = (folder / "server.crt", folder / "server.key")
    config.write_text(f'[tls]\ncertificate = "{files[0]}"\nkey = "{files[1]}"\n', "utf-8")
    return config


@pytest.fixture
async def given(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server with a given certificate on 127.0.0.1."""
    config = pem_files(tmp_path, "127.0.0.1", GOOD)
    server = ServerProcess(tmp_path / "data", ("--demo", "--config", str(config)))
    try:
        await server.start()
        yield server
    finally:
        server.destroy()
        print(server.whole_log())


def trusting(root: Path) -> ssl.SSLContext:
    """A client that trusts this root and nothing else."""
    return ssl.create_default_context(cafile=str(root))


async def test_a_given_certificate_serves_pages_and_sockets(
    given: ServerProcess, tmp_path: Path
) -> None:
    assert given.base_url == f"https://127.0.0.1:{given.port}"
    assert given.demo()["base_url"] == given.base_url
    connector = aiohttp.TCPConnector(ssl=trusting(tmp_path / "root.crt"))
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
        guest = Guest(PARTY, http)
        link = given.demo()["sessions"][0]["join_urls"][PARTY]
        async with http.post(link, allow_redirects=False) as answer:
            assert "; Secure" in answer.headers["Set-Cookie"]
        await guest.log_in(link)
        await guest.connect()
        await guest.join()
        async with http.get(f"{given.base_url}/ca/root.crt") as nothing:
            assert nothing.status == 404
            assert (await nothing.json())["error"]["code"] == "no_own_authority"
    assert not (given.data / "ca").exists()


async def test_what_is_no_tls_is_closed_and_logs_no_address(given: ServerProcess) -> None:
    for opening in (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"\0" * 600,
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", given.port)
        writer.write(opening)
        try:
            told = await asyncio.wait_for(reader.read(), 5)
        except ConnectionError:
            told = b""
        writer.close()
        assert b"HTTP/" not in told
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", given.port, ssl=old)
    written = [line for line in given.log().splitlines() if line.startswith("20")]
    assert not [line for line in written if "127.0.0.1" in line or "Traceback" in line]


@pytest.mark.parametrize(
    ("host", "life", "told"),
    [
        ("127.0.0.1", (NOW_US - 9 * DAY_US, NOW_US - DAY_US), "expired on"),
        ("127.0.0.1", (NOW_US + DAY_US, NOW_US + 9 * DAY_US), "is the clock right?"),
        ("video.example.org", GOOD, "is for video.example.org, and not for 127.0.0.1"),
    ],
)
async def test_a_certificate_that_browsers_refuse_stops_the_start(
    tmp_path: Path, host: str, life: tuple[int, int], told: str
) -> None:
    config = pem_files(tmp_path, host, life)
    assert told in await refusal(tmp_path, ("--config", str(config)))


async def test_a_key_of_another_certificate_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    pem_files(tmp_path / "other", "127.0.0.1", GOOD)
    config = pem_files(tmp_path, "127.0.0.1", GOOD)
    (tmp_path / "server.key").write_bytes((tmp_path / "other" / "server.key").read_bytes())
    assert "does not belong" in await refusal(tmp_path, ("--config", str(config)))


async def refusal(folder: Path, arguments: tuple[str, ...]) -> str:
    """The one sentence of a start that ends with 2."""
    server = ServerProcess(folder / "data", arguments)
    try:
        server.launch()
        assert await server.ended(30) == 2
        sentence = server.log().strip()
        assert sentence and "\n" not in sentence, sentence
        return sentence
    finally:
        server.destroy()


# --- the installation's own authority, on an address that is not loopback


@pytest.fixture
def inside() -> Iterator[Namespace]:
    with namespace() as made:
        yield made


@pytest.fixture
async def everywhere(inside: Namespace, tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server on all addresses of the namespace, not started."""
    server = ServerProcess(tmp_path / "data", ("--demo", "--host", "0.0.0.0"), inside.command())
    yield server
    server.destroy()
    print(server.whole_log())


async def fetch(inside: Namespace, url: str, root: Path) -> bytes:
    """GET as a client that trusts the root."""

    def get() -> bytes:
        with urllib.request.urlopen(url, timeout=10, context=trusting(root)) as answer:
            content: bytes = answer.read()
            return content

    return await inside.call(get)


@pytest.mark.root
@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_on_all_addresses_the_first_that_others_reach_is_used(
    everywhere: ServerProcess, inside: Namespace, tmp_path: Path, host: str
) -> None:
    server, root = everywhere, tmp_path / "data" / "ca" / "root.crt"
    server.arguments = ("--demo", "--host", host)
    await server.start()
    assert server.base_url == f"https://{inside.address}:{server.port}"
    assert server.demo()["base_url"] == server.base_url
    assert {file.stat().st_mode & 0o777 for file in root.parent.iterdir()} == {0o600}
    for address in (inside.address, "127.0.0.1", "localhost"):
        told = json.loads(await fetch(inside, f"https://{address}:{server.port}/healthz", root))
        assert told["status"] == "ok"
    page = (
        (await fetch(inside, f"{server.base_url}/ca?lang=en", root)).decode().replace("<wbr>", "")
    )
    der = await fetch(inside, f"{server.base_url}/ca/root.cer", root)
    assert hashlib.sha256(der).digest().hex(":").upper() in page
    assert await fetch(inside, f"{server.base_url}/ca/root.crt", root) == root.read_bytes()
    # Two come in and hear each other on the candidates that a server on all addresses tells.
    plan = demo_plan(server.demo(), 2, 3)
    run = inside.command("env", f"SSL_CERT_FILE={root}")
    async with crowd(tmp_path / "crowd", plan, run) as people:
        reports = await people.reports(timeout=45)
    assert not not_left(reports), people.output()
    assert all(sum(map(len, each["received"].values())) > 50 for each in reports)


@pytest.mark.root
async def test_another_base_url_renews_the_certificate_and_keeps_the_root(
    everywhere: ServerProcess, inside: Namespace, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "ca"
    await everywhere.start()
    root, first = (folder / "root.crt").read_bytes(), (folder / "server.pem").read_bytes()
    await everywhere.stop()
    await everywhere.start()
    assert (folder / "server.pem").read_bytes() == first
    await everywhere.stop()
    everywhere.arguments = (*everywhere.arguments, "--base-url", "https://video.lan:8443/")
    await everywhere.start()
    assert everywhere.base_url == "https://video.lan:8443"
    links = everywhere.demo()["sessions"][0]["join_urls"]
    assert all(link.startswith("https://video.lan:8443/j/") for link in links.values())
    assert (folder / "root.crt").read_bytes() == root
    assert "video.lan" in x509.read((folder / "server.pem").read_bytes(), "").names.dns
    await everywhere.stop()
    everywhere.arguments = ("--host", "0.0.0.0", "--base-url", "https://www.bank.example")
    everywhere.launch()
    assert await everywhere.ended(30) == 2
    assert "was not made for www.bank.example" in everywhere.log()


@pytest.mark.root
async def test_plain_http_links_and_foreign_addresses_stop_the_start(
    everywhere: ServerProcess,
) -> None:
    for arguments, told in (
        (("--host", "0.0.0.0", "--base-url", "http://video.lan"), "must begin with https://"),
        (("--host", "203.0.113.9"), "of 203.0.113.9 cannot be used"),
    ):
        everywhere.arguments = arguments
        everywhere.launch()
        assert await everywhere.ended(30) == 2
        assert told in everywhere.log()
