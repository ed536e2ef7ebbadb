"""What the packet path needs from outside."""

from __future__ import annotations

from typing import Protocol

from conference.ids import TrackId


class PacketSink(Protocol):
    """Takes the packets of recorded tracks; implemented by the tap of the recording."""

    def packet(
        self, track: TrackId, arrival_us: int, data: bytes | bytearray | memoryview, rtcp: bool
    ) -> None:
        """Take one plaintext RTP packet (as it came, once each, recovered ones when they come), or,
        with `rtcp`, one sender report of the track's SSRC (RFC 3550 §6.4.1).

        `arrival_us` is the `now_us` given to the forwarder (mono µs).  `data` may be a view that
        is valid during the call only: copy what is kept.  Must neither block nor raise.
        """
