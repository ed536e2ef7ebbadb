"""RTP headers: ours against aiortc's."""

import pytest
from aiortc.rtp import RtpPacket as OtherPacket
from hypothesis import given
from hypothesis import strategies as st

from conference.media import rtp
from conference.media.rtp import is_rtcp, unwrap
from tests.support.rtp_packets import rtp as write


class TestParse:
    @given(
        pt=st.integers(0, 127),
        seq=st.integers(0, 0xFFFF),
        timestamp=st.integers(0, 0xFFFFFFFF),
        csrc=st.lists(st.integers(0, 0xFFFFFFFF), max_size=15),
        payload=st.binary(max_size=50),
        padding=st.integers(0, 255),
        marker=st.booleans(),
    )
    def test_reads_what_aiortc_writes(self, **fields: object) -> None:
        padding, csrc = fields.pop("padding"), fields.pop("csrc")
        payload, pt = fields.pop("payload"), fields.pop("pt")
        assert isinstance(payload, bytes) and isinstance(padding, int) and isinstance(csrc, list)
        other = OtherPacket(
            payload_type=pt,  # type: ignore[arg-type]
            marker=int(bool(fields["marker"])),
            sequence_number=fields["seq"],  # type: ignore[arg-type]
            timestamp=fields["timestamp"],  # type: ignore[arg-type]
            ssrc=77,
            payload=payload,
        )
        other.csrc, other.padding_size = csrc, padding
        packet = rtp.parse(other.serialize(), 5)
        assert packet is not None
        assert (packet.pt, packet.seq, packet.ssrc, packet.arrival_us) == (
            pt,
            fields["seq"],
            77,
            5,
        )
        assert packet.timestamp == fields["timestamp"]
        assert bool(packet.marker) == fields["marker"]
        assert packet.payload == payload

    def test_extension_is_no_payload(self) -> None:
        packet = rtp.parse(write((96, 1, 2, 3), b"picture", elements={4: b"0", 2: b"abc"}), 0)
        assert packet is not None
        assert bytes(packet.payload) == b"picture"
        assert packet.elements() == [(4, b"0"), (2, b"abc")]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            bytes(12),  # version 0
            b"\x80" + bytes(10),  # short
            b"\x81" + bytes(11),  # CSRC beyond the end
            b"\x90" + bytes(11),  # extension beyond the end
            b"\x90" + bytes(11) + b"\xbe\xde\x00\x01",  # its body beyond the end
            b"\xa0" + bytes(11) + b"xx\x00",  # padding of nothing
            b"\xa0" + bytes(11) + b"xx\x04",  # padding over the header
        ],
    )
    def test_refuses_what_is_none(self, data: bytes) -> None:
        assert rtp.parse(data, 0) is None

    @given(st.binary(max_size=60))
    def test_never_raises(self, data: bytes) -> None:
        packet = rtp.parse(data, 0)
        if packet is not None:
            packet.elements()


@given(st.integers(0x8000, 2**40), st.integers(-0x8000, 0x7FFF))
def test_unwrap_finds_the_nearest(near: int, step: int) -> None:
    assert unwrap((near + step) & 0xFFFF, near) == near + step


def test_rtcp_is_told_by_its_second_byte() -> None:
    assert [n for n in range(256) if is_rtcp(bytes([128, n]))] == list(range(192, 224))
