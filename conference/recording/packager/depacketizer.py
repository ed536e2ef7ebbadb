"""Whole frames out of RTP payloads: VP8 (RFC 7741) and Opus (RFC 7587, RFC 6716 §3.1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conference.media.keyframe import descriptor_bytes
from conference.media.rtp import RtpPacket

OPUS_RATE = 48_000
_SILK_SAMPLES = (480, 960, 1920, 2880)
_CELT_SAMPLES = (120, 240, 480, 960)
_LONGEST_OPUS = 5760
_LONGEST_OPUS_FRAME = 1275


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
            data = b"".join(self._parts)
            if is_vp8(data):
                yield self._complete(self._head, data)
            else:
                self._give_up()

    def _complete(self, head: RtpPacket, data: bytes) -> Frame:
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


def is_vp8(frame: bytes) -> bool:
    """Whether a frame has the form of one (RFC 6386 §9.1): players stop for good at one that has
    not."""
    if len(frame) < 4:
        return False
    head = 3
    if not frame[0] & 1:
        if vp8_size(frame) is None:
            return False
        head = 10
    first_partition = int.from_bytes(frame[:3], "little") >> 5
    return 0 < first_partition <= len(frame) - head


def opus_samples(packet: bytes | memoryview) -> int:
    """Samples at 48 kHz that an Opus packet stands for (RFC 6716 §3.1); 0 when it does not have
    the form of one (§3.4), as players stop for good at one that has not."""
    if not packet:
        return 0
    config = packet[0] >> 3
    if config < 12:
        samples = _SILK_SAMPLES[config & 3]
    elif config < 16:
        samples = 480 << (config & 1)
    else:
        samples = _CELT_SAMPLES[config & 3]
    total = samples * _opus_frames(packet)
    return total if total <= _LONGEST_OPUS else 0


def _opus_frames(packet: bytes | memoryview) -> int:
    """How many frames there are in it; 0 when lengths do not add up (RFC 6716 §3.2)."""
    code, size = packet[0] & 3, len(packet) - 1
    if code == 0:
        return 1 if size <= _LONGEST_OPUS_FRAME else 0
    if code == 1:
        return 2 if size % 2 == 0 and size // 2 <= _LONGEST_OPUS_FRAME else 0
    if code == 2:
        return 2 if _rest_behind(packet, 1, 1) is not None else 0
    return _many_opus_frames(packet)


def _many_opus_frames(packet: bytes | memoryview) -> int:
    """Code 3 (RFC 6716 §3.2.5)."""
    if len(packet) < 2:
        return 0
    frames, at, padding = packet[1] & 0x3F, 2, 0
    if packet[1] & 0x40:
        more = 255
        while more == 255:
            if at >= len(packet):
                return 0
            more, at = packet[at], at + 1
            padding += 254 if more == 255 else more
    body = packet[: max(0, len(packet) - padding)]
    if not frames or at > len(body):
        return 0
    if packet[1] & 0x80:
        return frames if _rest_behind(body, at, frames - 1) is not None else 0
    each, rest = divmod(len(body) - at, frames)
    return frames if not rest and each <= _LONGEST_OPUS_FRAME else 0


def _rest_behind(packet: bytes | memoryview, at: int, lengths: int) -> int | None:
    """Bytes of the last frame, when so many frames before it have a length each (§3.2.1)."""
    total = 0
    for _ in range(lengths):
        if at >= len(packet):
            return None
        length, at = packet[at], at + 1
        if length >= 252:
            if at >= len(packet):
                return None
            length, at = length + 4 * packet[at], at + 1
        total += length
    rest = len(packet) - at - total
    return rest if 0 <= rest <= _LONGEST_OPUS_FRAME else None
