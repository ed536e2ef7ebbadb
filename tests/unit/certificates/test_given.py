"""A certificate that the administrator gave: each fault its sentence."""

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from conference.certificates import x509
from conference.certificates.names import covers, names_of, reach_for
from conference.certificates.policy import CertificateFault
from conference.http_api import tls
from tests.support.virtual_clock import START_WALL_US
from tests.unit.certificates.store import DAY_US

HOST = "video.example.org"
LIFE = (START_WALL_US - DAY_US, START_WALL_US + DAY_US)


def written(folder: Path, names: tuple[str, ...] = (HOST,)) -> tuple[Path, Path]:
    """Certificate and key of a foreign authority."""
    root = x509.make_root(reach_for(HOST), LIFE)
    pair = x509.make_server(root, names_of(names), LIFE)
    certificate, key = folder / "server.crt", folder / "server.key"
    certificate.write_bytes(pair.certificate + root.certificate)
    key.write_bytes(pair.key)
    return certificate, key


def given(certificate: Path, key: Path, host: str, now_us: int) -> tls.Secured:
    """What a start does."""
    return tls.Secured(tls.given(certificate, key, host), now_us)


def test_a_good_one_is_served(tmp_path: Path) -> None:
    certificate, key = written(tmp_path)
    secured = given(certificate, key, HOST, START_WALL_US)
    assert secured.authority is None
    assert secured.context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("host", "at_us", "told"),
    [
        (HOST, START_WALL_US + 2 * DAY_US, "expired on 2026-07-21"),
        (HOST, START_WALL_US - 2 * DAY_US, "valid from 2026-07-19 only; is the clock right"),
        ("other.example.org", START_WALL_US, f"is for {HOST}, and not for other.example.org"),
        ("10.0.0.1", START_WALL_US, f"is for {HOST}, and not for 10.0.0.1"),
    ],
)
def test_what_browsers_would_refuse_is_told(
    tmp_path: Path, host: str, at_us: int, told: str
) -> None:
    certificate, key = written(tmp_path)
    with pytest.raises(CertificateFault, match=told) as fault:
        given(certificate, key, host, at_us)
    assert "\n" not in str(fault.value)


def test_a_key_that_does_not_fit_is_told(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    certificate, _ = written(tmp_path)
    _, foreign = written(tmp_path / "other")
    with pytest.raises(CertificateFault, match="does not belong to the certificate"):
        given(certificate, foreign, HOST, START_WALL_US)


def test_files_that_are_something_else_are_told(tmp_path: Path) -> None:
    certificate, key = written(tmp_path)
    with pytest.raises(CertificateFault, match=r"nowhere\.crt cannot be read"):
        given(tmp_path / "nowhere.crt", key, HOST, START_WALL_US)
    with pytest.raises(CertificateFault, match=r"server\.key is no certificate"):
        given(key, key, HOST, START_WALL_US)
    with pytest.raises(CertificateFault, match=r"server\.crt is no private key"):
        given(certificate, certificate, HOST, START_WALL_US)
    locked = serialization.load_pem_private_key(key.read_bytes(), None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    key.write_bytes(locked)
    with pytest.raises(CertificateFault, match="locked by a password"):
        given(certificate, key, HOST, START_WALL_US)


@pytest.mark.parametrize(
    ("held", "host", "covered"),
    [
        ("video.example.org", "VIDEO.example.org.", True),
        ("*.example.org", "video.example.org", True),
        ("*.example.org", "a.video.example.org", False),
        ("*.example.org", "example.org", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("fd00::1", "[fd00:0::1]", True),
        ("*.0.0.1", "10.0.0.1", False),
    ],
)
def test_names_are_taken_as_browsers_take_them(held: str, host: str, covered: bool) -> None:
    assert covers(names_of([held]), host) is covered
