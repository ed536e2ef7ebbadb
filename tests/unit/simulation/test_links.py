"""What a participant sends again, and what it asks to be sent again."""

from random import Random

from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
    wrap_rtx,
)
from hypothesis import given
from hypothesis import strategies as st

from conference.simulation.downlink import NACK_SPACING_US, NACK_TRIES, Downlink
from conference.simulation.loops import Piece
from conference.simulation.report import ReceivedPacket
from conference.simulation.sdp import ABS_SEND_TIME, MID, Media
from conference.simulation.uplink import Uplink, ntp_timestamp, payload_hash

VIDEO = Media("video", "1", 96, 97, 1001, 1002, {MID: 4, ABS_SEND_TIME: 2})
AUDIO = Media("audio", "0", 111, None, 2001, None, {MID: 4})
KEYFRAME = bytes([0x90, 0x80, 0x81, 0x00, 0x10]) + b"picture"
DELTA = bytes([0x90, 0x80, 0x81, 0x01, 0x11]) + b"picture"
MS = 1000


def piece(number: int) -> Piece:
    return Piece(f"payload {number}".encode(), first=True, last=True, keyframe=number == 0)


class Wire:
    """A downlink with what it noted and what it sent."""

    def __init__(self, *media: Media) -> None:
        self.noted: list[tuple[Media, ReceivedPacket, bytes]] = []
        self.sent: list[bytes] = []
        self.link = Downlink(7, lambda *each: self.noted.append(each), self.sent.append)
        self.link.set_media(media)

    def video(self, number: int, now_us: int, payload: bytes = DELTA) -> None:
        packet = RtpPacket(96, 1, number & 0xFFFF, number * 4500 & 0xFFFFFFFF, 1001, payload)
        self.link.rtp(packet.serialize(), now_us)

    def feedback(self, now_us: int) -> list[RtcpRtpfbPacket | RtcpPsfbPacket]:
        self.sent.clear()
        self.link.feedback(now_us)
        found = [packet for data in self.sent for packet in RtcpPacket.parse(data)]
        return [each for each in found if isinstance(each, RtcpRtpfbPacket | RtcpPsfbPacket)]


def test_a_repeat_of_video_is_rtx_and_of_sound_the_same_packet() -> None:
    for media in (VIDEO, AUDIO):
        wire: list[bytes] = []
        uplink = Uplink(media, "cname", Random(1), wire.append)
        sent = [uplink.send(piece(number), number * 960, number) for number in range(3)]
        assert [each.keyframe for each in sent] == [True, False, False]
        uplink.repeat([sent[1].sequence, sent[1].sequence + 500])
        assert len(wire) == 4 and uplink.repeats == 1
        again = RtpPacket.parse(wire[3])
        if media.rtx_ssrc is not None:
            assert (again.ssrc, again.payload_type) == (1002, 97)
            again = unwrap_rtx(again, 96, 1001)
        assert again.payload == b"payload 1"
        assert (again.sequence_number, again.timestamp) == (sent[1].sequence, sent[1].timestamp)
        assert payload_hash(again.payload) == sent[1].digest


def test_a_sender_report_maps_media_time_to_wall_time() -> None:
    uplink = Uplink(AUDIO, "cname", Random(1), lambda _: None)
    assert uplink.sender_report(0, 0) is None
    sent = uplink.send(piece(0), 0, 0)
    report, _ = RtcpPacket.parse(uplink.sender_report(48_000, 1_700_000_000_500_000) or b"")
    assert isinstance(report, RtcpSrPacket)
    assert report.sender_info.rtp_timestamp == (sent.timestamp + 48_000) & 0xFFFFFFFF
    assert report.sender_info.ntp_timestamp == (1_700_000_000 + 2_208_988_800) << 32 | 1 << 31
    assert report.sender_info.packet_count == 1


@given(st.integers(0, 2**50))
def test_ntp_time_keeps_microseconds(wall_us: int) -> None:
    ntp = ntp_timestamp(wall_us)
    seconds = (ntp >> 32) - 2_208_988_800
    fraction_us = ((ntp & 0xFFFFFFFF) * 1_000_000 + (1 << 31)) >> 32
    assert seconds * 1_000_000 + fraction_us == wall_us


def test_a_hole_is_asked_for_again_and_again_and_then_given_up() -> None:
    wire = Wire(VIDEO)
    wire.video(65534, 0, KEYFRAME)
    wire.video(65538, 1)
    (nack, second) = wire.feedback(2)
    assert isinstance(nack, RtcpRtpfbPacket) and isinstance(second, RtcpRtpfbPacket)
    assert nack.lost + second.lost == [65535, 0, 1], "aiortc cannot pack a turn of the counter"
    assert wire.feedback(3) == []
    wire.video(65535, 4)
    asked = [wire.feedback(2 + NACK_SPACING_US * turn) for turn in range(1, NACK_TRIES)]
    assert all(len(each) == 1 for each in asked)
    (pli,) = wire.feedback(2 + NACK_SPACING_US * (NACK_TRIES + 1))
    assert isinstance(pli, RtcpPsfbPacket) and pli.fmt == 1 and pli.media_ssrc == 1001


def test_a_repeat_fills_the_hole() -> None:
    wire = Wire(VIDEO)
    wire.video(10, 0, KEYFRAME)
    wire.video(12, 1)
    missing = RtpPacket(96, 1, 11, 11 * 4500, 1001, DELTA + b"missing")
    wire.link.rtp(wrap_rtx(missing, 97, 1, 1002).serialize(), 2)
    media, received, payload = wire.noted[-1]
    assert (media.mid, payload, received.rtx) == ("1", DELTA + b"missing", True)
    assert received.sequence == 65536 + 11
    assert wire.feedback(3) == []


def test_a_picture_without_a_beginning_is_asked_for() -> None:
    wire = Wire(VIDEO, AUDIO)
    assert wire.feedback(0) == []
    wire.video(1, 1)
    (pli,) = wire.feedback(2)
    assert isinstance(pli, RtcpPsfbPacket)
    wire.video(2, 3, KEYFRAME)
    assert wire.feedback(900 * MS) == []


def test_the_receiver_report_counts_what_is_lost() -> None:
    wire = Wire(VIDEO)
    for number in (1, 2, 4):
        wire.video(number, number, KEYFRAME)
    ntp = ntp_timestamp(1_700_000_000_000_000)
    wire.link.rtcp(bytes(RtcpSrPacket(1001, RtcpSenderInfo(ntp, 0, 0, 0))), 10 * MS)
    wire.link.reports(110 * MS)
    (report,) = RtcpPacket.parse(wire.sent[-1])
    assert isinstance(report, RtcpRrPacket)
    (block,) = report.reports
    assert (block.packets_lost, block.fraction_lost) == (1, 64)
    assert block.highest_sequence == 65536 + 4
    assert (block.lsr, block.dlsr) == (ntp >> 16 & 0xFFFFFFFF, 6553)


def test_padding_and_strangers_are_counted_not_noted() -> None:
    wire = Wire(VIDEO)
    wire.link.rtp(RtpPacket(97, 0, 1, 1, 1002, b"").serialize(), 0)
    wire.link.rtp(RtpPacket(96, 0, 1, 1, 5555, b"x").serialize(), 0)
    wire.link.rtp(b"short", 0)
    assert (wire.link.padding, wire.link.unknown, wire.noted) == (1, 2, [])
