"""A server that runs for years: the certificate is exchanged under it."""

import logging
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509 as crypto

from conference.certificates import x509
from conference.certificates.names import names_of, reach_for
from conference.http_api import tls
from conference.storage.directory import DataDirectory
from tests.support.virtual_clock import START_WALL_US
from tests.unit.certificates.store import DAY_US

HOST = "10.77.0.1"


def shown_to_a_client(context: ssl.SSLContext) -> crypto.Certificate:
    """What a new connection gets, by a handshake in memory."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(down, up)
    server = context.wrap_bio(up, down, server_side=True)
    waiting = {client, server}
    while waiting:
        waiting -= {end for end in waiting if _moved(end.do_handshake)}
    return crypto.load_der_x509_certificate(client.getpeercert(binary_form=True) or b"")


def _moved(step: Callable[[], None]) -> bool:
    try:
        step()
    except ssl.SSLWantReadError:
        return False
    return True


async def test_the_own_certificate_is_renewed_while_the_server_runs(tmp_path: Path) -> None:
    folder = DataDirectory(tmp_path).authority
    secured = tls.Secured(tls.own(folder, HOST, ()), START_WALL_US)
    first = shown_to_a_client(secured.context)
    await secured.look(START_WALL_US + 300 * DAY_US)
    assert shown_to_a_client(secured.context) == first
    await secured.look(START_WALL_US + 370 * DAY_US)
    renewed = shown_to_a_client(secured.context)
    assert renewed != first and renewed.not_valid_after_utc > first.not_valid_after_utc
    assert renewed.issuer == first.issuer


async def test_a_given_one_is_exchanged_and_a_bad_one_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = (tmp_path / "server.crt", tmp_path / "server.key")
    write(files, HOST)
    secured = tls.Secured(tls.given(*files, HOST), START_WALL_US)
    first = shown_to_a_client(secured.context)
    write(files, HOST)
    await secured.look(START_WALL_US)
    second = shown_to_a_client(secured.context)
    assert second != first
    with caplog.at_level(logging.WARNING):
        write(files, "other.example.org")
        await secured.look(START_WALL_US)
        files[1].unlink()
        await secured.look(START_WALL_US)
    assert shown_to_a_client(secured.context) == second
    said = [record.getMessage() for record in caplog.records if "not exchanged" in record.message]
    assert len(said) == 2 and "not for 10.77.0.1" in said[0] and "cannot be read" in said[1]


def write(files: tuple[Path, Path], name: str) -> None:
    life = (START_WALL_US - DAY_US, START_WALL_US + 90 * DAY_US)
    pair = x509.make_server(x509.make_root(reach_for(name), life), names_of([name]), life)
    files[0].write_bytes(pair.certificate)
    files[1].write_bytes(pair.key)
