"""What we take for an Opus packet is what libopus takes for one, and as long."""

import random

import av

from conference.recording.packager.depacketizer import opus_samples
from tests.support.rushes import sounds

HEAD = b"OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00"
PACKETS = 6000


def packet(chance: random.Random) -> bytes:
    """Noise, or a real packet with another first byte, or cut."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(1, 80))
    data = bytearray(chance.choice(sounds()))
    if chance.random() < 0.7:
        data[0] = chance.randrange(256)
    return bytes(data[: chance.randrange(1, len(data) + 1)])


def test_the_same_packets_with_the_same_lengths() -> None:
    chance = random.Random(7)
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.extradata, decoder.sample_rate, decoder.layout = HEAD, 48_000, "stereo"
    taken = 0
    for _ in range(PACKETS):
        data = packet(chance)
        try:
            decoded = sum(frame.samples for frame in decoder.decode(av.Packet(data)))
        except av.FFmpegError:
            decoded = 0
        assert opus_samples(data) == decoded, data.hex()
        taken += decoded > 0
    assert PACKETS // 4 < taken < PACKETS
