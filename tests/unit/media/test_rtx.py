"""RTX: the format against aiortc's, and the limiter."""

from aiortc.rtp import HeaderExtensionsMap, wrap_rtx
from aiortc.rtp import RtpPacket as OtherPacket
from hypothesis import given
from hypothesis import strategies as st

from conference.media import rtp
from conference.media.rtx import ResendLimiter, unwrap_rtx
from tests.support.rtp_packets import rtp as write

RTT_US = 50_000


class TestUnwrap:
    @given(
        seq=st.integers(0, 0xFFFF),
        payload=st.binary(min_size=1, max_size=40),
        marker=st.booleans(),
        padding=st.integers(0, 200),
        extended=st.booleans(),
    )
    def test_gives_back_what_aiortc_wrapped(
        self, seq: int, payload: bytes, marker: bool, padding: int, extended: bool
    ) -> None:
        elements = {4: b"0", 2: b"abc"} if extended else {}
        original = write((96, seq, 99, 5), payload, marker=marker, elements=elements)
        maps = HeaderExtensionsMap()
        other = OtherPacket.parse(original, maps)
        wrapped = wrap_rtx(other, payload_type=97, sequence_number=1, ssrc=6).serialize(maps)
        if extended:  # aiortc drops elements it has no names for
            wrapped = write((97, 1, 99, 6), seq.to_bytes(2, "big") + payload, marker=marker,
                            elements=elements, padding=padding)  # fmt: skip
        packet = rtp.parse(wrapped, 0)
        assert packet is not None
        data = unwrap_rtx(packet, 5, 96)
        assert data is not None
        unwrapped = rtp.parse(data, 0)
        assert unwrapped is not None
        assert (unwrapped.seq, unwrapped.ssrc, unwrapped.pt) == (seq, 5, 96)
        assert (unwrapped.timestamp, bool(unwrapped.marker)) == (99, marker)
        assert unwrapped.payload == payload
        assert dict(unwrapped.elements()) == elements
        if not (extended and padding):
            assert data == original

    def test_probes_without_content(self) -> None:
        for payload, padding in ((b"", 255), (b"\x00", 0), (b"\x00\x01", 3)):
            packet = rtp.parse(write((97, 1, 2, 3), payload, padding=padding), 0)
            assert packet is not None
            assert unwrap_rtx(packet, 5, 96) is None


class TestLimiter:
    def test_once_per_round_trip(self) -> None:
        limiter = ResendLimiter()
        assert limiter.allow(1, 0, 100_000, RTT_US)
        assert not limiter.allow(1, 0, 149_999, RTT_US)
        assert limiter.allow(2, 0, 149_999, RTT_US)
        assert limiter.allow(1, 0, 150_000, RTT_US)

    def test_a_request_that_crossed_the_packet(self) -> None:
        limiter = ResendLimiter()
        assert not limiter.allow(1, 100_000, 124_999, RTT_US)
        assert limiter.allow(1, 100_000, 125_000, RTT_US)

    def test_before_the_round_trip_is_known(self) -> None:
        limiter = ResendLimiter()
        assert limiter.allow(1, 100_000, 100_001, None)
        assert not limiter.allow(1, 100_000, 200_000, None)
        assert limiter.allow(1, 100_000, 200_001, None)

    def test_a_claimed_round_trip_of_nothing(self) -> None:
        limiter = ResendLimiter()
        assert limiter.allow(1, 0, 0, 0)
        assert not limiter.allow(1, 0, 9_999, 0)
        assert limiter.allow(1, 0, 10_000, 0)

    def test_memory_is_bounded(self) -> None:
        limiter = ResendLimiter()
        for index in range(5000):
            limiter.allow(index, 0, 1_000_000, RTT_US)
        assert len(limiter._sent_us) == 1024
        assert not limiter.allow(4999, 0, 1_000_000, RTT_US)
