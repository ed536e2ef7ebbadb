"""A publisher and a subscriber at packet level for tests of a forwarder: own RTP code, SRTP by
pylibsrtp's public sessions, nothing of the server's but its interface."""

import hashlib
import struct
from collections import Counter
from dataclasses import dataclass, field

from pylibsrtp import Error, Policy, Session

from conference.ids import TrackId
from conference.media.forwarder.api import (
    ABS_SEND_TIME,
    AUDIO_LEVEL,
    MID,
    Address,
    Kind,
    PeerId,
    Slot,
    SlotId,
    SrtpKeys,
    Uplink,
)
from tests.support.rtp_packets import digest, nack, nacked, parse, rtp, split

_KEY_BYTES = {"AEAD_AES_256_GCM": 44, "AEAD_AES_128_GCM": 28, "SRTP_AES128_CM_SHA1_80": 30}
_PROFILES = {
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "SRTP_AES128_CM_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}
PUBLISHER_IDS = {MID: 4, ABS_SEND_TIME: 2, AUDIO_LEVEL: 1}
SLOT_IDS = {MID: 1, ABS_SEND_TIME: 2, AUDIO_LEVEL: 3}
CLOCK = {"audio": 48000, "video": 90000}


class End:
    """One side of an association, opposite to the forwarder's peer of that number."""

    def __init__(self, number: int, profile: str = "AEAD_AES_256_GCM") -> None:
        size = _KEY_BYTES[profile]
        ours = hashlib.sha512(b"to server %d" % number).digest()[:size]
        theirs = hashlib.sha512(b"to client %d" % number).digest()[:size]
        self.peer = PeerId(number)
        self.address: Address = ("10.0.0.1", 10_000 + number)
        self.keys = SrtpKeys(profile=profile, receive=ours, send=theirs)
        self._tx = _session(profile, ours, Policy.SSRC_ANY_OUTBOUND)
        self._rx = _session(profile, theirs, Policy.SSRC_ANY_INBOUND)

    def protect(self, packet: bytes) -> bytes:
        is_rtcp = 192 <= packet[1] <= 223
        return self._tx.protect_rtcp(packet) if is_rtcp else self._tx.protect(packet)

    def unprotect(self, datagram: bytes) -> bytes | None:
        """Plaintext; None for what was already received."""
        try:
            if 192 <= datagram[1] <= 223:
                return self._rx.unprotect_rtcp(datagram)
            return self._rx.unprotect(datagram)
        except Error as error:
            assert "replay" in str(error), error
            return None


def _session(profile: str, key: bytes, direction: int) -> Session:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=_PROFILES[profile])
    policy.window_size = 1024
    policy.allow_repeat_tx = True
    return Session(policy)


@dataclass(frozen=True)
class SentPacket:
    at_us: int
    seq: int
    digest: str
    keyframe: bool


