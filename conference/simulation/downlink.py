"""What a test participant receives: every packet noted by its hash, and the feedback that a
browser would send (NACK, PLI, receiver reports)."""

from collections.abc import Callable, Iterable

from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
)

from conference.simulation.report import ReceivedPacket
from conference.simulation.sdp import Media
from conference.simulation.uplink import payload_hash

# Like Chromium's receiver: ten tries, spaced by a guessed round trip, then a keyframe request.
NACK_SPACING_US = 100_000
NACK_TRIES = 10
PLI_SPACING_US = 500_000
# A jump as wide as this is another beginning of the stream, not a loss.
LARGEST_GAP = 1000

Note = Callable[[Media, ReceivedPacket, bytes], None]


class Stream:
    """One m-line of the subscriber connection: its packets in, its feedback out."""

    def __init__(self, media: Media, own_ssrc: int) -> None:
        self.media = media
        self.highest: int | None = None  # extended sequence number
        self.keyframe_missing = media.kind == "video"
        self._own_ssrc = own_ssrc
        self._missing: dict[int, tuple[int, int]] = {}  # number: (asked at, times)
        self._first: int | None = None
        self._received = 0
        self._expected_before = 0
        self._received_before = 0
        self._jitter = 0.0
        self._transit: int | None = None
        self._last_sr: tuple[int, int] | None = None
        self._last_pli_us = -PLI_SPACING_US

    def arrived(self, packet: RtpPacket, now_us: int, repeated: bool) -> ReceivedPacket:
        """Book one packet; `repeated` when it came wrapped as RTX."""
        number = self._extend(packet.sequence_number)
        self._note_gap(number, now_us)
        self._received += 1
        if not repeated:
            self._note_jitter(packet.timestamp, now_us)
        if self.keyframe_missing and _starts_keyframe(packet.payload):
            self.keyframe_missing = False
        digest = payload_hash(packet.payload)
        return ReceivedPacket(now_us, number, packet.timestamp, digest, repeated)

    def sender_report(self, report: RtcpSrPacket, now_us: int) -> None:
        """Keep the middle of the NTP time for LSR and DLSR (RFC 3550, section 6.4.1)."""
        middle = report.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
        self._last_sr = (middle, now_us)

    def nack(self, now_us: int) -> bytes | None:
        """Ask again for what is still missing and due; what was asked ten times is given up."""
        due = []
        for number, (asked_us, times) in sorted(self._missing.items()):
            if times >= NACK_TRIES:
                del self._missing[number]
                self.keyframe_missing = self.media.kind == "video"
            elif times == 0 or now_us - asked_us >= NACK_SPACING_US:
                self._missing[number] = (now_us, times + 1)
                due.append(number)
        return self._pack_nacks(due) or None

    def pli(self, now_us: int) -> bytes | None:
        """A keyframe request, when packets come and none of them can be decoded."""
        wanted = self.keyframe_missing and self.highest is not None
        if not wanted or now_us - self._last_pli_us < PLI_SPACING_US:
            return None
        self._last_pli_us = now_us
        return bytes(RtcpPsfbPacket(RTCP_PSFB_PLI, self._own_ssrc, self.media.ssrc))

    def receiver_report(self, now_us: int) -> RtcpReceiverInfo | None:
        """One report block; None before the first packet."""
        if self.highest is None or self._first is None:
            return None
        expected = self.highest - self._first + 1
        asked = expected - self._expected_before
        lost = asked - (self._received - self._received_before)
        self._expected_before, self._received_before = expected, self._received
        middle, heard_us = self._last_sr or (0, now_us)
        return RtcpReceiverInfo(
            ssrc=self.media.ssrc,
            fraction_lost=min(255, max(0, lost) * 256 // asked) if asked > 0 else 0,
            packets_lost=max(-(1 << 23), min(expected - self._received, (1 << 23) - 1)),
            highest_sequence=self.highest & 0xFFFFFFFF,
            jitter=int(self._jitter),
            lsr=middle,
            dlsr=(now_us - heard_us) * 65536 // 1_000_000 if middle else 0,
        )

    def _pack_nacks(self, numbers: list[int]) -> bytes:
        """One message per turn of the 16-bit counter: aiortc's packer does not wrap."""
        turns: dict[int, list[int]] = {}
        for number in numbers:
            turns.setdefault(number >> 16, []).append(number & 0xFFFF)
        return b"".join(
            bytes(RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._own_ssrc, self.media.ssrc, low))
            for low in turns.values()
        )

    def _extend(self, sequence_number: int) -> int:
        if self.highest is None:
            return sequence_number + 65536
        distance = (sequence_number - self.highest) & 0xFFFF
        return self.highest + (distance if distance < 0x8000 else distance - 0x10000)

    def _note_gap(self, number: int, now_us: int) -> None:
        if self.highest is None or self._first is None:
            self._first = self.highest = number
        elif number <= self.highest:
            self._missing.pop(number, None)
        else:
            if number - self.highest <= LARGEST_GAP:
                self._missing |= {each: (now_us, 0) for each in range(self.highest + 1, number)}
            self.highest = number

    def _note_jitter(self, timestamp: int, now_us: int) -> None:
        """Interarrival jitter in ticks (RFC 3550, appendix A.8)."""
        arrival = now_us * self.media.clock_rate // 1_000_000
        transit = (arrival - timestamp) & 0xFFFFFFFF
        if self._transit is not None:
            step = (transit - self._transit) & 0xFFFFFFFF
            step = min(step, (1 << 32) - step)
            self._jitter += (step - self._jitter) / 16
        self._transit = transit


