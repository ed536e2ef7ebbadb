"""Typed identifiers, made from a clock and a source of chance that are passed in."""

import base64
import uuid
from typing import Final, NewType, Protocol

from conference.clock import Clock

SessionId = NewType("SessionId", str)
SeatId = NewType("SeatId", str)
EndpointId = NewType("EndpointId", str)
TrackId = NewType("TrackId", str)
LinkId = NewType("LinkId", str)
CommandId = NewType("CommandId", str)
LoginId = NewType("LoginId", str)
DocumentId = NewType("DocumentId", str)
CompanionId = NewType("CompanionId", str)

SERVER: Final = SeatId("server")
"""The actor of what no person asked for."""


class Randomness(Protocol):
    """`random.SystemRandom` in the server, `random.Random(seed)` in tests."""

    def getrandbits(self, k: int, /) -> int: ...


def new_id(clock: Clock, random: Randomness) -> str:
    """A UUIDv7 in its usual text form (RFC 9562, section 5.7): 48 bits of wall milliseconds,
    74 random bits. Ids of one server sort roughly by the time they were made."""
    milliseconds = (clock.wall_us() // 1000) & (2**48 - 1)
    value = milliseconds << 80 | 7 << 76 | random.getrandbits(12) << 64
    value |= 0b10 << 62 | random.getrandbits(62)
    return str(uuid.UUID(int=value))


def new_secret(random: Randomness) -> str:
    """32 url-safe characters, 192 random bits: login ids, link tokens."""
    return base64.urlsafe_b64encode(random.getrandbits(192).to_bytes(24, "big")).decode("ascii")
