"""The pure forwarder: whose a packet is, by address and SSRC."""

import pytest

from conference.media.forwarder.api import Kind, UnknownSource
from tests.support.forwarding import Hall, digests, sent
from tests.support.rtp_packets import rtp, sender_report


class TestSources:
    def test_unknown_address_is_noted_not_forwarded(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        elsewhere = ("10.9.9.9", 4242)
        hall.put(source.end, source.frame(hall.now_us)[0], elsewhere)
        hall.put(source.end, sender_report(source.ssrc, 1, 1), elsewhere)
        assert hall.forwarder.unknown_sources() == [
            UnknownSource(elsewhere, source.ssrc, False),
            UnknownSource(elsewhere, source.ssrc, True),
        ]
        assert hall.forwarder.unknown_sources() == []
        hall.deliver()
        assert sink.got == []

    def test_notes_are_bounded_and_the_oldest_goes_first(self) -> None:
        hall = Hall()
        for port in range(1000):
            hall.forwarder.receive(bytes([128, 96]) + bytes(30), ("10.0.0.9", port), 1)
        noted = hall.forwarder.unknown_sources()
        assert [source.address[1] for source in noted] == list(range(936, 1000))

    def test_a_foreign_ssrc_is_not_accepted(self) -> None:
        hall = Hall()
        source, sink, thief = hall.source("audio"), hall.sink("audio"), hall.end()
        hall.route([(sink, source)], recorded=[source])
        hall.frame()
        hall.put(thief, rtp((111, source.seq, 0, source.ssrc), b"not his"))
        hall.put(thief, sender_report(source.ssrc, 1, 1))
        hall.deliver()
        assert digests(sink) == sent(source)
        assert len(hall.recorder.packets) == 1
        assert hall.forwarder.counters().dropped["unknown_ssrc"] == 1

    def test_moved_address(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        hall.frame()
        old, new = sink.end.address, ("10.0.0.2", 7)
        hall.ends[new] = sink.end
        hall.forwarder.move_peer(sink.end.peer, new)
        hall.frame()
        assert len(sink.got) == 2
        hall.put(sink.end, sink.receiver_report(hall.now_us), old)
        assert [source.address for source in hall.forwarder.unknown_sources()] == [old]

    def test_an_address_taken_over_by_another_peer(self) -> None:
        hall = Hall()
        source, sink, other = hall.source("audio"), hall.sink("audio"), hall.end()
        hall.route([(sink, source)])
        hall.forwarder.move_peer(other.peer, sink.end.address)
        hall.frame()
        assert sink.got == []
        assert hall.forwarder.counters().dropped["not_connected"] == 1

    @pytest.mark.parametrize("kind", ["audio", "video"])
    def test_ssrc_is_learnt_from_the_mid(self, kind: Kind) -> None:
        hall = Hall()
        source = hall.source(kind, mid="7", declared=False)
        hall.source("video", source.end, mid="8", declared=False)
        sink = hall.sink(kind)
        hall.route([(sink, source)])
        for _ in range(3):
            hall.frame(source)
        assert digests(sink) == sent(source)
        packets = source.frame(hall.now_us)
        packets += source.frame(hall.now_us)
        hall.put(source.end, packets[-1])
        hall.deliver()
        assert sorted(digests(sink)) == sorted(sent(source))

    def test_ssrc_is_learnt_from_a_payload_type_of_its_own(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio", declared=False), hall.sink("audio")
        hall.route([(sink, source)])
        hall.put(source.end, rtp((111, 1, 0, 99), b"sound"))
        hall.put(source.end, rtp((111, 2, 0, 98), b"another"))
        hall.deliver()
        assert len(sink.got) == 1

    def test_a_new_ssrc_with_the_same_mid_begins_anew(self) -> None:
        hall = Hall()
        source, sink = hall.source("video", mid="7", declared=False), hall.sink()
        hall.route([(sink, source)])
        hall.frame()
        hall.frame()
        source.ssrc, source.seq, source.keyframe_wanted = 424_242, 60_000, True
        hall.frame()
        assert digests(sink) == sent(source)
        seqs = [got.seq for got in sink.got]
        assert [(seq - seqs[0]) & 0xFFFF for seq in seqs] == list(range(9))

    def test_replays_and_forgeries_are_counted_apart(self) -> None:
        hall = Hall()
        source, sink = hall.source("audio"), hall.sink("audio")
        hall.route([(sink, source)])
        datagram = source.end.protect(source.frame(hall.now_us)[0])
        hall.forwarder.receive(datagram, source.end.address, hall.now_us)
        hall.forwarder.receive(datagram, source.end.address, hall.now_us)
        fresh = source.end.protect(source.frame(hall.now_us)[0])
        forged = fresh[:-1] + bytes([fresh[-1] ^ 1])
        hall.forwarder.receive(forged, source.end.address, hall.now_us)
        dropped = hall.forwarder.counters().dropped
        assert (dropped["replay"], dropped["auth"]) == (1, 1)

    def test_last_heard(self) -> None:
        hall = Hall()
        source = hall.source("audio")
        assert hall.forwarder.last_heard_us(source.end.peer) is None
        at = hall.now_us
        hall.frame()
        assert hall.forwarder.last_heard_us(source.end.peer) == at
        hall.forwarder.receive(bytes([128, 111]) + bytes(40), source.end.address, hall.now_us)
        assert hall.forwarder.last_heard_us(source.end.peer) == at
