"""The way to and from one peer: address, keys, counters."""

from __future__ import annotations

from conference.media.forwarder.api import Address, PeerCounters, PeerId, Send, SrtpKeys
from conference.media.srtp import Scratch, SrtpReceiver, SrtpSender

DROPS = (
    "malformed", "malformed_rtcp", "auth", "replay", "unknown_source", "not_open", "unknown_ssrc",
    "payload_type", "unrouted", "duplicate", "probe", "awaiting_keyframe", "before_switch",
    "not_connected", "protect",
)  # fmt: skip
"""Why a packet went no further.  `replay`, `duplicate` and `probe` are normal: browsers repeat
sound under the same number, and probe the line with old or empty retransmissions."""


class Totals:
    """Counts of one forwarder that belong to no peer or outlive it."""

    __slots__ = ("dropped", "lost_in_server", "rtcp_in", "rtcp_out", "rtx_in")

    def __init__(self) -> None:
        self.dropped = dict.fromkeys(DROPS, 0)
        self.lost_in_server = 0
        self.rtcp_in = 0
        self.rtcp_out = 0
        self.rtx_in = 0


class Leg:
    """One DTLS association.  Packets are built in the scratch buffer and leave from there."""

    __slots__ = (
        "_rtt_hint_us", "_scratch", "_send", "_sender", "address", "bytes_in",
        "bytes_out", "heard_us", "nacks_in", "packets_in", "packets_out", "peer", "plis_in",
        "ready", "receiver", "rtt_us", "rtx_out", "totals",
    )  # fmt: skip

    def __init__(self, peer: PeerId, scratch: Scratch, send: Send, totals: Totals) -> None:
        self.peer = peer
        self._scratch = scratch
        self._send = send
        self.totals = totals
        self._sender: SrtpSender | None = None
        self.receiver: SrtpReceiver | None = None
        self.address: Address | None = None
        self.ready = False
        """It has keys and an address."""
        self.heard_us: int | None = None
        self.rtt_us: int | None = None
        self._rtt_hint_us: int | None = None
        self.packets_in = self.bytes_in = self.packets_out = self.bytes_out = 0
        self.nacks_in = self.rtx_out = self.plis_in = 0

    def open(self, keys: SrtpKeys) -> None:
        """The keys are known."""
        self._sender = SrtpSender(keys.profile, keys.send, self._scratch)
        self.receiver = SrtpReceiver(keys.profile, keys.receive, self._scratch)
        self.ready = self.address is not None

    def move(self, address: Address | None) -> None:
        """The address is known, is another, or is somebody else's now (None)."""
        self.address = address
        self.ready = address is not None and self._sender is not None

    def send_rtp(self, length: int) -> None:
        """Protect and send the first `length` bytes of the scratch buffer; the leg is ready."""
        assert self._sender is not None
        assert self.address is not None
        size = self._sender.rtp(length)
        if not size:
            self.totals.dropped["protect"] += 1
            self.totals.lost_in_server += 1
            return
        if self._send(self._scratch.view[:size], self.address) is False:
            self.totals.lost_in_server += 1
            return
        self.packets_out += 1
        self.bytes_out += size

    def send_rtcp(self, compound: bytes) -> None:
        """Protect and send, when the leg is ready; reports may get lost."""
        if self._sender is None or self.address is None:
            return
        self._scratch.view[: len(compound)] = compound
        size = self._sender.rtcp(len(compound))
        if size:
            self._send(self._scratch.view[:size], self.address)
            self.totals.rtcp_out += 1

    def measured(self, rtt_us: int) -> None:
        """A round trip, smoothed as TCP does (RFC 6298 §2)."""
        self.rtt_us = rtt_us if self.rtt_us is None else (7 * self.rtt_us + rtt_us) // 8

    def hint(self, rtt_us: int) -> None:
        """A round trip measured on another association with the same machine."""
        self._rtt_hint_us = max(0, rtt_us)

    def round_trip_us(self, default: int) -> int:
        """The best guess."""
        for known in (self.rtt_us, self._rtt_hint_us):
            if known is not None:
                return known
        return default

    def counters(self) -> PeerCounters:
        """A copy of the counts."""
        return PeerCounters(
            packets_in=self.packets_in,
            bytes_in=self.bytes_in,
            packets_out=self.packets_out,
            bytes_out=self.bytes_out,
            nacks_in=self.nacks_in,
            rtx_out=self.rtx_out,
            plis_in=self.plis_in,
            rtt_us=self.rtt_us,
        )
