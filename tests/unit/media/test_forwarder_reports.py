"""The pure forwarder: REMB, reports, and what goes to the recording."""

import pytest

from conference.media.forwarder.api import Kind
from tests.support.forwarding import Hall, digests, sent
from tests.support.rtp_ends import End
from tests.support.rtp_packets import ntp, sender_report, split


def kinds(hall: Hall, end: End) -> list[tuple[int, int]]:
    """(count, type) of the RTCP packets that wait for this end."""
    return [
        (count, kind)
        for datagram, address in hall.sent
        if address == end.address and 192 <= datagram[1] <= 223
        for count, kind, _ in split(end.unprotect(datagram) or b"")
    ]


class TestReports:
    def test_remb_leaves_in_the_call_that_makes_the_peer_reachable(self) -> None:
        hall = Hall()
        end = hall.end(opened=False)
        hall.source("video", end)
        hall.forwarder.open_peer(end.peer, end.keys, 1_500_000)
        assert hall.sent == []
        hall.forwarder.move_peer(end.peer, end.address)
        datagram, _ = hall.sent[0]
        (count, kind, packet), *_ = split(end.unprotect(datagram) or b"")
        assert (count, kind, packet[12:16]) == (15, 206, b"REMB")
        word = int.from_bytes(packet[16:20], "big")
        assert (word & 0x3FFFF) << (word >> 18 & 63) == 1_500_000

    def test_remb_each_half_second_to_publishers_only(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.sent.clear()
        hall.advance(5_000_000)
        assert source.rtcp_in["remb"] == 10
        assert (15, 206) not in kinds(hall, sink.end)

    def test_sender_reports_soon_after_a_switch_then_each_second(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        hall.frame()
        assert len(sink.reports) == 1
        hall.advance(5_000_000)
        assert len(sink.reports) == 6
        hall.route([])
        hall.advance(3_000_000)
        assert len(sink.reports) == 6

    def test_lip_sync_survives(self) -> None:
        """Sound and picture that were captured at one instant have one instant at the subscriber,
        though the publisher's clock is another and the picture travelled longer."""
        hall = Hall()
        publisher, subscriber = hall.end(), hall.end()
        sound = hall.source("audio", publisher, mid="0", timestamp=123)
        picture = hall.source("video", publisher, mid="1", timestamp=4_000_000_000)
        ear = hall.sink("audio", subscriber, mid="0")
        eye = hall.sink("video", subscriber, mid="1")
        hall.route([(ear, sound), (eye, picture)])
        skew_us = 1_700_000_000_000_000
        for source in (sound, picture):
            hall.put(
                publisher,
                sender_report(source.ssrc, ntp(hall.now_us + skew_us), source.timestamp),
            )
        stamps: dict[Kind, list[int]] = {"audio": [], "video": []}
        for _ in range(30):
            hall.frame(sound, step_us=1)
            stamps["audio"].append(ear.got[-1].timestamp)
            hall.frame(picture, step_us=19_999)
            stamps["video"].append(eye.got[-1].timestamp)
        instants = {}
        for sink, rate in ((ear, 48000), (eye, 90000)):
            _, at, timestamp = sink.reports[-1]
            first = stamps[sink.kind][0]
            ticks = ((first - timestamp + 2**31) & 0xFFFFFFFF) - 2**31
            instants[sink.kind] = (at / 2**32) + ticks / rate
        assert abs(instants["audio"] - instants["video"]) < 0.001
        assert abs(instants["audio"] - 5_000) < 0.01  # on the server's clock

    def test_round_trip_from_receiver_reports(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        hall.frame()
        report = sink.receiver_report(hall.now_us)
        hall.now_us += 73_000
        hall.put(sink.end, report)
        assert hall.forwarder.rtt_us(sink.end.peer) == pytest.approx(73_000, abs=100)

    def test_receiver_report_of_loss(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        for number in range(100):
            if number % 10 == 5:
                source.frame(hall.now_us)
                source.history.clear()
                hall.advance(20_000)
            else:
                hall.frame(step_us=20_000)
        last = source.reports[-1]
        assert int.from_bytes(last[8:12], "big") == source.ssrc
        assert 20 <= last[12] <= 32  # a tenth of 256
        assert int.from_bytes(last[13:16], "big") in (5, 10)  # it left after 1 s or after 2 s

    def test_bye_ends_the_asking(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        hall.frame()
        packets = source.frame(hall.now_us)
        source.history.clear()
        hall.put(source.end, packets[2])
        hall.put(source.end, b"\x81\xcb\x00\x01" + source.ssrc.to_bytes(4, "big"))
        asked = source.rtcp_in["nack"]
        hall.deliver()
        hall.advance(2_000_000)
        assert source.rtcp_in["nack"] == asked + 1
        hall.frame()
        assert digests(sink)[-3:] == sent(source)[-3:]


class TestRecording:
    def test_every_packet_once_as_it_was_sent_and_sender_reports(self) -> None:
        hall = Hall()
        source = hall.source()
        hall.route([], recorded=[source])
        hall.deliver()
        assert source.rtcp_in["pli"] == 1  # a recording begins with a keyframe too
        hall.frame()
        packets = source.frame(hall.now_us)
        hall.put(source.end, packets[0])
        hall.put(source.end, packets[2])
        report = sender_report(source.ssrc, ntp(1), 5)
        hall.put(source.end, report)
        hall.deliver()
        rtp_in = [data for _, _, data, is_rtcp in hall.recorder.packets if not is_rtcp]
        assert sorted(rtp_in) == sorted(source.history.values())
        assert [data for *_, data, is_rtcp in hall.recorder.packets if is_rtcp] == [report]
        assert {track for track, *_ in hall.recorder.packets} == {source.track}

    def test_nothing_after_it_stopped(self) -> None:
        hall = Hall()
        source = hall.source("audio")
        hall.route([], recorded=[source])
        hall.frame()
        hall.route([])
        hall.frame()
        hall.put(source.end, sender_report(source.ssrc, 1, 1))
        assert len(hall.recorder.packets) == 1
        assert hall.forwarder.counters().dropped["unrouted"] == 1

    def test_a_muted_track_is_neither_kept_nor_asked_for(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.frame()
        source.frame(hall.now_us)
        hall.frame()
        hall.advance(500_000)
        assert source.rtcp_in["nack"] == 0
        hall.route([(sink, source)])
        hall.frame()
        assert digests(sink) == sent(source)[-1:]
        assert source.rtcp_in["nack"] == 0
