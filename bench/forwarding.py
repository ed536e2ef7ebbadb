"""CPU time of the forwarder per packet that leaves it: the way from one datagram to its copies.

One publisher of video (1124 bytes a packet, AES-256-GCM), 1, 4 and 9 subscribers.  `forwarder_us`
is the forwarder alone; `with_sendto_us` adds a real UDP socket on loopback, the kernel's work
included.  Medians of several runs of processor time; compare figures of one run only.
"""

import platform
import random
import socket
import statistics
import time

from conference.ids import TrackId
from conference.media.forwarder.api import Address, Datagram, RoutingTable, Send, SlotId
from conference.media.forwarder.pure import PureForwarder
from tests.support.rtp_ends import End, Sink, Source

FAN_OUTS = (1, 4, 9)
PACKETS = 6000
RUNS = 5
PACKET_US = 3_333
"""300 packets a second, as far as the forwarder can tell."""


def measure() -> dict[str, object]:
    """µs per forwarded packet by fan-out."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiving,
    ):
        receiving.bind(("127.0.0.1", 0))
        target = receiving.getsockname()

        def to_kernel(datagram: Datagram, address: Address) -> bool:
            sending.sendto(datagram, target)
            return True

        rows = [
            {
                "fan_out": fan_out,
                "forwarder_us": median_us(fan_out, lambda datagram, address: True),
                "with_sendto_us": median_us(fan_out, to_kernel),
            }
            for fan_out in FAN_OUTS
        ]
    return {
        "bench": "forwarding",
        "tier": "pure",
        "python": platform.python_version(),
        "packet_bytes": 1124,
        "profile": "AEAD_AES_256_GCM",
        "rows": rows,
    }


def median_us(fan_out: int, send: Send) -> float:
    """Processor time per forwarded packet."""
    return round(statistics.median(run(fan_out, send) for _ in range(RUNS)), 2)


def run(fan_out: int, send: Send) -> float:
    """One run of a fresh forwarder."""
    forwarder = PureForwarder(send, None, random.Random(1))
    source = Source(End(1), "video", 1000, TrackId("camera"), packets_per_frame=6, size=1096)
    sinks = [Sink(End(2 + n), "video", 2000 + 2 * n, n) for n in range(fan_out)]
    for end in [source.end, *(sink.end for sink in sinks)]:
        forwarder.open_peer(end.peer, end.keys, 1_500_000)
        forwarder.move_peer(end.peer, end.address)
    forwarder.add_uplink(source.uplink())
    for sink in sinks:
        forwarder.add_slot(sink.slot())
    routes = {SlotId(sink.slot_id): source.track for sink in sinks}
    forwarder.apply("room", RoutingTable(routes, frozenset()))
    datagrams = [source.end.protect(packet) for packet in packets(source)]
    began = time.process_time()
    for number, datagram in enumerate(datagrams):
        forwarder.receive(datagram, source.end.address, number * PACKET_US)
    spent = time.process_time() - began
    counters = forwarder.counters()
    if counters.packets_out != fan_out * PACKETS or counters.lost_in_server:
        raise RuntimeError(f"not everything was forwarded: {counters}")
    return spent / counters.packets_out * 1e6


def packets(source: Source) -> list[bytes]:
    """`PACKETS` packets of the source's stream."""
    return [packet for _ in range(PACKETS // 6) for packet in source.frame(0)]
