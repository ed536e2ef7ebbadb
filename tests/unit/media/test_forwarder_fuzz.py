"""Garbage from strangers and from peers: nothing raises, nothing stops, nothing piles up."""

import random
from collections.abc import Callable

import pytest

from tests.support.forwarding import Hall, digests, sent
from tests.support.rtp_ends import Sink, Source
from tests.support.rtp_packets import fir, nack, ntp, pli, rtp, sender_report

Call = Callable[[], None]


def running_hall() -> Hall:
    hall = Hall()
    for kind in ("video", "audio"):
        source = hall.source(kind)
        hall.route([(hall.sink(kind), source)], recorded=[source], room=kind)
    return hall


def test_strangers() -> None:
    """20,000 datagrams from known and unknown addresses, without a key."""
    hall = running_hall()
    chance = random.Random(7)
    addresses = [*hall.ends, ("10.66.0.1", 66), ("", 0)]
    for number in range(20_000):
        datagram = chance.randbytes(chance.choice([0, 1, 2, 11, 12, 13, 30, 300, 2048, 5000]))
        if number % 2 and len(datagram) > 2:
            datagram = bytes([0x80 | datagram[0] & 0x3F]) + datagram[1:]
        view = memoryview(bytearray(datagram)) if number % 3 else datagram
        hall.forwarder.receive(view, chance.choice(addresses), hall.now_us)
        if number % 500 == 0:
            hall.frame()
    for _ in range(3):
        hall.frame()
    for source, sink in zip(hall.sources, hall.sinks, strict=True):
        assert digests(sink) == sent(source)
    assert len(hall.forwarder.unknown_sources()) <= 64


def mutated(chance: random.Random, packet: bytes) -> bytes:
    data = bytearray(packet)
    for _ in range(chance.randrange(4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.3:
        del data[chance.randrange(2, len(data)) :]
    return bytes(data)


def candidates(chance: random.Random, source: Source) -> list[bytes]:
    header = (chance.choice([96, 97, 111, 120]), chance.randrange(65_536), 5, source.ssrc)
    rtx = (97, chance.randrange(65_536), 5, source.ssrc + 1)
    return [
        rtp(header, chance.randbytes(20), elements={4: b"0", 1: b"x"}, padding=4),
        rtp(rtx, chance.randbytes(20)),
        sender_report(source.ssrc, ntp(chance.randrange(2**40)), chance.randrange(2**32)),
        nack(source.ssrc, [chance.randrange(65_536) for _ in range(10)]),
        pli(source.ssrc) + fir(source.ssrc),
        b"\x81\xcb\x00\x01" + source.ssrc.to_bytes(4, "big"),
        chance.randbytes(40),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_peers_with_a_key(seed: int) -> None:
    """Authentic nonsense from a publisher and a subscriber does not harm the other room."""
    hall = Hall()
    chance = random.Random(seed)
    bad, bad_sink = hall.source("video"), hall.sink("video")
    good, good_sink = hall.source("video"), hall.sink("video")
    hall.route([(bad_sink, bad)], recorded=[bad], room="bad")
    hall.route([(good_sink, good)], room="good")
    for number in range(6000):
        end = chance.choice([bad.end, bad_sink.end])
        packet = mutated(chance, chance.choice(candidates(chance, bad)))
        if len(packet) >= 12 and packet[0] >> 6 == 2:
            try:
                datagram = end.protect(packet)
            except Exception:  # libsrtp refuses to protect some of it
                continue
            hall.forwarder.receive(datagram, end.address, hall.now_us)
        if number % 50 == 0:
            hall.sent = [item for item in hall.sent if item[1] in (
                good.end.address, good_sink.end.address)]  # fmt: skip
            hall.frame(good)
    assert digests(good_sink) == sent(good)
    assert good_sink.repeats == 0
    dropped = hall.forwarder.counters().dropped
    assert dropped["malformed_rtcp"] > 100
    assert dropped["unknown_ssrc"] > 100


def calls(hall: Hall, source: Source, sink: Sink, chance: random.Random) -> list[Call]:
    """What the service or the network may do next."""
    forwarder, end = hall.forwarder, chance.choice([source.end, sink.end])
    return [
        lambda: forwarder.close_peer(end.peer),
        lambda: hall.open(end),
        lambda: forwarder.open_peer(end.peer, end.keys, 1),
        lambda: forwarder.move_peer(end.peer, ("10.1.1.1", chance.randrange(3))),
        lambda: forwarder.add_uplink(source.uplink()),
        lambda: forwarder.remove_uplink(source.track),
        lambda: forwarder.add_slot(sink.slot()),
        lambda: forwarder.remove_slot(sink.slot().slot),
        lambda: hall.route([(sink, source)], [source], chance.choice("ab")),
        lambda: hall.route([], room=chance.choice("ab")),
        lambda: forwarder.rtt_hint(end.peer, 5),
        lambda: forwarder.tick(hall.now_us),
        lambda: hall.put(source.end, source.frame(hall.now_us)[0]),
    ]


def test_any_call_in_any_order() -> None:
    chance = random.Random(3)
    hall = Hall()
    sources = [hall.source("audio") for _ in range(3)]
    sinks = [hall.sink("audio") for _ in range(3)]
    for _ in range(6000):
        whom = (hall, chance.choice(sources), chance.choice(sinks), chance)
        chance.choices(calls(*whom), weights=[1, 4, 1, 1, 4, 1, 4, 1, 8, 1, 1, 4, 20])[0]()
        hall.now_us += 1000
        hall.sent.clear()
    counters = hall.forwarder.counters()
    assert counters.packets_in > 200
    assert counters.packets_out > 50