@dataclass
class Source:
    """One track of a publisher: makes packets, answers NACK and PLI as a browser does."""

    end: End
    kind: Kind
    ssrc: int
    track: TrackId
    mid: str = "0"
    seq: int = 0
    timestamp: int = 0
    size: int = 200
    packets_per_frame: int = 3
    declared: bool = True
    sent: list[SentPacket] = field(default_factory=list)
    rtcp_in: Counter[str] = field(default_factory=Counter)
    history: dict[int, bytes] = field(default_factory=dict)
    keyframe_wanted: bool = True
    rtx_seq: int = 500
    reports: list[bytes] = field(default_factory=list)
    """Receiver reports about this track's publisher."""

    @property
    def pt(self) -> int:
        return 96 if self.kind == "video" else 111

    @property
    def rtx_ssrc(self) -> int | None:
        return self.ssrc + 1 if self.kind == "video" else None

    def uplink(self) -> Uplink:
        video = self.kind == "video"
        return Uplink(
            track=self.track,
            peer=self.end.peer,
            kind=self.kind,
            mid=self.mid,
            ssrc=self.ssrc if self.declared else None,
            rtx_ssrc=self.rtx_ssrc if self.declared else None,
            pt=self.pt,
            rtx_pt=97 if video else None,
            clock_rate=CLOCK[self.kind],
            extensions=PUBLISHER_IDS,
        )

    def frame(self, now_us: int) -> list[bytes]:
        """The plaintext packets of the next frame (33 ms) or of 20 ms of sound."""
        keyframe = self.kind == "video" and self.keyframe_wanted
        self.keyframe_wanted = False
        count = self.packets_per_frame if self.kind == "video" else 1
        packets = []
        for number in range(count):
            payload = self._payload(number, keyframe)
            elements = {4: self.mid.encode(), 2: (now_us & 0xFFFFFF).to_bytes(3, "big")}
            if self.kind == "audio":
                elements[1] = bytes([self.seq & 0x7F])
            header = (self.pt, self.seq, self.timestamp, self.ssrc)
            packet = rtp(header, payload, marker=number == count - 1, elements=elements)
            starts = keyframe and number == 0
            self.sent.append(SentPacket(now_us, self.seq, digest(payload), starts))
            self.history[self.seq] = packet
            self.seq = (self.seq + 1) & 0xFFFF
            packets.append(packet)
        self.timestamp = (self.timestamp + (3000 if self.kind == "video" else 960)) & 0xFFFFFFFF
        return packets

    def _payload(self, number: int, keyframe: bool) -> bytes:
        body = hashlib.sha256(b"%d %d" % (self.ssrc, len(self.sent))).digest()
        body = (body * (self.size // 32 + 1))[: self.size]
        if self.kind == "audio":
            return body
        head = b"\x90\x80" if number == 0 else b"\x80\x80"  # X, S in the first; I: picture id
        return head + b"\x11" + (b"\x10" if keyframe else b"\x11") + body

    def retransmission(self, seq: int) -> bytes | None:
        """What answers a NACK: on RTX for pictures, the same packet again for sound."""
        packet = self.history.get(seq)
        if packet is None or self.kind == "audio":
            return packet
        parsed = parse(packet)
        self.rtx_seq = (self.rtx_seq + 1) & 0xFFFF
        return rtp(
            (97, self.rtx_seq, parsed.timestamp, self.ssrc + 1),
            struct.pack("!H", seq) + parsed.payload,
            marker=parsed.marker,
            elements=parsed.elements,
        )

    def on_rtcp(self, compound: bytes) -> list[bytes]:
        """Take the server's feedback for this track; the plaintext packets that answer it."""
        answers = []
        for count, kind, packet in split(compound):
            name = {(1, 205): "nack", (1, 206): "pli", (15, 206): "remb"}.get((count, kind))
            if kind == 201:
                self.reports.append(packet)
            about = struct.unpack_from("!I", packet, 8)[0] if len(packet) >= 12 else 0
            if name == "remb":
                self.rtcp_in["remb"] += 1
            if name is None or about != self.ssrc:
                continue
            self.rtcp_in[name] += 1
            if name == "pli":
                self.keyframe_wanted = True
            else:
                answers += [self.retransmission(seq) for seq in nacked(packet)]
        return [answer for answer in answers if answer is not None]


@dataclass(frozen=True)
class Got:
    """One packet as it reached a subscriber; `seq` of the original for a retransmission."""

    at_us: int
    seq: int
    timestamp: int
    digest: str
    marker: bool
    repaired: bool
    elements: dict[int, bytes]


@dataclass
class Sink:
    """One slot at a subscriber: notes what came, asks for what did not."""

    end: End
    kind: Kind
    ssrc: int
    slot_id: int
    mid: str = "0"
    rtt_us: int = 100_000
    got: list[Got] = field(default_factory=list)
    reports: list[tuple[int, int, int]] = field(default_factory=list)
    """(arrival, NTP, timestamp) of each sender report."""
    missing: dict[int, list[int]] = field(default_factory=dict)
    highest: int | None = None
    repeats: int = 0

    def slot(self) -> Slot:
        video = self.kind == "video"
        return Slot(
            slot=SlotId(self.slot_id),
            peer=self.end.peer,
            kind=self.kind,
            mid=self.mid,
            ssrc=self.ssrc,
            rtx_ssrc=self.ssrc + 1 if video else None,
            pt=120 if video else 109,
            rtx_pt=121 if video else None,
            clock_rate=CLOCK[self.kind],
            extensions=SLOT_IDS,
            cname=f"seat{self.end.peer}",
        )

    def on_rtp(self, data: bytes, now_us: int) -> None:
        packet = parse(data)
        repaired = packet.ssrc == self.ssrc + 1 and self.kind == "video"
        if not repaired and packet.ssrc != self.ssrc:
            return
        assert packet.pt == self.slot().pt + (1 if repaired else 0)
        seq = struct.unpack_from("!H", packet.payload)[0] if repaired else packet.seq
        payload = packet.payload[2:] if repaired else packet.payload
        if not self._new(seq, now_us):
            self.repeats += 1
            return
        self.got.append(
            Got(
                now_us,
                seq,
                packet.timestamp,
                digest(payload),
                packet.marker,
                repaired,
                packet.elements,
            )
        )

    def _new(self, seq: int, now_us: int) -> bool:
        if self.highest is None:
            self.highest = seq
            return True
        ahead = (seq - self.highest) & 0xFFFF
        if 0 < ahead < 0x8000:
            for step in range(1, ahead):
                self.missing[(self.highest + step) & 0xFFFF] = [now_us, 0]
            self.highest = seq
            return True
        return self.missing.pop(seq, None) is not None

    def asks(self, now_us: int) -> bytes | None:
        """A NACK for what is due, each spaced by the round trip; given up after a second."""
        due = []
        for seq, entry in list(self.missing.items()):
            if now_us - entry[0] > 1_000_000:
                del self.missing[seq]
            elif now_us >= entry[1]:
                entry[1] = now_us + self.rtt_us + 10_000
                due.append(seq)
        return nack(self.ssrc, due) if due else None

    def on_rtcp(self, compound: bytes, now_us: int) -> None:
        for _, kind, packet in split(compound):
            if kind == 200:
                ssrc, instant, timestamp = struct.unpack_from("!IQI", packet, 4)
                if ssrc == self.ssrc:
                    self.reports.append((now_us, instant, timestamp))

    def receiver_report(self, now_us: int) -> bytes:
        """RR about the slot, with LSR and DLSR of the newest sender report."""
        last, delay = 0, 0
        if self.reports:
            arrived, instant, _ = self.reports[-1]
            last, delay = instant >> 16 & 0xFFFFFFFF, (now_us - arrived) * 65536 // 1_000_000
        block = struct.pack("!IIIIII", self.ssrc, 0, 0, 0, last, delay)
        return struct.pack("!BBHI", 0x81, 201, 7, 1) + block
