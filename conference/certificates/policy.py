"""When a certificate is good, and when it is time for a new one. Instants are UTC µs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from conference.certificates.names import Names, covers

DAY_US = 86_400_000_000
ROOT_LIFE_US = 3652 * DAY_US
SERVER_LIFE_US = 397 * DAY_US
"""Browsers take no longer one."""

BACKDATED_US = 2 * DAY_US
"""So that a device whose clock is a day late takes a certificate that was made just now."""

RENEWED_BEFORE_US = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in a certificate."""

    not_before_us: int
    not_after_us: int
    names: Names


class CertificateFault(Exception):
    """One sentence for the person at the terminal."""


def life_of_root(now_us: int) -> tuple[int, int]:
    """From when to when a root made now is valid."""
    return now_us - BACKDATED_US, now_us - BACKDATED_US + ROOT_LIFE_US


def life_of_server(now_us: int, root: Facts) -> tuple[int, int]:
    """From when to when a certificate made now is valid; never outside its root's life."""
    begin = max(now_us - BACKDATED_US, root.not_before_us)
    return begin, min(begin + SERVER_LIFE_US, root.not_after_us)


def why_renew(facts: Facts, wanted: Names, now_us: int) -> str | None:
    """Why the server's own certificate is to be made anew, None while it is good."""
    if facts.names != wanted:
        return "its names changed"
    if now_us < facts.not_before_us:
        return "the clock was set back"
    if facts.not_after_us - now_us < RENEWED_BEFORE_US:
        return "it ends soon"
    return None


def check_root(facts: Facts, now_us: int, where: str) -> None:
    """CertificateFault when the root vouches for nothing today."""
    if now_us < facts.not_before_us:
        raise CertificateFault(
            f"the root certificate in {where} is valid from {day(facts.not_before_us)} only: "
            "set the clock of this machine"
        )
    if facts.not_after_us - now_us < RENEWED_BEFORE_US:
        raise CertificateFault(
            f"the root certificate in {where} ends on {day(facts.not_after_us)}: move {where} "
            "away for a new one, which every device has to install again"
        )


def check_given(facts: Facts, host: str, now_us: int, where: str) -> None:
    """CertificateFault when browsers would refuse the given certificate for this host."""
    if now_us > facts.not_after_us:
        raise CertificateFault(f"the certificate {where} expired on {day(facts.not_after_us)}")
    if now_us < facts.not_before_us:
        begin = day(facts.not_before_us)
        raise CertificateFault(
            f"the certificate {where} is valid from {begin} only; is the clock right?"
        )
    if not covers(facts.names, host):
        held = ", ".join(sorted(facts.names.dns | facts.names.ips)) or "no name at all"
        raise CertificateFault(f"the certificate {where} is for {held}, and not for {host}")


def day(instant_us: int) -> str:
    """Like 2026-11-24, in UTC."""
    return datetime.fromtimestamp(instant_us / 1e6, UTC).strftime("%Y-%m-%d")
