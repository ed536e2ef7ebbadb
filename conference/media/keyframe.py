"""Keyframes: to know one when it comes, and to ask for one neither too often nor in vain."""

from __future__ import annotations

_THROTTLE_US = 500_000
_RETRY_US = 1_000_000


def vp8_keyframe_starts(payload: memoryview) -> bool:
    """True for the first packet of a VP8 keyframe: payload descriptor (RFC 7741 §4.2) with S set
    and partition 0, then the payload header (§4.3) whose lowest bit is 0 for a keyframe."""
    length = len(payload)
    if length < 2:
        return False
    if payload[0] & 0x17 != 0x10:  # S=1, PID=0
        return False
    at = descriptor_bytes(payload)
    return at < length and payload[at] & 0x01 == 0


def descriptor_bytes(payload: memoryview) -> int:
    """How long the payload descriptor is (RFC 7741 §4.2), behind which the frame begins; not less
    than the payload's own length when it is cut."""
    length = len(payload)
    if length > 1 and payload[0] & 0x80:
        return _after_extension(payload, length)
    return 1 if not length or not payload[0] & 0x80 else length


def _after_extension(payload: memoryview, length: int) -> int:
    """Where the payload header is, behind picture id, TL0PICIDX and TID/KEYIDX."""
    flags = payload[1]
    at = 2
    if flags & 0x80:
        if at >= length:
            return length
        at += 2 if payload[at] & 0x80 else 1
    if flags & 0x40:
        at += 1
    if flags & 0x30:
        at += 1
    return at


class KeyframeArbiter:
    """Requests for keyframes of one track: merged, at most one each 0.5 s, repeated each second
    until a keyframe is seen."""

    __slots__ = ("_asked_us", "_due_us")

    def __init__(self) -> None:
        self._asked_us: int | None = None
        self._due_us: int | None = None

    def request(self, now_us: int) -> bool:
        """Somebody needs a keyframe; True when the request is to be sent now."""
        if self._asked_us is None or now_us - self._asked_us >= _THROTTLE_US:
            self._ask(now_us)
            return True
        if self._due_us is None:  # the one asked for last has come before it was needed
            self._due_us = self._asked_us + _THROTTLE_US
        return False

    def need(self, now_us: int) -> None:
        """Somebody needs a keyframe, but the publisher cannot be asked yet: `due` tells when."""
        if self._due_us is None:
            self._due_us = now_us

    def seen(self) -> None:
        """A keyframe begins, or nobody needs one any more."""
        self._due_us = None

    def due(self, now_us: int) -> bool:
        """True when the request is to be sent, or sent again, now."""
        if self._due_us is None or now_us < self._due_us:
            return False
        self._ask(now_us)
        return True

    def _ask(self, now_us: int) -> None:
        self._asked_us = now_us
        self._due_us = now_us + _RETRY_US
