"""The installation's own authority: a root made once, and the server certificates it signs.

The folder holds `root.crt`, `root.key`, and `server.pem` with key and certificate in one file,
so that a kill never leaves halves of two pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conference.certificates import x509
from conference.certificates.names import Names, names_of, plain_host, reach_for, within
from conference.certificates.policy import (
    CertificateFault,
    Facts,
    check_root,
    life_of_root,
    life_of_server,
    why_renew,
)
from conference.certificates.ports import Files

ROOT, ROOT_KEY, SERVER = "root.crt", "root.key", "server.pem"


@dataclass(frozen=True, slots=True)
class Authority:
    """What devices install: the root as PEM, and its SHA-256 fingerprint. `renewed` says why the
    server's certificate was made anew at this start, None when it was not."""

    root: bytes
    fingerprint: str
    renewed: str | None


def ready(files: Files, host: str, others: Iterable[str], now_us: int) -> Authority:
    """Root and server certificate for `host` (of the base URL) and those of the other hosts that
    the root may vouch for. CertificateFault with a sentence when that cannot be."""
    root = _root(files, host, now_us)
    where = str(files.path)
    facts = x509.read(root.certificate, f"{where}/{ROOT}")
    check_root(facts, now_us, where)
    wanted = _wanted(root, host, others, where)
    why = _why_renew(files.read(SERVER), root, wanted, now_us)
    if why is not None:
        pair = x509.make_server(root, wanted, life_of_server(now_us, facts))
        files.write(SERVER, pair.key + pair.certificate)
    return Authority(root.certificate, x509.fingerprint(root.certificate), why)


def _root(files: Files, host: str, now_us: int) -> x509.Pair:
    certificate, key = files.read(ROOT), files.read(ROOT_KEY)
    if certificate is None:
        pair = x509.make_root(reach_for(host), life_of_root(now_us))
        files.write(ROOT_KEY, pair.key)  # first: without root.crt it is nobody's yet
        files.write(ROOT, pair.certificate)
        return pair
    if key is None:
        raise CertificateFault(f"{files.path}/{ROOT_KEY} is missing: restore it from a backup")
    pair = x509.Pair(certificate, key)
    x509.check_pair(pair, f"{files.path}/{ROOT}", f"{files.path}/{ROOT_KEY}")
    return pair


def _wanted(root: x509.Pair, host: str, others: Iterable[str], where: str) -> Names:
    reach = x509.reach_of(root.certificate, f"{where}/{ROOT}")
    host = plain_host(host)
    if not within(host, reach):
        raise CertificateFault(
            f"the root certificate in {where} was not made for {host}: give tls.certificate and "
            f"tls.key, or move {where} away for a new root, which every device has to install again"
        )
    return names_of([host, *(other for other in others if within(plain_host(other), reach))])


def _why_renew(held: bytes | None, root: x509.Pair, wanted: Names, now_us: int) -> str | None:
    if held is None:
        return "there was none"
    try:
        facts: Facts = x509.read(held, SERVER)
        x509.check_pair(x509.Pair(held, held), SERVER, SERVER)
    except CertificateFault:
        return "it could not be read"
    if not x509.issued_by(held, root.certificate):
        return "the root is another one"
    return why_renew(facts, wanted, now_us)
