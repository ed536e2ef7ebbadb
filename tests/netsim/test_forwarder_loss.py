"""The pure forwarder on bad lines: virtual time, seeded loss, the same figures on every run."""

import pytest

from tests.netsim.lossy_hall import Line, LossyHall
from tests.support.rtp_ends import Sink, Source

RURAL = Line(loss=0.05, delay_us=40_000)
"""5 % each way, 40 ms each way: a packet passes two such lines."""


def arrivals_us(source: Source, sink: Sink) -> list[int | None]:
    """For each packet from the first keyframe that reached the slot on: how long it travelled."""
    arrived = {got.digest: got.at_us for got in sink.got}
    first = next(i for i, packet in enumerate(source.sent) if packet.digest in arrived)
    return [
        arrived[packet.digest] - packet.at_us if packet.digest in arrived else None
        for packet in source.sent[first:]
    ]


def within(travelled: list[int | None], us: int) -> float:
    return sum(1 for t in travelled if t is not None and t <= us) / len(travelled)


def test_a_perfect_line_delivers_all_at_once() -> None:
    hall = LossyHall(Line(loss=0, delay_us=40_000), seed=1)
    source, sink = hall.source(), hall.sink()
    hall.route([(sink, source)])
    hall.run(5_000_000)
    hall.run(200_000, sending=False)
    assert arrivals_us(source, sink) == [80_000] * len(arrivals_us(source, sink))
    assert sink.repeats == 0
    assert source.rtcp_in["nack"] == 0


@pytest.mark.parametrize("seed", range(4))
def test_pictures_on_a_rural_line(seed: int) -> None:
    hall = LossyHall(RURAL, seed)
    source = hall.source("video", packets_per_frame=5)
    sinks = [hall.sink(), hall.sink()]
    hall.route([(sink, source) for sink in sinks])
    hall.run(20_000_000)
    hall.run(2_000_000, sending=False)
    for sink in sinks:
        travelled = arrivals_us(source, sink)
        assert len(travelled) > 2800
        assert within(travelled, 1_000_000) >= 0.995
    counters = hall.forwarder.counters()
    assert counters.lost_in_server == 0
    # Repair must not become a load of its own: about 5 % of the packets are lost on each line,
    # and of the answers 5 % again.
    packets = counters.tracks[source.track].packets_in
    assert counters.rtx_in < 0.12 * packets
    assert counters.rtx_out < 2 * 0.12 * packets


@pytest.mark.parametrize("seed", range(2))
def test_sound_on_a_rural_line(seed: int) -> None:
    """Subscribers that ask for sound (Chromium does) get nearly all of it."""
    hall = LossyHall(RURAL, seed)
    source, sink = hall.source("audio"), hall.sink("audio")
    hall.route([(sink, source)])
    hall.run(20_000_000)
    hall.run(2_000_000, sending=False)
    assert within(arrivals_us(source, sink), 500_000) >= 0.98


def test_every_packet_is_recorded_once_however_bad_the_line() -> None:
    hall = LossyHall(RURAL, seed=5)
    source = hall.source("video")
    hall.route([], recorded=[source])
    hall.run(20_000_000)
    hall.run(2_000_000, sending=False)
    recorded = [data for *_, data, is_rtcp in hall.recorder.packets if not is_rtcp]
    assert len(recorded) == len(set(recorded))
    assert len(recorded) >= 0.999 * len(source.sent)


def test_the_round_trip_is_known_from_reports() -> None:
    hall = LossyHall(Line(loss=0, delay_us=40_000), seed=1)
    source, sink = hall.source(), hall.sink()
    hall.route([(sink, source)])
    hall.run(5_000_000)
    assert hall.forwarder.rtt_us(sink.end.peer) == pytest.approx(80_000, abs=2000)


def test_spacing_by_the_round_trip_on_a_long_line() -> None:
    """With the round trip known, no packet is asked for again while its answer is under way."""
    waste = {}
    for hinted in (False, True):
        hall = LossyHall(Line(loss=0.02, delay_us=150_000), seed=3)
        source, sink = hall.source(), hall.sink(rtt_us=300_000)
        hall.route([(sink, source)])
        if hinted:
            hall.forwarder.rtt_hint(source.end.peer, 300_000)
        hall.run(10_000_000)
        hall.run(2_000_000, sending=False)
        assert within(arrivals_us(source, sink), 2_000_000) >= 0.99
        waste[hinted] = hall.forwarder.counters().dropped["probe"]
    assert waste[True] < waste[False] / 4


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_starts_soon_on_a_bad_line(seed: int) -> None:
    """The request, the keyframe's packets and their retransmissions all cross the bad line."""
    hall = LossyHall(Line(loss=0.1, delay_us=50_000), seed)
    source, keeper, sink = hall.source(), hall.sink(), hall.sink()
    hall.route([(keeper, source)])
    hall.run(3_000_000)
    hall.route([(keeper, source), (sink, source)])
    began = hall.now_us
    hall.run(4_000_000)
    first = sink.got[0]
    assert first.at_us - began < 2_300_000
    start = next(i for i, packet in enumerate(source.sent) if packet.digest == first.digest)
    # Its very first packet may have been lost on the way down.
    assert any(packet.keyframe for packet in source.sent[start - 2 : start + 1])
