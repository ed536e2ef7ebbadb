"""Whole frames out of RTP payloads: VP8 (RFC 7741) and Opus (RFC 7587, RFC 6716 §3.1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conference.media.keyframe import descriptor_bytes
from conference.media.rtp import RtpPacket

OPUS_RATE = 48_000
_SILK_SAMPLES = (480, 960, 1920, 2880)
_CELT_SAMPLES = (120, 240, 480, 960)
_LONGEST_OPUS = 5760


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `timestamp` in RTP units, 32 bits; `arrival_us` of its first packet;
    `after_loss`: something before it is missing, so that it may look wrong."""

    data: bytes
    timestamp: int
    arrival_us: int
    keyframe: bool
    after_loss: bool = False


@dataclass(slots=True)
class Vp8Frames:
    """Collects the packets of a frame, which come in order (reorder.py). A frame with a hole in it
    is given up whole: half a frame makes decoders fail."""

    broken: int = 0
    """Frames that were begun and not completed."""
    _parts: list[memoryview] = field(default_factory=list)
    _head: RtpPacket | None = None
    _next: int | None = None
    _loss: bool = False

    def push(self, packet: RtpPacket) -> Iterator[Frame]:
        """Take the next packet; gives the frame that it completes, if any."""
        payload = packet.payload
        length = descriptor_bytes(payload)
        if self._next is not None and packet.index != self._next:
            self._give_up()
            self._loss = True
        self._next = packet.index + 1
        if len(payload) <= length:
            return  # padding, as senders probe a line with it
        starts = payload[0] & 0x17 == 0x10  # S=1, PID=0
        if starts or (self._head is not None and packet.timestamp != self._head.timestamp):
            self._give_up()
            self._head = packet if starts else None
        if self._head is None:
            return
        self._parts.append(payload[length:])
        if packet.marker:
            yield self._complete(self._head)

    def _complete(self, head: RtpPacket) -> Frame:
        data = b"".join(self._parts)
        keyframe = not data[0] & 1
        loss, self._loss = self._loss and not keyframe, False
        self._parts, self._head = [], None
        return Frame(data, head.timestamp, head.arrival_us, keyframe, loss)

    def _give_up(self) -> None:
        if self._head is not None:
            self.broken += 1
            self._loss = True
            self._parts, self._head = [], None


def vp8_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height of a keyframe (RFC 6386 §9.1); None when it is none."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        return None
    width = int.from_bytes(frame[6:8], "little") & 0x3FFF
    height = int.from_bytes(frame[8:10], "little") & 0x3FFF
    return (width, height) if width and height else None


def opus_samples(packet: bytes | memoryview) -> int:
    """Samples at 48 kHz that an Opus packet stands for (RFC 6716 §3.1); 0 for none at all."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        samples = _SILK_SAMPLES[config & 3]
    elif config < 16:
        samples = 480 << (config & 1)
    else:
        samples = _CELT_SAMPLES[config & 3]
    frames = (1, 2, 2, 0)[code]
    if code == 3 and len(packet) > 1:
        frames = packet[1] & 0x3F
    total = samples * frames
    return total if total <= _LONGEST_OPUS else 0
