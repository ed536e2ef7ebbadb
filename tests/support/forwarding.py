"""A forwarder with ends around it, in virtual time: `Hall` delivers at once, without loss."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from conference.ids import TrackId
from conference.media.forwarder.api import Address, Datagram, Kind, RoutingTable, SlotId
from conference.media.forwarder.pure import PureForwarder
from tests.support.rtp_ends import End, Sink, Source

START_US = 5_000_000_000


@dataclass
class Recorder:
    """A packet sink that keeps what it is given."""

    packets: list[tuple[TrackId, int, bytes, bool]] = field(default_factory=list)

    def packet(self, track: TrackId, arrival_us: int, data: Datagram, rtcp: bool) -> None:
        self.packets.append((track, arrival_us, bytes(data), rtcp))


class Hall:
    """Publishers and subscribers around one forwarder."""

    def __init__(self, seed: int = 1) -> None:
        self.now_us = START_US
        self.recorder = Recorder()
        self.full = False
        """The socket takes nothing."""
        self.sent: list[tuple[bytes, Address]] = []
        self.forwarder = PureForwarder(self._send, self.recorder, random.Random(seed))
        self.sources: list[Source] = []
        self.sinks: list[Sink] = []
        self.ends: dict[Address, End] = {}
        self._numbers = 0

    def _send(self, datagram: Datagram, address: Address) -> bool:
        if self.full:
            return False
        self.sent.append((bytes(datagram), address))
        return True

    def end(self, opened: bool = True, profile: str = "AEAD_AES_256_GCM") -> End:
        self._numbers += 1
        end = End(self._numbers, profile)
        self.ends[end.address] = end
        if opened:
            self.open(end)
        return end

    def open(self, end: End, cap_bps: int = 1_500_000) -> None:
        self.forwarder.open_peer(end.peer, end.keys, cap_bps)
        self.forwarder.move_peer(end.peer, end.address)

    def source(self, kind: Kind = "video", end: End | None = None, **more: Any) -> Source:
        self._numbers += 1
        number = self._numbers
        track = TrackId(f"track{number}")
        source = Source(end or self.end(), kind, 1000 * number, track, **more)
        self.sources.append(source)
        self.forwarder.add_uplink(source.uplink())
        return source

    def sink(self, kind: Kind = "video", end: End | None = None, **more: Any) -> Sink:
        self._numbers += 1
        number = self._numbers
        sink = Sink(end or self.end(), kind, 1000 * number, number, **more)
        self.sinks.append(sink)
        self.forwarder.add_slot(sink.slot())
        return sink

    def route(
        self,
        pairs: Iterable[tuple[Sink, Source]],
        recorded: Iterable[Source] = (),
        room: str = "room",
    ) -> None:
        routes = {SlotId(sink.slot_id): source.track for sink, source in pairs}
        tracks = frozenset(source.track for source in recorded)
        self.forwarder.apply(room, RoutingTable(routes, tracks))

    def put(self, end: End, packet: bytes, address: Address | None = None) -> None:
        """One plaintext packet from this end reaches the server."""
        self.forwarder.receive(end.protect(packet), address or end.address, self.now_us)

    def deliver(self) -> None:
        """Everything the server has sent reaches its ends; publishers answer."""
        while self.sent:
            datagram, address = self.sent.pop(0)
            self.arrive(self.ends[address], datagram)

    def arrive(self, end: End, datagram: bytes) -> None:
        """One datagram of the server reaches its end."""
        data = end.unprotect(datagram)
        if data is None:
            return
        if 192 <= data[1] <= 223:
            self._deliver_rtcp(end, data)
            return
        for sink in self.sinks:
            if sink.end is end:
                sink.on_rtp(data, self.now_us)

    def _deliver_rtcp(self, end: End, data: bytes) -> None:
        for source in self.sources:
            if source.end is end:
                for answer in source.on_rtcp(data):
                    self.put(end, answer)
        for sink in self.sinks:
            if sink.end is end:
                sink.on_rtcp(data, self.now_us)

    def frame(self, *sources: Source, step_us: int = 33_333) -> None:
        """Each source sends a frame, which arrives; then time passes."""
        for source in sources or self.sources:
            for packet in source.frame(self.now_us):
                self.put(source.end, packet)
        self.deliver()
        self.advance(step_us)

    def advance(self, us: int) -> None:
        """Time passes in ticks of 20 ms."""
        until = self.now_us + us
        while self.now_us < until:
            self.now_us = min(until, self.now_us + 20_000)
            self.forwarder.tick(self.now_us)
            self.deliver()


def digests(sink: Sink) -> list[str]:
    """What reached the slot, in the order of arrival."""
    return [got.digest for got in sink.got]


def sent(source: Source) -> list[str]:
    """What the track sent, in order."""
    return [packet.digest for packet in source.sent]
