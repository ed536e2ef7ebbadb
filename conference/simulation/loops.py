"""Endless media from a short loop: every payload is one of its kind.

A loop repeats its bytes, and a hash over repeated bytes tells nothing about a packet that came
twice or to the wrong person. So every frame gets the next picture id and a tag behind its last
partition, which a VP8 decoder does not read, and every Opus packet gets the tag as padding, whose
content a decoder must ignore (RFC 6716, section 3.2.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import pack

from aiortc.codecs.vpx import VpxPayloadDescriptor

from conference.simulation.encode import EncodedFrame

# As large as Chromium's payloads: with RTP, SRTP, UDP and IP around it stays under 1280 bytes.
MAX_PAYLOAD = 1180
PICTURE_IDS = 1 << 15
SPEAKING, SILENT = 20, 127


@dataclass(frozen=True, slots=True)
class Piece:
    """One RTP payload. `first` and `last` of a picture; sound is always both. `level`: of sound,
    0 (loudest) to 127 (silence) dB below full (RFC 6464)."""

    payload: bytes
    first: bool
    last: bool
    keyframe: bool
    level: int = SPEAKING


class VideoLoop:
    """Cuts frames into RTP payloads (RFC 7741) and starts at a keyframe again when asked."""

    def __init__(self, frames: Sequence[EncodedFrame], source: int) -> None:
        self._frames = frames
        self._source = source
        self._position = 0
        self._count = 0
        self._keyframe_wanted = False

    def play(self, frames: Sequence[EncodedFrame]) -> None:
        """Go on with another loop, from its beginning, which is a keyframe."""
        self._frames, self._position = frames, 0

    def want_keyframe(self) -> None:
        """The next picture is a keyframe (PLI, FIR)."""
        self._keyframe_wanted = True

    def next_frame(self) -> list[Piece]:
        """The payloads of the next picture, in order."""
        if self._keyframe_wanted:
            while not self._frames[self._position].keyframe:
                self._position = (self._position + 1) % len(self._frames)
        self._keyframe_wanted = False
        frame = self._frames[self._position]
        self._position = (self._position + 1) % len(self._frames)
        self._count += 1
        return list(_cut(frame, self._count % PICTURE_IDS, pack("!LL", self._source, self._count)))


def _cut(frame: EncodedFrame, picture_id: int, tag: bytes) -> Iterator[Piece]:
    data = frame.data + tag
    for start in range(0, len(data), MAX_PAYLOAD):
        first, last = start == 0, start + MAX_PAYLOAD >= len(data)
        descriptor = VpxPayloadDescriptor(int(first), 0, picture_id=picture_id)
        payload = bytes(descriptor) + data[start : start + MAX_PAYLOAD]
        yield Piece(payload, first, last, frame.keyframe)


class AudioLoop:
    """Opus packets over and over (RFC 7587: a payload is one Opus packet)."""

    def __init__(self, packets: Sequence[bytes], source: int) -> None:
        self._packets = packets
        self._source = source
        self._position = 0
        self._count = 0
        self._level = SPEAKING

    def play(self, packets: Sequence[bytes], level: int) -> None:
        """Go on with another loop, from its beginning."""
        self._packets, self._position, self._level = packets, 0, level

    def next_packet(self) -> Piece:
        """The next 20 ms."""
        packet = self._packets[self._position]
        self._position = (self._position + 1) % len(self._packets)
        self._count += 1
        payload = pad_opus(packet, pack("!LL", self._source, self._count))
        return Piece(payload, first=True, last=True, keyframe=False, level=self._level)


def pad_opus(packet: bytes, padding: bytes) -> bytes:
    """A packet of one frame (code 0) as code 3 with one frame and `padding` (1 to 254 bytes)
    behind it (RFC 6716, section 3.2.5)."""
    if packet[0] & 3:
        raise ValueError("not an Opus packet of one frame")
    padded_single_frame = 0x41
    return bytes([packet[0] | 3, padded_single_frame, len(padding)]) + packet[1:] + padding
