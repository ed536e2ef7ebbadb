"""Which addresses of this machine clients are told."""

from __future__ import annotations

import ipaddress

import ifaddr

from conference.media.forwarder.api import Address

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def machine_addresses() -> list[str]:
    """All addresses of this machine's interfaces; link-local ones of IPv6 are left out, they
    mean nothing without the interface."""
    texts = [
        ip.ip if isinstance(ip.ip, str) else ip.ip[0]
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    return [text for text in texts if not ipaddress.ip_address(text).is_link_local]


def advertised(bound: Address, own: list[str]) -> list[Address]:
    """The candidates of a socket bound to this address, best first; `own` are the machine's
    addresses, used when it is bound to all of them."""
    host, port = bound
    if not ipaddress.ip_address(host).is_unspecified:
        return [bound]
    fit = [text for text in own if host == "::" or ipaddress.ip_address(text).version == 4]
    return [(text, port) for text in sorted(fit, key=_reach)]


def _reach(text: str) -> tuple[bool, bool]:
    """Loopback last, IPv4 before IPv6."""
    address: IpAddress = ipaddress.ip_address(text)
    return address.is_loopback, address.version == 6
