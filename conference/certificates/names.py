"""Host names and addresses of a certificate, and which of them an authority may vouch for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "::1/128",
)
PRIVATE_DOMAINS = ("localhost", "local", "lan", "internal", "home.arpa")


@dataclass(frozen=True, slots=True)
class Names:
    """Subject alternative names (RFC 5280, section 4.2.1.6): host names in ASCII and lower case,
    addresses as ipaddress writes them."""

    dns: frozenset[str] = field(default=frozenset())
    ips: frozenset[str] = field(default=frozenset())

    def __bool__(self) -> bool:
        return bool(self.dns or self.ips)


@dataclass(frozen=True, slots=True)
class Reach:
    """What an authority may vouch for, its name constraints (RFC 5280, section 4.2.1.10)."""

    domains: tuple[str, ...]
    networks: tuple[str, ...]


def plain_host(host: str) -> str:
    """A host as certificates have it: an address without brackets, a name in ASCII (IDNA);
    ValueError for neither."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.encode("idna").decode("ascii")


def is_address(host: str) -> bool:
    """Whether a host is an IP address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def names_of(hosts: Iterable[str]) -> Names:
    """Names and addresses, told apart."""
    plain = {plain_host(host) for host in hosts}
    addresses = frozenset(filter(is_address, plain))
    return Names(frozenset(plain - addresses), addresses)


def covers(names: Names, host: str) -> bool:
    """Whether a browser takes the names for this host: the same, or `*` for its first label
    (RFC 9525, section 6.3)."""
    host = plain_host(host)
    if is_address(host):
        return host in names.ips
    return host in names.dns or f"*.{host.partition('.')[2]}" in names.dns


def reach_for(host: str) -> Reach:
    """Names and addresses that mean something inside one network only, and this host: a device
    that trusts the root is not exposed to certificates for the rest of the world."""
    host = plain_host(host)
    if within(host, Reach(PRIVATE_DOMAINS, PRIVATE_NETWORKS)):
        return Reach(PRIVATE_DOMAINS, PRIVATE_NETWORKS)
    if is_address(host):
        alone = str(ipaddress.ip_network(host))
        return Reach(PRIVATE_DOMAINS, (*PRIVATE_NETWORKS, alone))
    return Reach((*PRIVATE_DOMAINS, host), PRIVATE_NETWORKS)


def within(host: str, reach: Reach) -> bool:
    """Whether an authority with this reach may vouch for the host."""
    if is_address(host):
        address = ipaddress.ip_address(host)
        return any(address in ipaddress.ip_network(network) for network in reach.networks)
    return any(host == domain or host.endswith(f".{domain}") for domain in reach.domains)