class Downlink:
    """All streams of the subscriber connection. `note(m-line, packet, payload)`
    hears of every media packet."""

    def __init__(self, own_ssrc: int, note: Note, send_rtcp: Callable[[bytes], None]) -> None:
        self._own_ssrc = own_ssrc
        self._note = note
        self._send_rtcp = send_rtcp
        self._streams: dict[str, Stream] = {}
        self._by_ssrc: dict[int, Stream] = {}
        self._by_rtx: dict[int, Stream] = {}
        self.unknown = 0
        self.padding = 0
        self.nacks_sent = 0
        self.plis_sent = 0

    def set_media(self, media: Iterable[Media]) -> None:
        """The m-lines of the newest offer. A stream goes on as long as its SSRC stays."""
        for line in media:
            old = self._streams.get(line.mid)
            if old is None or old.media.ssrc != line.ssrc:
                self._streams[line.mid] = stream = Stream(line, self._own_ssrc)
                self._by_ssrc[line.ssrc] = stream
                if line.rtx_ssrc is not None:
                    self._by_rtx[line.rtx_ssrc] = stream

    def rtp(self, data: bytes, now_us: int) -> None:
        """One plaintext RTP packet from the server."""
        try:
            packet = RtpPacket.parse(data)
        except ValueError:
            self.unknown += 1
            return
        if not packet.payload:
            self.padding += 1
        elif (stream := self._by_ssrc.get(packet.ssrc)) is not None:
            self._book(stream, packet, now_us, repeated=False)
        elif (stream := self._by_rtx.get(packet.ssrc)) is not None and len(packet.payload) > 2:
            original = unwrap_rtx(packet, stream.media.pt, stream.media.ssrc)
            self._book(stream, original, now_us, repeated=True)
        else:
            self.unknown += 1

    def rtcp(self, data: bytes, now_us: int) -> None:
        """One compound RTCP packet: only sender reports matter here."""
        try:
            packets = RtcpPacket.parse(data)
        except ValueError:
            self.unknown += 1
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket) and packet.ssrc in self._by_ssrc:
                self._by_ssrc[packet.ssrc].sender_report(packet, now_us)

    def feedback(self, now_us: int) -> None:
        """NACKs and keyframe requests that are due; called each 20 ms."""
        for stream in self._by_ssrc.values():
            if (nack := stream.nack(now_us)) is not None:
                self.nacks_sent += 1
                self._send_rtcp(self._reduced(nack))
            if (pli := stream.pli(now_us)) is not None:
                self.plis_sent += 1
                self._send_rtcp(self._reduced(pli))

    def reports(self, now_us: int) -> None:
        """One receiver report over all streams; called each second."""
        blocks = [stream.receiver_report(now_us) for stream in self._by_ssrc.values()]
        found = [block for block in blocks if block is not None]
        for start in range(0, len(found), 31):
            self._send_rtcp(bytes(RtcpRrPacket(self._own_ssrc, found[start : start + 31])))

    def _book(self, stream: Stream, packet: RtpPacket, now_us: int, repeated: bool) -> None:
        received = stream.arrived(packet, now_us, repeated)
        self._note(stream.media, received, packet.payload)

    def _reduced(self, feedback: bytes) -> bytes:
        """Feedback behind an empty RR (a compound packet begins with a report, RFC 3550)."""
        return bytes(RtcpRrPacket(self._own_ssrc)) + feedback


def _starts_keyframe(payload: bytes) -> bool:
    """First packet of a VP8 keyframe: S bit, partition 0 (RFC 7741), P bit of the frame clear."""
    if not payload or not payload[0] & 0x10 or payload[0] & 0x07:
        return False
    at = 1
    if payload[0] & 0x80 and len(payload) > 1:
        at += 1 + bool(payload[1] & 0x40) + bool(payload[1] & 0x30)
        if payload[1] & 0x80 and len(payload) > 2:
            at += 2 if payload[2] & 0x80 else 1
    return len(payload) > at and not payload[at] & 1
