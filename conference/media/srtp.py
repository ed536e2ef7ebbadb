"""SRTP (RFC 3711, RFC 7714) by libsrtp: the one door to pylibsrtp.

Packets are protected in place, in one buffer that all associations share, through the functions
under `pylibsrtp.Session`: a quarter to a third cheaper than its methods (1.4 against 2.0 µs for
1100 bytes with AES-GCM), no limit of 1356 bytes, and the reason of a refusal as a number.
"""

from __future__ import annotations

import contextlib
import enum
from typing import Any, Final

from pylibsrtp import Error, Policy, Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

WINDOW: Final = 1024
"""Packets of replay window: a retransmission may come a second late."""
_MAX_STREAMS: Final = 64
PROFILES: Final = {
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "SRTP_AES128_CM_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}
_REPLAYED: Final = frozenset({9, 10})  # srtp_err_status_replay_fail, _replay_old


class Refusal(enum.IntEnum):
    """Why a datagram was not taken; negative, as the other results are lengths."""

    REPLAY = -1
    AUTH = -2


class Scratch:
    """The buffer in which packets are built, protected and unprotected."""

    __slots__ = ("buffer", "length", "pointer", "view")

    def __init__(self) -> None:
        self.buffer = bytearray(4096)
        self.view = memoryview(self.buffer)
        self.pointer: Any = ffi.from_buffer(self.buffer)
        self.length: Any = ffi.new("int *")


def _session(profile: str, key: bytes, direction: int) -> Session:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=PROFILES[profile])
    policy.window_size = WINDOW
    policy.allow_repeat_tx = True
    return Session(policy)


class SrtpSender:
    """Protects what goes to one peer."""

    __slots__ = ("_context", "_length", "_pointer", "_protect", "_protect_rtcp", "_session")

    def __init__(self, profile: str, key: bytes, scratch: Scratch) -> None:
        self._session = _session(profile, key, Policy.SSRC_ANY_OUTBOUND)
        self._context: Any = self._session._srtp[0]
        self._pointer = scratch.pointer
        self._length = scratch.length
        self._protect: Any = lib.srtp_protect
        self._protect_rtcp: Any = lib.srtp_protect_rtcp

    def rtp(self, length: int) -> int:
        """Protect the first `length` bytes of the scratch buffer; the new length, 0 if refused."""
        out = self._length
        out[0] = length
        if self._protect(self._context, self._pointer, out):
            return 0
        return out[0]  # type: ignore[no-any-return]

    def rtcp(self, length: int) -> int:
        """As `rtp`, for a compound RTCP packet."""
        out = self._length
        out[0] = length
        if self._protect_rtcp(self._context, self._pointer, out):
            return 0
        return out[0]  # type: ignore[no-any-return]


class SrtpReceiver:
    """Unprotects what comes from one peer.

    libsrtp keeps state for each SSRC that sent an authentic packet; `forget` and the limit on RTCP
    senders keep a peer from filling the memory with made-up ones.
    """

    __slots__ = (
        "_context", "_length", "_pointer", "_rtcp_ssrcs", "_session", "_unprotect",
        "_unprotect_rtcp", "_view",
    )  # fmt: skip

    def __init__(self, profile: str, key: bytes, scratch: Scratch) -> None:
        self._session = _session(profile, key, Policy.SSRC_ANY_INBOUND)
        self._context: Any = self._session._srtp[0]
        self._pointer = scratch.pointer
        self._length = scratch.length
        self._view = scratch.view
        self._unprotect: Any = lib.srtp_unprotect
        self._unprotect_rtcp: Any = lib.srtp_unprotect_rtcp
        self._rtcp_ssrcs: dict[bytes, None] = {}

    def rtp(self, length: int) -> int:
        """Unprotect the first `length` bytes of the scratch buffer; the new length or a Refusal."""
        out = self._length
        out[0] = length
        status = self._unprotect(self._context, self._pointer, out)
        if status:
            return Refusal.REPLAY if status in _REPLAYED else Refusal.AUTH
        return out[0]  # type: ignore[no-any-return]

    def rtcp(self, length: int) -> int:
        """As `rtp`, for SRTCP."""
        out = self._length
        out[0] = length
        status = self._unprotect_rtcp(self._context, self._pointer, out)
        if status:
            return Refusal.REPLAY if status in _REPLAYED else Refusal.AUTH
        self._remember(bytes(self._view[4:8]))
        return out[0]  # type: ignore[no-any-return]

    def forget(self, ssrc: int) -> None:
        """Drop libsrtp's state of an SSRC nobody wants."""
        with contextlib.suppress(Error):  # there was none
            self._session.remove_stream(ssrc)

    def _remember(self, ssrc: bytes) -> None:
        if ssrc in self._rtcp_ssrcs:
            return
        if len(self._rtcp_ssrcs) >= _MAX_STREAMS:
            self.forget(int.from_bytes(ssrc, "big"))
            return
        self._rtcp_ssrcs[ssrc] = None
