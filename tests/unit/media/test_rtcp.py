"""RTCP: ours against aiortc's, both ways."""

import struct

import pytest
from aiortc import rtp as other
from hypothesis import given
from hypothesis import strategies as st

from conference.media import rtcp
from tests.support import rtp_packets

U32 = st.integers(0, 0xFFFFFFFF)
SEQS = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=40, unique=True)


class TestWrite:
    """aiortc reads what we write."""

    def test_sender_report_and_sdes(self) -> None:
        data = rtcp.sender_report(5, 1 << 33, 2**32 + 7, (3, 4)) + rtcp.sdes(5, "seat-1")
        report, names = other.RtcpPacket.parse(data)
        assert isinstance(report, other.RtcpSrPacket)
        assert isinstance(names, other.RtcpSdesPacket)
        info = report.sender_info
        assert (report.ssrc, info.ntp_timestamp, info.rtp_timestamp) == (5, 1 << 33, 7)
        assert (info.packet_count, info.octet_count) == (3, 4)
        assert [(chunk.ssrc, chunk.items) for chunk in names.chunks] == [(5, [(1, b"seat-1")])]

    @given(st.text(max_size=300))
    def test_any_cname_keeps_the_words(self, cname: str) -> None:
        data = rtcp.sdes(1, cname)
        assert len(data) % 4 == 0
        assert rtcp.parse(data) == []
        assert data[-1] == 0

    @given(fraction=st.integers(0, 255), lost=st.integers(-(2**25), 2**25), highest=U32)
    def test_receiver_report(self, fraction: int, lost: int, highest: int) -> None:
        block = rtcp.ReportBlock(9, fraction, lost, highest, 11, 12, 13)
        (report,) = other.RtcpPacket.parse(rtcp.receiver_report(1, [block]))
        assert isinstance(report, other.RtcpRrPacket)
        (read,) = report.reports
        assert (read.ssrc, read.fraction_lost, read.highest_sequence) == (9, fraction, highest)
        assert read.packets_lost == max(-(2**23), min(lost, 2**23 - 1))
        assert (read.jitter, read.lsr, read.dlsr) == (11, 12, 13)

    def test_pli(self) -> None:
        (read,) = other.RtcpPacket.parse(rtcp.pli(1, 2))
        assert isinstance(read, other.RtcpPsfbPacket)
        assert (read.fmt, read.ssrc, read.media_ssrc) == (other.RTCP_PSFB_PLI, 1, 2)

    @given(st.integers(0, 2**40), st.lists(U32, max_size=10))
    def test_remb(self, bps: int, media: list[int]) -> None:
        (read,) = other.RtcpPacket.parse(rtcp.remb(1, bps, media))
        assert isinstance(read, other.RtcpPsfbPacket)
        told, ssrcs = other.unpack_remb_fci(read.fci)
        assert ssrcs == media
        assert told <= bps
        assert bps - told <= bps / 2**17

    @given(st.integers(0, 0xFFFF), st.lists(st.integers(1, 40), max_size=60))
    def test_nack_over_the_wrap(self, first: int, steps: list[int]) -> None:
        seqs = [first]
        for step in steps:
            seqs.append((seqs[-1] + step) & 0xFFFF)
        data = rtcp.nack(1, 2, seqs)
        assert rtp_packets.nacked(data) == seqs
        assert rtcp.parse(data) == [rtcp.Nack(1, 2, tuple(seqs))]

    def test_nack_is_short(self) -> None:
        assert len(rtcp.nack(1, 2, range(17))) == 16


class TestParse:
    """We read what aiortc writes."""

    @given(U32, U32, U32)
    def test_sender_report_with_blocks(self, ssrc: int, timestamp: int, jitter: int) -> None:
        info = other.RtcpSenderInfo(1 << 60, timestamp, 5, 6)
        block = other.RtcpReceiverInfo(7, 8, -9, 10, jitter, 12, 13)
        data = bytes(other.RtcpSrPacket(ssrc, info, [block]))
        assert rtcp.parse(data) == [
            rtcp.SenderReport(
                ssrc,
                1 << 60,
                timestamp,
                5,
                6,
                (rtcp.ReportBlock(7, 8, -9, 10, jitter, 12, 13),),
                data,
            )
        ]

    def test_a_compound(self) -> None:
        chunk = other.RtcpSourceInfo(1, [(1, b"name")])
        data = (
            bytes(other.RtcpRrPacket(1, []))
            + bytes(other.RtcpSdesPacket([chunk]))
            + bytes(other.RtcpRtpfbPacket(other.RTCP_RTPFB_NACK, 1, 2, [5, 6, 30]))
            + bytes(other.RtcpPsfbPacket(other.RTCP_PSFB_PLI, 1, 3))
            + rtp_packets.fir(44)
            + bytes(
                other.RtcpPsfbPacket(other.RTCP_PSFB_APP, 1, 0, other.pack_remb_fci(300_000, [8]))
            )
            + bytes(other.RtcpByePacket([1, 2]))
        )
        assert rtcp.parse(data) == [
            rtcp.ReceiverReport(1, ()),
            rtcp.Nack(1, 2, (5, 6, 30)),
            rtcp.KeyframeRequest(1, (3,)),
            rtcp.KeyframeRequest(1, (44,)),
            rtcp.Bye((1, 2)),
        ]

    def test_profile_extensions_and_unknown_packets_are_passed_over(self) -> None:
        report = struct.pack("!BBHI", 0x80, 201, 2, 1) + b"more"
        unknown = struct.pack("!BBHI", 0x80, 207, 1, 1)
        feedback = struct.pack("!BBHII", 0x8F, 205, 2, 1, 2)  # transport-cc
        application = struct.pack("!BBHII", 0x8F, 206, 3, 1, 2) + b"RACE"
        data = report + unknown + feedback + application
        assert rtcp.parse(data) == [rtcp.ReceiverReport(1, ())]

    def test_padding_at_the_end(self) -> None:
        data = struct.pack("!BBHII", 0xA1, 206, 3, 1, 2) + b"\x00\x00\x00\x04"
        assert rtcp.parse(data) == [rtcp.KeyframeRequest(1, (2,))]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x80\xc8",
            rtcp.pli(1, 2)[:-1],
            rtcp.pli(1, 2) + b"\x80",
            b"\x40" + rtcp.pli(1, 2)[1:],  # version 1
            b"\x9f" + rtcp.receiver_report(1, [])[1:],  # 31 blocks promised
            b"\x85\xcb\x00\x01\x00\x00\x00\x01",  # five SSRCs promised
            struct.pack("!BBHI", 0xA0, 201, 1, 0),  # padding of nothing
            struct.pack("!BBHI", 0xA0, 201, 1, 9),  # more padding than packet
            struct.pack("!BBH", 0x80, 200, 0),
        ],
    )
    def test_any_fault_refuses_the_whole(self, data: bytes) -> None:
        assert rtcp.parse(data) is None

    def test_a_greedy_nack_is_cut(self) -> None:
        data = struct.pack("!BBHII", 0x81, 205, 302, 1, 2) + b"\x00\x00\xff\xff" * 300
        (nack,) = rtcp.parse(data) or []
        assert isinstance(nack, rtcp.Nack)
        assert len(nack.seqs) == 512

    @given(st.lists(st.binary(max_size=40), max_size=4), st.integers(0, 255))
    def test_never_raises(self, bodies: list[bytes], first: int) -> None:
        for kind in range(199, 208):
            data = b"".join(
                struct.pack("!BBH", 0x80 | first, kind, len(body) // 4) + body for body in bodies
            )
            rtcp.parse(data)
