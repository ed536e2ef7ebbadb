"""The pure forwarder as a whole: who gets what; no loss on the lines."""

from itertools import pairwise

import pytest

from conference.ids import TrackId
from conference.media.forwarder.api import RoutingTable, SlotId
from tests.support.forwarding import Hall, digests, sent
from tests.support.rtp_packets import nack


class TestRelay:
    @pytest.mark.parametrize(
        "profile", ["AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"]
    )
    def test_everybody_gets_everything_once_in_order(self, profile: str) -> None:
        hall = Hall()
        sources = [
            hall.source("video", hall.end(profile=profile)),
            hall.source("audio", hall.end(profile=profile)),
        ]
        pairs = [
            (hall.sink(source.kind, hall.end(profile=profile)), source)
            for source in sources
            for _ in range(3)
        ]
        hall.route(pairs)
        for _ in range(60):
            hall.frame()
        for sink, source in pairs:
            assert digests(sink) == sent(source)
            assert sink.repeats == 0
            seqs = [got.seq for got in sink.got]
            assert [(seq - seqs[0]) & 0xFFFF for seq in seqs] == list(range(len(seqs)))
        assert hall.forwarder.counters().lost_in_server == 0

    def test_marker_and_timestamp_steps_are_kept(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        for _ in range(5):
            hall.frame()
        assert [got.marker for got in sink.got] == [False, False, True] * 5
        stamps = [got.timestamp for got in sink.got[::3]]
        assert {(b - a) & 0xFFFFFFFF for a, b in pairwise(stamps)} == {3000}

    def test_extensions_have_the_slots_ids(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio", mid="0"), hall.sink("audio", mid="12")
        hall.route([(sink, source)])
        hall.frame()
        elements = sink.got[0].elements
        assert elements[1] == b"12"  # the slot's MID
        assert elements[3] == bytes([source.sent[0].seq & 0x7F])  # audio level, id 1 before
        assert len(elements[2]) == 3  # send time
        assert set(elements) == {1, 2, 3}

    def test_sequence_numbers_and_timestamps_wrap(self) -> None:
        hall = Hall()
        source = hall.source("video", seq=65500, timestamp=0xFFFFFFFF - 20_000)
        sink = hall.sink()
        hall.route([(sink, source)])
        for _ in range(60):
            hall.frame()
        assert digests(sink) == sent(source)

    def test_a_long_stream_past_two_wraps(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio", seq=65_000, size=8), hall.sink("audio")
        hall.route([(sink, source)])
        for _ in range(67_000):
            for packet in source.frame(hall.now_us):
                hall.put(source.end, packet)
            hall.now_us += 20_000
            if len(hall.sent) > 1000:
                hall.deliver()
        hall.deliver()
        assert digests(sink) == sent(source)

    def test_a_full_socket_is_counted_as_loss_in_the_server(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        hall.full = True
        hall.frame()
        hall.full = False
        hall.frame()
        assert hall.forwarder.counters().lost_in_server == 1
        assert len(sink.got) == 2

    def test_own_kind_only(self) -> None:
        hall = Hall()
        source, sink = hall.source("video"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        assert sink.got == []

    @pytest.mark.parametrize("size", [1, 33, 1200])
    def test_any_size_of_packet(self, size: int) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        source.size = size
        hall.route([(sink, source)])
        hall.frame()
        assert digests(sink) == sent(source)


class TestRoutes:
    def test_nothing_leaves_after_apply_without_the_route(self) -> None:
        hall = Hall()
        source = hall.source()
        kept, cut = hall.sink(), hall.sink()
        hall.route([(kept, source), (cut, source)])
        for _ in range(5):
            hall.frame()
        hall.route([(kept, source)])
        seen = len(cut.got)
        hall.frame()
        hall.put(cut.end, nack(cut.ssrc, [got.seq for got in cut.got]))
        hall.frame()
        hall.advance(2_000_000)
        assert len(cut.got) == seen
        assert cut.repeats == 0
        assert digests(kept) == sent(source)

    def test_what_left_before_a_mute_does_not_leave_again_after_it(self) -> None:
        hall = Hall()
        source, keeper, sink = hall.source(), hall.sink(), hall.sink()
        hall.route([(keeper, source), (sink, source)])
        for _ in range(5):
            hall.frame()
        hall.route([(keeper, source)])
        hall.route([(keeper, source), (sink, source)])
        hall.put(sink.end, nack(sink.ssrc, [got.seq for got in sink.got]))
        hall.deliver()
        assert sink.repeats == 0

    def test_a_hole_from_before_a_mute_is_not_asked_for_after_it(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        source.frame(hall.now_us)
        source.history.clear()
        hall.frame()
        asked = source.rtcp_in["nack"]
        hall.route([])
        hall.route([(sink, source)])
        hall.advance(1_000_000)
        assert source.rtcp_in["nack"] == asked

    def test_mute_and_unmute_of_one_picture_goes_on_at_a_keyframe(self) -> None:
        hall = Hall()
        source, sink = hall.source(), hall.sink()
        hall.route([(sink, source)])
        for _ in range(5):
            hall.frame()
        hall.route([])
        for _ in range(30):
            hall.frame()
        before = len(sink.got)
        hall.route([(sink, source)])
        hall.deliver()
        assert source.keyframe_wanted
        for _ in range(5):
            hall.frame()
        last, first = sink.got[before - 1], sink.got[before]
        assert first.seq == (last.seq + 1) & 0xFFFF
        # Elapsed time goes on in the timestamps: 31 frames lie between.
        assert abs(((first.timestamp - last.timestamp) & 0xFFFFFFFF) - 31 * 3000) <= 3000
        resumed = next(i for i, p in enumerate(source.sent) if p.digest == first.digest)
        assert source.sent[resumed].keyframe
        assert digests(sink)[before:] == sent(source)[resumed:]

    def test_sound_goes_on_at_once_after_a_mute(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        hall.route([])
        hall.frame()
        hall.route([(sink, source)])
        hall.frame()
        assert digests(sink) == [sent(source)[0], sent(source)[2]]
        assert sink.got[1].seq == (sink.got[0].seq + 1) & 0xFFFF

    def test_switch_to_another_picture(self) -> None:
        hall = Hall()
        one, two = hall.source(), hall.source(seq=40_000, timestamp=77)
        sink, other = hall.sink(), hall.sink()
        hall.route([(sink, one), (other, two)])
        for _ in range(10):
            hall.frame()
        hall.route([(sink, two), (other, two)])
        before = len(sink.got)
        for packet in two.frame(hall.now_us):  # sent before the request arrived: no keyframe
            hall.put(two.end, packet)
        hall.deliver()
        assert len(sink.got) == before
        hall.advance(33_333)
        for _ in range(10):
            hall.frame()
        later = digests(sink)[before:]
        assert later == sent(two)[-len(later) :]
        assert two.sent[-len(later)].keyframe
        seqs = [got.seq for got in sink.got]
        assert [(seq - seqs[0]) & 0xFFFF for seq in seqs] == list(range(len(seqs)))
        assert digests(other) == sent(two)  # who saw it already sees no switch

    def test_packets_older_than_the_switch_are_dropped(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        keeper = hall.sink("audio")
        hall.route([(keeper, source)])
        hall.frame()
        early, late = source.frame(hall.now_us)[0], source.frame(hall.now_us)[0]
        hall.route([(sink, source), (keeper, source)])
        hall.put(source.end, late)
        hall.put(source.end, early)
        hall.deliver()
        assert digests(sink) == [sent(source)[2]]
        assert sink.repeats == 0  # nor does it leave under a number that was used
        assert sorted(digests(keeper)) == sorted(sent(source))

    def test_order_of_introduction_does_not_matter(self) -> None:
        hall = Hall()
        end, far = hall.end(opened=False), hall.end(opened=False)
        sink, source = hall.sink("video", far), hall.source("video", end)
        hall.forwarder.remove_slot(sink.slot().slot)
        hall.forwarder.remove_uplink(source.track)
        hall.route([(sink, source)])
        hall.forwarder.add_slot(sink.slot())
        hall.forwarder.add_uplink(source.uplink())
        hall.open(far)
        hall.open(end)
        hall.deliver()
        assert source.rtcp_in["pli"] == 1
        hall.frame()
        assert digests(sink) == sent(source)

    def test_a_slot_that_moved_to_another_room_is_not_taken_away_by_the_old_one(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)], room="joint")
        hall.route([(sink, source)], room="caucus")
        hall.route([], room="joint")
        hall.frame()
        assert digests(sink) == sent(source)
        hall.route([], room="caucus")
        hall.frame()
        assert len(sink.got) == 1

    def test_removed_and_known_again_the_slot_goes_on(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        hall.forwarder.remove_slot(sink.slot().slot)
        hall.frame()
        hall.forwarder.add_slot(sink.slot())
        hall.frame()
        assert digests(sink) == [sent(source)[0], sent(source)[2]]
        # No number may be used twice under one key.
        assert sink.got[1].seq == (sink.got[0].seq + 1) & 0xFFFF

    def test_close_peer_forgets_and_keeps_the_sums(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        hall.forwarder.close_peer(source.end.peer)
        hall.forwarder.close_peer(sink.end.peer)
        hall.forwarder.close_peer(sink.end.peer)
        counters = hall.forwarder.counters()
        assert (counters.packets_in, counters.packets_out) == (1, 1)
        assert (counters.peers, counters.tracks) == ({}, {})
        hall.put(source.end, source.frame(hall.now_us)[0])
        assert len(hall.forwarder.unknown_sources()) == 1


def test_unknown_names_in_tables_are_harmless() -> None:
    hall = Hall()
    hall.forwarder.apply(
        "room", RoutingTable({SlotId(1234): TrackId("nothing")}, frozenset({TrackId("none")}))
    )
    source, sink = hall.source("audio"), hall.sink("audio")
    hall.route([(sink, source)])
    hall.frame()
    assert digests(sink) == sent(source)
