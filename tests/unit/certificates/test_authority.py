"""The installation's own authority through the years of its life."""

import hashlib
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509 as crypto
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from conference.certificates.authority import ROOT, ROOT_KEY, SERVER, ready
from conference.certificates.policy import CertificateFault
from tests.support.virtual_clock import START_WALL_US
from tests.unit.certificates.store import DAY_US, Memory

HOST, OTHERS = "10.77.0.1", ("localhost", "127.0.0.1", "::1", "192.168.7.2")


def served(files: Memory) -> crypto.Certificate:
    return crypto.load_pem_x509_certificate(files.files[SERVER])


def root(files: Memory) -> crypto.Certificate:
    return crypto.load_pem_x509_certificate(files.files[ROOT])


def accepted(files: Memory, host: str, at_us: int) -> bool:
    """Whether a strict client that trusts the root takes the server for this host at that time:
    chain, dates, names and name constraints (cryptography's own verifier, RFC 5280)."""
    name = host_name(host)
    verifier = (
        PolicyBuilder().store(Store([root(files)])).time(instant(at_us)).build_server_verifier(name)
    )
    try:
        verifier.verify(served(files), [])
    except VerificationError:
        return False
    return True


def host_name(host: str) -> crypto.DNSName | crypto.IPAddress:
    try:
        return crypto.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return crypto.DNSName(host)


def instant(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1e6, UTC)


def test_the_first_start_makes_a_root_and_a_certificate_that_clients_take() -> None:
    files = Memory()
    made = ready(files, HOST, OTHERS, START_WALL_US)
    assert files.written == [ROOT_KEY, ROOT, SERVER], "the key first: no root without its key"
    assert made.renewed == "there was none"
    for host in (HOST, *OTHERS):
        assert accepted(files, host, START_WALL_US), host
    assert not accepted(files, "10.77.0.2", START_WALL_US)
    assert made.fingerprint == sha256(ssl.PEM_cert_to_DER_cert(made.root.decode()))


def test_a_client_whose_clock_is_a_day_off_takes_it() -> None:
    files = Memory()
    ready(files, HOST, (), START_WALL_US)
    for days in (-1.9, -1, 1, 364):
        assert accepted(files, HOST, START_WALL_US + int(days * DAY_US)), days
    assert not accepted(files, HOST, START_WALL_US - 3 * DAY_US)
    assert not accepted(files, HOST, START_WALL_US + 396 * DAY_US)


def test_it_lasts_as_long_as_browsers_take_and_the_root_ten_years() -> None:
    files = Memory()
    ready(files, HOST, (), START_WALL_US)
    lives = [c.not_valid_after_utc - c.not_valid_before_utc for c in (served(files), root(files))]
    assert lives == [timedelta(days=397), timedelta(days=3652)]


def test_it_is_renewed_in_its_last_thirty_days_and_not_before() -> None:
    files = Memory()
    first = ready(files, HOST, (), START_WALL_US)
    ends_us = START_WALL_US + 395 * DAY_US
    assert ready(files, HOST, (), ends_us - 30 * DAY_US).renewed is None
    later = ready(files, HOST, (), ends_us - 29 * DAY_US)
    assert later.renewed == "it ends soon"
    assert later.root == first.root, "devices keep what they have installed"
    assert accepted(files, HOST, ends_us + DAY_US)
    assert ready(files, HOST, (), ends_us - 29 * DAY_US).renewed is None


def test_it_is_renewed_when_the_names_change_or_the_clock_was_set_back() -> None:
    files = Memory()
    ready(files, HOST, (), START_WALL_US)
    assert ready(files, HOST, ("10.0.0.9",), START_WALL_US).renewed == "its names changed"
    assert ready(files, "10.0.0.9", (HOST,), START_WALL_US).renewed is None
    files.files[SERVER] = _later(files)
    renewed = ready(files, "10.0.0.9", (HOST,), START_WALL_US)
    assert renewed.renewed == "the clock was set back"


def _later(files: Memory) -> bytes:
    """A certificate of the same root and names, made a year on."""
    copy = Memory()
    copy.files = {name: files.files[name] for name in (ROOT, ROOT_KEY)}
    ready(copy, "10.0.0.9", (HOST,), START_WALL_US + 365 * DAY_US)
    return copy.files[SERVER]


@pytest.mark.parametrize("damage", [b"", b"half a file", "other"])
def test_a_damaged_or_foreign_certificate_is_made_anew(damage: bytes | str) -> None:
    files, foreign = Memory(), Memory()
    for each in (files, foreign):
        ready(each, HOST, (), START_WALL_US)
    files.files[SERVER] = foreign.files[SERVER] if isinstance(damage, str) else damage
    why = ready(files, HOST, (), START_WALL_US).renewed
    assert why in ("it could not be read", "the root is another one")
    assert accepted(files, HOST, START_WALL_US)


def test_a_kill_between_key_and_root_begins_anew() -> None:
    files = Memory()
    files.files[ROOT_KEY] = b"of a root that nobody has"
    ready(files, HOST, (), START_WALL_US)
    assert accepted(files, HOST, START_WALL_US)


def test_a_root_without_its_key_or_with_another_is_told() -> None:
    files, foreign = Memory(), Memory()
    for each in (files, foreign):
        ready(each, HOST, (), START_WALL_US)
    files.files[ROOT_KEY] = foreign.files[ROOT_KEY]
    with pytest.raises(CertificateFault, match="does not belong"):
        ready(files, HOST, (), START_WALL_US)
    del files.files[ROOT_KEY]
    with pytest.raises(CertificateFault, match=r"root\.key is missing"):
        ready(files, HOST, (), START_WALL_US)


def test_a_root_that_ends_is_told_and_never_replaced_in_silence() -> None:
    files = Memory()
    ready(files, HOST, (), START_WALL_US)
    near = START_WALL_US + 3600 * DAY_US
    ready(files, HOST, (), near)
    assert served(files).not_valid_after_utc <= root(files).not_valid_after_utc
    with pytest.raises(CertificateFault, match="every device has to install again"):
        ready(files, HOST, (), START_WALL_US + 3630 * DAY_US)
    with pytest.raises(CertificateFault, match="set the clock"):
        ready(files, HOST, (), START_WALL_US - 3 * DAY_US)


def test_the_root_vouches_for_the_own_network_only() -> None:
    files = Memory()
    ready(files, "video.court.example", ("203.0.113.9", "10.1.2.3"), START_WALL_US)
    assert accepted(files, "video.court.example", START_WALL_US)
    assert accepted(files, "10.1.2.3", START_WALL_US)
    assert not accepted(files, "203.0.113.9", START_WALL_US), "outside: left out"
    with pytest.raises(CertificateFault, match=r"not made for www\.bank\.example"):
        ready(files, "www.bank.example", (), START_WALL_US)


@pytest.mark.parametrize(
    "host", ["203.0.113.9", "2001:db8::5", "fd00::1", "服务器.example", "kiosk"]
)
def test_any_host_of_the_base_url_gets_a_root_that_may(host: str) -> None:
    files = Memory()
    ready(files, host, OTHERS, START_WALL_US)
    ascii_host = host if ":" in host else host.encode("idna").decode()
    assert accepted(files, ascii_host, START_WALL_US)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).digest().hex(":").upper()
