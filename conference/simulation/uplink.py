"""What a test participant sends: RTP of one track, its sender reports, its repeats."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from random import Random

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    RtpPacket,
    wrap_rtx,
)

from conference.simulation.loops import SILENT, Piece
from conference.simulation.report import SentPacket
from conference.simulation.sdp import Media

HISTORY_PACKETS = 1024
SDES_CNAME = 1
NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970 (RFC 5905)


def payload_hash(payload: bytes) -> str:
    """The name under which sent and received payloads are compared: 64 bits of SHA-256."""
    return hashlib.sha256(payload).hexdigest()[:16]


def ntp_timestamp(wall_us: int) -> int:
    """64-bit NTP time, 32 bits of seconds and 32 of fraction (RFC 3550, section 4)."""
    seconds, rest = divmod(wall_us, 1_000_000)
    return (seconds + NTP_EPOCH_S) << 32 | (rest << 32) // 1_000_000


class Uplink:
    """One track towards the server. `record` hears of every first sending, not of repeats."""

    def __init__(self, media: Media, cname: str, random: Random, send: Callable[[bytes], None]):
        self.media = media
        self._cname = cname
        self._send = send
        self._extensions = extensions_map(media)
        self._sequence = random.getrandbits(16)
        self._timestamp_base = random.getrandbits(32)
        self._rtx_sequence = random.getrandbits(16)
        self._history: OrderedDict[int, RtpPacket] = OrderedDict()
        self._packets = 0
        self._octets = 0
        self._last_timestamp: int | None = None
        self.repeats = 0

    def send(self, piece: Piece, media_ticks: int, mono_us: int) -> SentPacket:
        """Send one payload whose media time is `media_ticks` since the start of the track."""
        timestamp = (self._timestamp_base + media_ticks) & 0xFFFFFFFF
        packet = RtpPacket(
            payload_type=self.media.pt,
            marker=int(piece.last and self.media.kind == "video"),
            sequence_number=self._sequence,
            timestamp=timestamp,
            ssrc=self.media.ssrc,
            payload=piece.payload,
        )
        packet.extensions.mid = self.media.mid
        if self.media.kind == "audio":
            packet.extensions.audio_level = (piece.level < SILENT, piece.level)
        self._remember(packet)
        self._packets += 1
        self._octets += len(piece.payload)
        self._last_timestamp = timestamp
        self._send(packet.serialize(self._extensions))
        starts_keyframe = piece.keyframe and piece.first
        digest = payload_hash(piece.payload)
        return SentPacket(mono_us, packet.sequence_number, timestamp, digest, starts_keyframe)

    def skip(self, packets: int) -> None:
        """So many were sent and went nowhere."""
        self._sequence = (self._sequence + packets) & 0xFFFF

    def repeat(self, sequence_numbers: list[int]) -> None:
        """Answer a NACK: RTX for video (RFC 4588), the same packet once more for sound."""
        for number in sequence_numbers:
            packet = self._history.get(number & 0xFFFF)
            if packet is None:
                continue
            self.repeats += 1
            if self.media.rtx_pt is not None and self.media.rtx_ssrc is not None:
                packet = wrap_rtx(
                    packet, self.media.rtx_pt, self._rtx_sequence, self.media.rtx_ssrc
                )
                self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
            self._send(packet.serialize(self._extensions))

    def sender_report(self, media_ticks: int, wall_us: int) -> bytes | None:
        """SR and SDES (RFC 3550, section 6) for this instant; None before the first packet."""
        if self._last_timestamp is None:
            return None
        report = RtcpSrPacket(
            ssrc=self.media.ssrc,
            sender_info=RtcpSenderInfo(
                ntp_timestamp=ntp_timestamp(wall_us),
                rtp_timestamp=(self._timestamp_base + media_ticks) & 0xFFFFFFFF,
                packet_count=self._packets & 0xFFFFFFFF,
                octet_count=self._octets & 0xFFFFFFFF,
            ),
        )
        source = RtcpSourceInfo(self.media.ssrc, [(SDES_CNAME, self._cname.encode())])
        return bytes(report) + bytes(RtcpSdesPacket([source]))

    def _remember(self, packet: RtpPacket) -> None:
        self._history[packet.sequence_number] = packet
        if len(self._history) > HISTORY_PACKETS:
            self._history.popitem(last=False)
        self._sequence = (self._sequence + 1) & 0xFFFF


def extensions_map(media: Media) -> HeaderExtensionsMap:
    """aiortc's reader and writer of header extensions, set to the m-line's numbers."""
    found = HeaderExtensionsMap()
    found.configure(
        RTCRtpParameters(
            headerExtensions=[
                RTCRtpHeaderExtensionParameters(id=number, uri=uri)
                for uri, number in media.extensions.items()
            ]
        )
    )
    return found
