"""The pure forwarder: what was lost comes again, and keyframes are asked for."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.support.forwarding import Hall, digests, sent
from tests.support.rtp_packets import fir, nack, pli, rtp


class TestRepair:
    def test_the_server_asks_for_a_hole_at_once_and_forwards_into_its_place(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        hall.frame()
        packets = source.frame(hall.now_us)
        hall.put(source.end, packets[0])
        hall.put(source.end, packets[2])
        hall.deliver()  # the NACK, its answer by RTX, the forwarded packet
        assert source.rtcp_in["nack"] == 1
        assert sorted(digests(sink)) == sorted(sent(source))
        last = sink.got[-1]
        assert not last.repaired  # to the subscriber it is a late original
        assert last.seq == (sink.got[0].seq + 4) & 0xFFFF

    def test_sound_is_asked_for_too(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        source.frame(hall.now_us)
        hall.frame()
        assert source.rtcp_in["nack"] == 1
        assert sorted(digests(sink)) == sorted(sent(source))

    def test_probes_on_the_rtx_stream_are_dropped_silently(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)], recorded=[source])
        hall.frame()
        recorded = len(hall.recorder.packets)
        hall.put(source.end, rtp((97, 1, 0, source.ssrc + 1), b"", padding=200))
        copy = source.retransmission(source.sent[0].seq)
        assert copy is not None
        hall.put(source.end, copy)
        hall.put(source.end, rtp((97, 3, 0, source.ssrc + 1), b"\x00"))
        hall.deliver()
        dropped = hall.forwarder.counters().dropped
        assert dropped["probe"] == 3
        assert sum(dropped.values()) == 3
        assert digests(sink) == sent(source)
        assert len(hall.recorder.packets) == recorded

    def test_a_subscribers_nack_is_answered_by_rtx_not_twice_within_the_round_trip(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        hall.frame()
        lost = sink.got.pop()
        sink.missing[lost.seq] = [0, 0]
        hall.put(sink.end, nack(sink.ssrc, [lost.seq]))
        hall.put(sink.end, nack(sink.ssrc, [lost.seq]))
        hall.deliver()
        again = sink.got[-1]
        assert (again.digest, again.repaired) == (lost.digest, True)
        assert sink.repeats == 0
        hall.advance(100_000)
        hall.put(sink.end, nack(sink.ssrc, [lost.seq]))
        hall.deliver()
        assert sink.repeats == 1
        assert hall.forwarder.counters().peers[sink.end.peer].rtx_out == 2

    def test_sound_is_sent_again_the_same_to_the_bit(self) -> None:
        """Another packet under the same index would give the authentication key away."""
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.put(source.end, source.frame(hall.now_us)[0])
        datagram, address = hall.sent[-1]
        hall.deliver()
        hall.advance(200_000)
        hall.put(sink.end, nack(sink.ssrc, [sink.got[0].seq]))
        assert hall.sent == [(datagram, address)]

    def test_sound_from_before_a_negotiation_is_not_sent_again(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio", mid="3")
        hall.route([(sink, source)])
        hall.frame()
        sink.mid = "4"
        hall.forwarder.add_slot(sink.slot())
        hall.frame()
        hall.put(sink.end, nack(sink.ssrc, [got.seq for got in sink.got]))
        assert len(hall.sent) == 1
        assert [got.elements[1] for got in sink.got] == [b"3", b"4"]
        assert digests(sink) == sent(source)

    def test_what_the_server_misses_itself_is_not_answered(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        missing = source.frame(hall.now_us)[0]
        hall.put(source.end, source.frame(hall.now_us)[0])
        hall.sent = [item for item in hall.sent if item[1] == sink.end.address]
        hall.deliver()
        hall.put(sink.end, nack(sink.ssrc, [(sink.got[0].seq + 1) & 0xFFFF]))
        assert hall.sent == []
        hall.put(source.end, missing)
        hall.deliver()
        assert sorted(digests(sink)) == sorted(sent(source))

    def test_a_hole_that_is_given_up_makes_the_server_ask_for_a_keyframe(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        for _ in range(30):
            hall.frame()
        source.history.clear()
        packets = source.frame(hall.now_us)
        source.history.clear()
        hall.put(source.end, packets[0])
        hall.put(source.end, packets[2])
        before = source.rtcp_in["pli"]
        hall.advance(790_000)
        assert source.rtcp_in["pli"] == before
        asked = source.rtcp_in["nack"]
        assert 7 <= asked <= 10
        hall.advance(40_000)
        assert source.rtcp_in["pli"] == before + 1
        hall.advance(1_000_000)
        assert source.rtcp_in["nack"] == asked
        assert source.rtcp_in["pli"] == before + 2  # no keyframe has come

    def test_a_recorded_picture_has_a_keyframe_each_ten_seconds(self) -> None:
        hall = Hall()
        source = hall.source()
        hall.route([(hall.sink(), source)])
        for _ in range(300):
            hall.frame(step_us=50_000)
        assert sum(packet.keyframe for packet in source.sent) <= 2, "nobody records it yet"
        hall.route([(hall.sinks[0], source)], recorded=[source])
        began = len(source.sent)
        for _ in range(640):
            hall.frame(step_us=50_000)
        keys = [packet.at_us for packet in source.sent[began:] if packet.keyframe]
        steps = [(b - a) / 1e6 for a, b in pairwise(keys)]
        assert len(keys) == 4 and all(10.0 <= step <= 10.2 for step in steps), steps

    def test_the_first_packet_of_a_keyframe_comes_late(self) -> None:
        hall = Hall()
        source, sink, keeper = hall.source(), hall.sink(), hall.sink()
        hall.route([(keeper, source)])
        hall.frame()
        hall.frame()
        hall.route([(keeper, source), (sink, source)])
        hall.deliver()
        packets = source.frame(hall.now_us)
        for packet in packets[1:]:
            hall.put(source.end, packet)
        hall.deliver()
        assert digests(sink) == sent(source)[-3:]
        assert sorted(digests(keeper)) == sorted(sent(source))
        hall.frame()
        assert digests(sink) == sent(source)[-6:]


class TestKeyframes:
    @pytest.mark.parametrize("request_of", [pli, fir])
    def test_requests_are_merged(self, request_of: Callable[[int], bytes]) -> None:
        hall = Hall()
        source = hall.source()
        sinks = [hall.sink() for _ in range(4)]
        hall.route([(sink, source) for sink in sinks])
        hall.frame()
        hall.advance(600_000)
        before = source.rtcp_in["pli"]
        for sink in sinks:
            hall.put(sink.end, request_of(sink.ssrc))
        hall.deliver()
        assert source.rtcp_in["pli"] == before + 1
        source.keyframe_wanted = False
        hall.advance(960_000)
        assert source.rtcp_in["pli"] == before + 1
        hall.advance(60_000)
        assert source.rtcp_in["pli"] == before + 2
        source.keyframe_wanted = True
        hall.frame()
        hall.advance(3_000_000)
        assert source.rtcp_in["pli"] == before + 2

    def test_foreign_slots_are_not_heard(self) -> None:
        hall = Hall()
        source, sink, stranger = hall.source(), hall.sink(), hall.end()
        hall.route([(sink, source)])
        hall.frame()
        hall.advance(1_000_000)
        before = source.rtcp_in["pli"]
        hall.put(stranger, pli(sink.ssrc))
        hall.put(stranger, nack(sink.ssrc, [sink.got[0].seq]))
        hall.advance(100_000)
        assert source.rtcp_in["pli"] == before
        assert sink.repeats == 0
