"""The one door to TLS: what a server shows on an address that other machines reach."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from conference.certificates import authority, x509
from conference.certificates.policy import RENEWED_BEFORE_US, CertificateFault, check_given, day
from conference.certificates.ports import Files

LOOK_S = 6 * 3600
"""How often a running server looks whether its certificate is still the one to show."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """Files that are good to show now, and what stands in them. `authority`: the installation's
    own, None with a given certificate."""

    certificate: Path
    key: Path
    content: bytes
    authority: authority.Authority | None


Source = Callable[[int], Shown]
"""Checks, or makes, what is to be shown at an instant (UTC µs); CertificateFault when there is
nothing that browsers would take."""


class Secured:
    """The server's TLS. CertificateFault from the source when it cannot begin."""

    def __init__(self, source: Source, now_us: int) -> None:
        self._source = source
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        shown = source(now_us)
        self.authority = shown.authority
        self._show(shown)

    async def keep(self, wall_us: Callable[[], int]) -> None:
        """Look again and again; open connections keep the certificate they began with."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look(wall_us())

    async def look(self, now_us: int) -> None:
        """Show what is to be shown now; when that cannot be had, go on as before and say so."""
        try:
            shown = await asyncio.to_thread(self._source, now_us)
            if shown.content != self._content:
                self._show(shown)
                _log.info("the certificate was exchanged")
        except Exception as error:
            _log.warning("the certificate is not exchanged: %s", error)

    def _show(self, shown: Shown) -> None:
        try:
            self.context.load_cert_chain(shown.certificate, shown.key)
        except ssl.SSLError as error:
            raise CertificateFault(
                f"the certificate {shown.certificate} cannot be served: {error.reason}"
            ) from None
        self._content = shown.content


def given(certificate: Path, key: Path, host: str) -> Source:
    """The administrator's certificate."""
    return partial(_given, certificate, key, host)


def own(files: Files, host: str, others: Iterable[str]) -> Source:
    """A certificate of the installation's own authority, made when it is not there."""
    return partial(_own, files, host, tuple(others))


def _given(certificate: Path, key: Path, host: str, now_us: int) -> Shown:
    pair = x509.Pair(_read(certificate, "certificate"), _read(key, "key"))
    facts = x509.read(pair.certificate, str(certificate))
    check_given(facts, host, now_us, str(certificate))
    x509.check_pair(pair, str(certificate), str(key))
    if facts.not_after_us - now_us < RENEWED_BEFORE_US:
        _log.warning("the certificate %s ends on %s", certificate, day(facts.not_after_us))
    return Shown(certificate, key, pair.certificate + pair.key, None)


def _own(files: Files, host: str, others: tuple[str, ...], now_us: int) -> Shown:
    made = authority.ready(files, host, others, now_us)
    if made.renewed is not None:
        _log.info("the server's certificate was made: %s", made.renewed)
    server = files.path / authority.SERVER
    return Shown(server, server, files.read(authority.SERVER) or b"", made)


def _read(file: Path, what: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateFault(f"the {what} {file} cannot be read: {error.strerror}") from None
