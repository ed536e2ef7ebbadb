"""The one door to TLS: what a server shows on an address that other machines reach."""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conference.certificates import authority, x509
from conference.certificates.policy import CertificateFault, check_given
from conference.certificates.ports import Files


@dataclass(frozen=True, slots=True)
class Secured:
    """`authority`: the installation's own, None with a given certificate."""

    context: ssl.SSLContext
    authority: authority.Authority | None


def given(certificate: Path, key: Path, host: str, now_us: int) -> Secured:
    """With the administrator's certificate; CertificateFault when browsers would not take it."""
    pair = x509.Pair(_read(certificate, "certificate"), _read(key, "key"))
    check_given(x509.read(pair.certificate, str(certificate)), host, now_us, str(certificate))
    x509.check_pair(pair, str(certificate), str(key))
    return Secured(_context(certificate, key), None)


def own(files: Files, host: str, others: Iterable[str], now_us: int) -> Secured:
    """With a certificate of the installation's own authority, made when it is not there."""
    made = authority.ready(files, host, others, now_us)
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
