"""The one door to TLS: what a server shows on an address that other machines reach."""

import logging
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conference.certificates import authority, x509
from conference.certificates.policy import RENEWED_BEFORE_US, CertificateFault, check_given, day
from conference.certificates.ports import Files

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Secured:
    """`authority`: the installation's own, None with a given certificate."""

    context: ssl.SSLContext
    authority: authority.Authority | None


def given(certificate: Path, key: Path, host: str, now_us: int) -> Secured:
    """With the administrator's certificate; CertificateFault when browsers would not take it."""
    pair = x509.Pair(_read(certificate, "certificate"), _read(key, "key"))
    facts = x509.read(pair.certificate, str(certificate))
    check_given(facts, host, now_us, str(certificate))
    x509.check_pair(pair, str(certificate), str(key))
    if facts.not_after_us - now_us < RENEWED_BEFORE_US:
        _log.warning("the certificate %s ends on %s", certificate, day(facts.not_after_us))
    return Secured(_context(certificate, key), None)


def own(files: Files, host: str, others: Iterable[str], now_us: int) -> Secured:
    """With a certificate of the installation's own authority, made when it is not there."""
    made = authority.ready(files, host, others, now_us)
    if made.renewed is not None:
        _log.info("the server's certificate was made: %s", made.renewed)
    server = files.path / authority.SERVER
    return Secured(_context(server, server), made)


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise CertificateFault(
            f"the certificate {certificate} cannot be served: {error.reason}"
        ) from None
    return context


def _read(file: Path, what: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateFault(f"the {what} {file} cannot be read: {error.strerror}") from None
