"""Picture and sound of a test participant, encoded once: the only place that runs a codec.

Different seeds give different patterns, colours and pitches: a mix-up can be seen and heard, and no
part of one person's keyframe equals another's."""

import colorsys
import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import av
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder, VpxPayloadDescriptor

WIDTH, HEIGHT = 640, 360
FRAMES_PER_SECOND = 20
FRAMES_PER_KEYFRAME = 40
LOOP_SECONDS = 4
SAMPLE_RATE = 48_000
SAMPLES_PER_PACKET = 960


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One VP8 frame as the encoder made it (RFC 6386), before it is cut into packets."""

    data: bytes
    keyframe: bool


@dataclass(frozen=True, slots=True)
class EncodedMedia:
    """A loop of both: frames of 1/20 s, Opus packets of 20 ms. The first frame is a keyframe."""

    frames: tuple[EncodedFrame, ...]
    sound: tuple[bytes, ...]


def encode(seed: int) -> EncodedMedia:
    """Picture and sound of `seed`, LOOP_SECONDS long. Takes a good part of a second of CPU."""
    return EncodedMedia(frames=encode_picture(seed), sound=encode_sound(seed))


def encode_picture(seed: int) -> tuple[EncodedFrame, ...]:
    """VP8, 640×360, a stripe pattern that wanders and a bright block that circles over it."""
    return encode_pictures(_picture(seed, i) for i in range(FRAMES_PER_SECOND * LOOP_SECONDS))


def encode_pictures(
    pictures: Iterable[av.VideoFrame], bits_per_second: int = 500_000
) -> tuple[EncodedFrame, ...]:
    """VP8, the first a keyframe and then each FRAMES_PER_KEYFRAME."""
    encoder = Vp8Encoder()
    encoder.target_bitrate = bits_per_second
    frames = []
    for index, picture in enumerate(pictures):
        payloads, _ = encoder.encode(picture, force_keyframe=index % FRAMES_PER_KEYFRAME == 0)
        data = b"".join(VpxPayloadDescriptor.parse(payload)[1] for payload in payloads)
        frames.append(EncodedFrame(data, is_keyframe(data)))
    return tuple(frames)


def is_keyframe(frame: bytes) -> bool:
    """The lowest bit of a VP8 frame is 0 for a keyframe (RFC 6386, section 9.1)."""
    return bool(frame) and not frame[0] & 1


def encode_sound(seed: int) -> tuple[bytes, ...]:
    """Opus, 20 ms a packet: a hum at the seed's pitch, four syllables a second."""
    packets = LOOP_SECONDS * SAMPLE_RATE // SAMPLES_PER_PACKET
    return encode_samples(_sound(seed, index) for index in range(packets))


def encode_samples(blocks: Iterable[bytes]) -> tuple[bytes, ...]:
    """Opus packets of 20 ms out of as many blocks of 960 samples, signed 16 bit, mono."""
    encoder = OpusEncoder()
    packets: list[bytes] = []
    index = 0
    block = bytes(2 * SAMPLES_PER_PACKET)
    for index, block in enumerate(blocks):
        packets += _encoded(encoder, block, index)
    while len(packets) <= index:  # the encoder holds some back
        packets += _encoded(encoder, block, len(packets))
    return tuple(packets[: index + 1])


def _encoded(encoder: OpusEncoder, block: bytes, index: int) -> list[bytes]:
    frame = av.AudioFrame(format="s16", layout="mono", samples=SAMPLES_PER_PACKET)
    frame.planes[0].update(block)
    frame.sample_rate = SAMPLE_RATE
    frame.pts = index * SAMPLES_PER_PACKET
    frame.time_base = Fraction(1, SAMPLE_RATE)
    return encoder.encode(frame)[0]


def _picture(seed: int, index: int) -> av.VideoFrame:
    """Frame `index`: planes are put together from whole rows, which is cheap without numpy."""
    turn = 2 * math.pi * index / (FRAMES_PER_SECOND * LOOP_SECONDS)
    left = int((WIDTH - 160) * (0.5 + 0.4 * math.cos(turn))) & ~1
    top = int((HEIGHT - 90) * (0.5 + 0.4 * math.sin(turn))) & ~1
    slope, dark = 2 + seed % 5, 30 + seed * 7 % 60
    stripes = bytes(dark + abs(x * slope % 256 - 128) for x in range(WIDTH * 2))
    start = index * 4 % 256
    rows = []
    for y in range(HEIGHT):
        row = stripes[start + y // 4 : start + y // 4 + WIDTH]
        if top <= y < top + 90:
            row = row[:left] + b"\xe6" * 160 + row[left + 160 :]
        rows.append(row)
    blue, red = (bytes([value]) * (WIDTH * HEIGHT // 4) for value in _chroma(seed))
    return frame_of((b"".join(rows), blue, red), index)


def frame_of(planes: tuple[bytes, bytes, bytes], index: int) -> av.VideoFrame:
    """Picture number `index` of luma, Cb and Cr, row behind row."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, data in zip(frame.planes, planes, strict=True):
        plane.update(data)
    frame.pts = index * 90_000 // FRAMES_PER_SECOND
    frame.time_base = Fraction(1, 90_000)
    return frame


def _chroma(seed: int) -> tuple[int, int]:
    """Cb and Cr of the seed's colour; neighbouring seeds lie far apart on the circle."""
    red, green, blue = colorsys.hsv_to_rgb(seed * 0.381966 % 1.0, 0.75, 0.9)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return int(128 + 224 * 0.564 * (blue - luma)), int(128 + 224 * 0.713 * (red - luma))


def _sound(seed: int, index: int) -> bytes:
    """960 samples, signed 16 bit, mono."""
    pitch = 2 * math.pi * (110 + 37 * (seed % 12)) / SAMPLE_RATE
    syllable = 2 * math.pi * 4 / SAMPLE_RATE
    samples = array("h", bytes(2 * SAMPLES_PER_PACKET))
    for offset in range(SAMPLES_PER_PACKET):
        at = index * SAMPLES_PER_PACKET + offset
        loudness = 6000 + 4000 * math.sin(syllable * at)
        samples[offset] = int(loudness * (math.sin(pitch * at) + 0.4 * math.sin(3 * pitch * at)))
    return samples.tobytes()
