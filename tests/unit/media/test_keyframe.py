"""VP8 keyframes in RTP, and the arbiter of requests."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.keyframe import KeyframeArbiter, vp8_keyframe_starts


class TestDetection:
    @pytest.mark.parametrize(
        "descriptor",
        [
            b"\x10",
            b"\x30",  # N
            b"\x90\x00",  # X, nothing else
            b"\x90\x80\x12",  # short picture id
            b"\x90\x80\x92\x34",  # long picture id
            b"\x90\xc0\x12\x01",  # and TL0PICIDX
            b"\x90\x20\x40",  # TID
            b"\x90\xf0\x92\x34\x01\x42",  # everything
        ],
    )
    def test_descriptors(self, descriptor: bytes) -> None:
        assert vp8_keyframe_starts(memoryview(descriptor + b"\x10\x02\x00"))
        assert not vp8_keyframe_starts(memoryview(descriptor + b"\x11\x02\x00"))
        later = bytes([descriptor[0] & 0xEF]) + descriptor[1:]  # S=0
        assert not vp8_keyframe_starts(memoryview(later + b"\x10\x02\x00"))
        partition = bytes([descriptor[0] | 0x01]) + descriptor[1:]
        assert not vp8_keyframe_starts(memoryview(partition + b"\x10\x02\x00"))
        assert not vp8_keyframe_starts(memoryview(descriptor))

    def test_real_encoder(self) -> None:
        """aiortc's packetizer on the first bytes of a libvpx keyframe and of a delta frame."""
        from aiortc.codecs.vpx import Vp8Encoder

        for header, expected in ((b"\x50\x42\x00\x9d\x01\x2a", True), (b"\x91\x01\x00", False)):
            packets = Vp8Encoder._packetize(header + bytes(3000), 17)
            found = [vp8_keyframe_starts(memoryview(packet)) for packet in packets]
            assert found == [expected, *[False] * (len(packets) - 1)]

    @given(st.binary(max_size=12))
    def test_never_raises(self, payload: bytes) -> None:
        vp8_keyframe_starts(memoryview(payload))


class TestArbiter:
    def test_first_request_is_sent_the_next_merged(self) -> None:
        arbiter = KeyframeArbiter()
        assert arbiter.request(0)
        assert not any(arbiter.request(now) for now in range(0, 500_000, 10_000))
        assert not arbiter.due(999_999)
        assert arbiter.due(1_000_000)
        assert not arbiter.due(1_999_999)
        assert arbiter.due(2_000_000)

    def test_ends_with_a_keyframe(self) -> None:
        arbiter = KeyframeArbiter()
        arbiter.request(0)
        arbiter.seen()
        assert not arbiter.due(5_000_000)

    def test_needed_again_soon_after_one_came(self) -> None:
        arbiter = KeyframeArbiter()
        arbiter.request(0)
        arbiter.seen()
        assert not arbiter.request(100_000)
        assert not arbiter.due(499_999)
        assert arbiter.due(500_000)

    def test_needed_while_the_publisher_is_out_of_reach(self) -> None:
        arbiter = KeyframeArbiter()
        arbiter.need(0)
        assert arbiter.due(0)

    @given(st.lists(st.tuples(st.integers(0, 300_000), st.sampled_from("rsd")), max_size=60))
    def test_never_more_often_than_each_half_second(self, steps: list[tuple[int, str]]) -> None:
        arbiter, now, asked = KeyframeArbiter(), 0, []
        for passed, what in steps:
            now += passed
            if what == "s":
                arbiter.seen()
            elif arbiter.request(now) if what == "r" else arbiter.due(now):
                asked.append(now)
        assert all(b - a >= 500_000 for a, b in pairwise(asked))
