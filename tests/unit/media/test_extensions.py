"""Header extensions: reading, writing, rewriting."""

from hypothesis import given
from hypothesis import strategies as st

from conference.media import extensions, rtp
from conference.media.extensions import ONE_BYTE, TWO_BYTE, element, parse
from conference.media.forwarder.api import ABS_SEND_TIME, AUDIO_LEVEL, MID
from conference.media.rewriter import ExtensionRewriter, abs_send_time
from tests.support.rtp_packets import rtp as write


class TestParse:
    def test_one_byte_with_padding_between(self) -> None:
        block = b"\x10a\x00\x00\x22bcd\x00"
        assert parse(block, ONE_BYTE, 0, len(block)) == [(1, b"a"), (2, b"bcd")]

    def test_two_byte_with_empty_and_long_elements(self) -> None:
        block = b"\x01\x00\x00\x05\x11" + b"x" * 17 + b"\x00"
        assert parse(block, TWO_BYTE | 3, 0, len(block)) == [(1, b""), (5, b"x" * 17)]

    def test_15_ends_the_one_byte_form(self) -> None:
        assert parse(b"\x10a\xf0b\x20c", ONE_BYTE, 0, 6) == [(1, b"a")]

    def test_elements_over_the_end_are_no_elements(self) -> None:
        assert parse(b"\x10a\x2fb", ONE_BYTE, 0, 4) == [(1, b"a")]
        assert parse(b"\x01\x01a\x02", TWO_BYTE, 0, 4) == [(1, b"a")]
        assert parse(b"\x01\x04a", TWO_BYTE, 0, 3) == []

    def test_other_profiles_have_no_elements(self) -> None:
        assert parse(b"\x10a\x00\x00", 0x1234, 0, 4) == []

    @given(st.lists(st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16))))
    def test_reads_what_is_written(self, elements: list[tuple[int, bytes]]) -> None:
        block = b"".join(element(number, value) for number, value in elements)
        assert parse(block, ONE_BYTE, 0, len(block)) == elements

    @given(st.integers(0, 0xFFFF), st.binary(max_size=40))
    def test_never_raises(self, profile: int, block: bytes) -> None:
        for kind in (profile, ONE_BYTE, TWO_BYTE):
            extensions.parse(block, kind, 0, len(block))


def test_what_does_not_fit_is_left_out() -> None:
    assert element(0, b"x") == element(15, b"x") == element(1, b"") == element(1, bytes(17)) == b""


def test_abs_send_time() -> None:
    assert abs_send_time(1_500_000) == (3 << 17).to_bytes(3, "big")
    assert abs_send_time(64_000_000) == bytes(3)


class TestRewriter:
    def test_ids_change_hop_by_hop_ones_stay_behind(self) -> None:
        other = "urn:example:orientation"
        rewriter = ExtensionRewriter(
            {MID: 4, ABS_SEND_TIME: 2, AUDIO_LEVEL: 1, other: 5, "urn:unknown": 6},
            {MID: 1, ABS_SEND_TIME: 7, AUDIO_LEVEL: 3, other: 9},
        )
        data = write(
            (1, 2, 3, 4),
            b"",
            elements={4: b"0", 2: b"old", 1: b"l", 5: b"o", 6: b"?"},
        )
        packet = rtp.parse(data, 0)
        assert packet is not None
        block = rewriter.elements(packet, 1_500_000)
        assert dict(parse(block, ONE_BYTE, 0, len(block))) == {
            7: abs_send_time(1_500_000),
            3: b"l",
            9: b"o",
        }

    def test_nothing_in_common(self) -> None:
        packet = rtp.parse(write((1, 2, 3, 4), b"", elements={4: b"0"}), 0)
        assert packet is not None
        assert ExtensionRewriter({MID: 4}, {MID: 1}).elements(packet, 0) == b""
