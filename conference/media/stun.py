"""STUN binding messages as ICE uses them (RFC 8489, RFC 8445 §7): the only door to aioice.

Parsing never raises: what is no sound STUN message is None.  Addresses are (host, port).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from aioice import stun as wire

from conference.media.forwarder.api import Address

BAD_REQUEST = (400, "Bad Request")
UNAUTHORIZED = (401, "Unauthorized")
ROLE_CONFLICT = (487, "Role Conflict")

PRIORITY_PEER_REFLEXIVE = 110 << 24 | 65535 << 8 | 255
"""RFC 8445 §5.1.2.1 with the type preference of a peer-reflexive candidate."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding message; `kind` is request, response or error (indications mean nothing here)."""

    kind: str
    transaction: bytes
    username: tuple[str, str] | None
    """(receiver's ufrag, sender's ufrag)."""
    use_candidate: bool
    controlled: bool
    """The sender believes it is the controlled side."""
    message: wire.Message

    def signed_with(self, password: str) -> bool:
        """Whether MESSAGE-INTEGRITY is there and is of this password (RFC 8489 §9.1.3)."""
        return self.message.check_message_integrity(password.encode())


_COOKIE = struct.pack("!I", wire.COOKIE)
_KINDS = {wire.Class.REQUEST: "request", wire.Class.RESPONSE: "response", wire.Class.ERROR: "error"}


def parse(datagram: bytes) -> Binding | None:
    """A binding request, response or error; None for everything else, however broken."""
    if datagram[4:8] != _COOKIE:
        return None
    try:
        message = wire.parse_message(datagram)
    except (ValueError, struct.error, IndexError, TypeError):
        return None
    kind = _KINDS.get(message.message_class)
    if message.message_method != wire.Method.BINDING or kind is None:
        return None
    attributes = message.attributes
    receiver, colon, sender = str(attributes.get("USERNAME", "")).partition(":")
    return Binding(
        kind=kind,
        transaction=message.transaction_id,
        username=(receiver, sender) if colon else None,
        use_candidate="USE-CANDIDATE" in attributes,
        controlled="ICE-CONTROLLED" in attributes,
        message=message,
    )


def success(request: Binding, source: Address, password: str) -> bytes:
    """The answer to a valid check: the address it came from, signed with our password."""
    message = wire.Message(
        wire.Method.BINDING,
        wire.Class.RESPONSE,
        request.transaction,
        {"XOR-MAPPED-ADDRESS": source},
    )
    message.add_message_integrity(password.encode())
    return bytes(message)


def refusal(request: Binding, error: tuple[int, str], password: str | None = None) -> bytes:
    """An error answer; signed only where the request was."""
    message = wire.Message(
        wire.Method.BINDING, wire.Class.ERROR, request.transaction, {"ERROR-CODE": error}
    )
    if password is None:
        message.add_fingerprint()
    else:
        message.add_message_integrity(password.encode())
    return bytes(message)


def check(username: str, password: str, transaction: bytes, tie_breaker: int) -> bytes:
    """Our own binding request, as the controlled side (RFC 8445 §7.1), signed with the
    receiver's password; `username` is "receiver:sender"."""
    message = wire.Message(
        wire.Method.BINDING,
        wire.Class.REQUEST,
        transaction,
        {
            "USERNAME": username,
            "PRIORITY": PRIORITY_PEER_REFLEXIVE,
            "ICE-CONTROLLED": tie_breaker,
        },
    )
    message.add_message_integrity(password.encode())
    return bytes(message)
