"""The media of the test participants: unique payloads that decoders still take."""

import pytest
from aiortc.codecs.opus import OpusDecoder
from aiortc.codecs.vpx import Vp8Decoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from av import AudioFrame, VideoFrame

from conference.simulation.encode import EncodedMedia, encode, is_keyframe
from conference.simulation.loops import MAX_PAYLOAD, AudioLoop, VideoLoop, pad_opus


@pytest.fixture(scope="module")
def media() -> EncodedMedia:
    return encode(3)


def test_the_picture_loop_decodes_past_its_seam_and_no_payload_comes_twice(
    media: EncodedMedia,
) -> None:
    loop = VideoLoop(media.frames, source=7)
    decoder = Vp8Decoder()
    payloads = []
    for index in range(2 * len(media.frames) + 10):
        pieces = loop.next_frame()
        payloads += [piece.payload for piece in pieces]
        frame = b"".join(vp8_depayload(piece.payload) for piece in pieces)
        (picture,) = decoder.decode(JitterFrame(frame, index * 4500))
        assert isinstance(picture, VideoFrame)
        assert (picture.width, picture.height) == (640, 360)
        assert len(set(bytes(picture.planes[0]))) > 50, "a uniform picture shows nothing"
    assert len(payloads) == len(set(payloads))
    assert max(map(len, payloads)) <= MAX_PAYLOAD + 4


def test_a_keyframe_comes_at_once_when_asked_for(media: EncodedMedia) -> None:
    loop = VideoLoop(media.frames, source=7)
    for _ in range(5):
        loop.next_frame()
    assert not loop.next_frame()[0].keyframe
    loop.want_keyframe()
    pieces = loop.next_frame()
    assert pieces[0].keyframe and pieces[0].first and pieces[-1].last
    assert is_keyframe(vp8_depayload(pieces[0].payload))
    assert not loop.next_frame()[0].keyframe


def test_padded_sound_decodes_to_the_same_samples(media: EncodedMedia) -> None:
    loop = AudioLoop(media.sound, source=7)
    plain, padded = OpusDecoder(), OpusDecoder()
    payloads = set()
    loudest = 0
    for index in range(2 * len(media.sound)):
        payload = loop.next_packet().payload
        payloads.add(payload)
        (one,) = plain.decode(JitterFrame(media.sound[index % len(media.sound)], index * 960))
        (other,) = padded.decode(JitterFrame(payload, index * 960))
        assert isinstance(one, AudioFrame) and isinstance(other, AudioFrame)
        assert bytes(one.planes[0]) == bytes(other.planes[0])
        loudest = max(loudest, *memoryview(bytes(other.planes[0])).cast("h"))
    assert len(payloads) == 2 * len(media.sound)
    assert loudest > 3000


def test_only_a_packet_of_one_frame_can_be_padded() -> None:
    with pytest.raises(ValueError, match="one frame"):
        pad_opus(b"\x03\x01\x00", b"12345678")


def test_different_seeds_look_and_sound_different(media: EncodedMedia) -> None:
    other = encode(4)
    assert other.frames[0].data != media.frames[0].data
    assert other.sound[3] != media.sound[3]
