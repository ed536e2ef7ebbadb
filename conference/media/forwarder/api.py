"""The forwarder's interface: packets in, packets out, tables set from outside.

Every tier (pure Python, sendmmsg, native) stands behind `Forwarder`.  All of it is called from one
thread, nothing blocks and nothing awaits.  Instants are mono µs, given by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType, Protocol

from conference.ids import TrackId

PeerId = NewType("PeerId", int)
"""One DTLS association: an endpoint has two, one to publish and one to subscribe."""
SlotId = NewType("SlotId", int)
"""One m-line towards a subscriber; it keeps its SSRCs for life."""
Address = tuple[str, int]
Kind = Literal["audio", "video"]
Datagram = bytes | bytearray | memoryview

Send = Callable[[Datagram, Address], bool | None]
"""Hands one datagram to the socket.  `False` means that it could not be handed over (a full socket
buffer); this is counted as lost in the server.  The datagram is valid during the call only."""

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """The two master keys of a DTLS association (RFC 5764 §4.2), key ‖ salt each."""

    profile: str
    """"AEAD_AES_256_GCM" | "AEAD_AES_128_GCM" | "SRTP_AES128_CM_SHA1_80"."""
    receive: bytes = field(repr=False)
    send: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Uplink:
    """One track as its publisher sends it.  `ssrc` None: learnt from the MID extension."""

    track: TrackId
    peer: PeerId
    kind: Kind
    mid: str
    ssrc: int | None
    rtx_ssrc: int | None
    pt: int
    rtx_pt: int | None
    clock_rate: int
    extensions: Mapping[str, int]
    """URI → id of this m-line (RFC 8285)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One m-line as its subscriber receives it.

    `cname` is the same for the sound and the picture of one seat, so that browsers keep them in
    step.  Without `rtx_ssrc` and `rtx_pt` lost packets are sent again as they were (audio).
    """

    slot: SlotId
    peer: PeerId
    kind: Kind
    mid: str
    ssrc: int
    rtx_ssrc: int | None
    pt: int
    rtx_pt: int | None
    clock_rate: int
    extensions: Mapping[str, int]
    cname: str


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """Which track each slot of one room carries, and which tracks go to the packet sink."""

    routes: Mapping[SlotId, TrackId]
    recorded: frozenset[TrackId]


@dataclass(frozen=True, slots=True)
class UnknownSource:
    """SRTP or SRTCP came from an address that no peer has: a reason to check the path, no proof."""

    address: Address
    ssrc: int
    is_rtcp: bool


@dataclass(frozen=True, slots=True)
class TrackCounters:
    """What came from one publisher's track."""

    packets_in: int = 0
    bytes_in: int = 0
    recovered: int = 0
    """Packets that came late, as the answer to a NACK or out of order."""
    abandoned: int = 0
    """Packets given up after the last NACK."""
    nacks_out: int = 0
    plis_out: int = 0
    keyframes: int = 0


@dataclass(frozen=True, slots=True)
class PeerCounters:
    """One association, both ways."""

    packets_in: int = 0
    bytes_in: int = 0
    packets_out: int = 0
    bytes_out: int = 0
    nacks_in: int = 0
    rtx_out: int = 0
    plis_in: int = 0
    rtt_us: int | None = None


@dataclass(frozen=True, slots=True)
class ForwarderCounters:
    """Totals since the start (peers and tracks that ended included), and those that live."""

    packets_in: int = 0
    packets_out: int = 0
    rtcp_in: int = 0
    rtcp_out: int = 0
    rtx_in: int = 0
    rtx_out: int = 0
    nacks_in: int = 0
    nacks_out: int = 0
    plis_in: int = 0
    plis_out: int = 0
    lost_in_server: int = 0
    """Packets a subscriber was entitled to and that could not be handed to the socket."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Reason → packets: see `conference.media.leg.DROPS`."""
    peers: Mapping[PeerId, PeerCounters] = field(default_factory=dict)
    tracks: Mapping[TrackId, TrackCounters] = field(default_factory=dict)


class Forwarder(Protocol):
    """Forwards RTP without decoding it."""

    def open_peer(self, peer: PeerId, keys: SrtpKeys, cap_bps: int) -> None:
        """DTLS is done.  A publisher's first REMB of `cap_bps` goes out at once, or as soon as
        its address and its uplinks are known."""

    def move_peer(self, peer: PeerId, address: Address) -> None:
        """The peer's address after a valid ICE check; may come before `open_peer`."""

    def close_peer(self, peer: PeerId) -> None:
        """Forget the peer, its uplinks and its slots."""

    def add_uplink(self, uplink: Uplink) -> None:
        """Accept a track; the peer may not be open yet.  The same track again replaces it."""

    def remove_uplink(self, track: TrackId) -> None: ...

    def add_slot(self, slot: Slot) -> None:
        """Know a subscriber's m-line; the same slot again with other PTs or ids replaces it."""

    def remove_slot(self, slot: SlotId) -> None: ...

    def apply(self, room: str, table: RoutingTable) -> None:
        """Set the room's routes; returns only when no packet of the older table can leave.

        A slot that gets another track starts on a keyframe, with the sequence number that follows
        and the timestamp re-based by elapsed time.  Routes may name slots and tracks that are
        added later."""

    def receive(self, datagram: Datagram, address: Address, now_us: int) -> None:
        """One SRTP or SRTCP datagram, told from STUN and DTLS by its first byte (RFC 7983).
        Never raises; the datagram is not kept."""

    def tick(self, now_us: int) -> None:
        """Time passes: NACK retries, keyframe retries, REMB, reports.  Each 20 ms."""

    def unknown_sources(self) -> list[UnknownSource]:
        """Drain the addresses that sent SRTP without being a peer's."""

    def last_heard_us(self, peer: PeerId) -> int | None:
        """When the peer's last authentic packet came."""

    def rtt_us(self, peer: PeerId) -> int | None:
        """Round trip to a subscriber, from its receiver reports (RFC 3550 §6.4.1)."""

    def rtt_hint(self, peer: PeerId, rtt_us: int) -> None:
        """Round trip to a publisher, measured on another connection of the same endpoint: a
        publisher gets no sender report from us, so that it cannot be measured here."""

    def counters(self) -> ForwarderCounters: ...
