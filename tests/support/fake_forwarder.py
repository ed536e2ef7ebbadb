"""A forwarder that forwards nothing and remembers what it was told."""

from conference.ids import TrackId
from conference.media.forwarder.api import (
    Address,
    Datagram,
    ForwarderCounters,
    PeerId,
    RoutingTable,
    Slot,
    SlotId,
    SrtpKeys,
    UnknownSource,
    Uplink,
)


class FakeForwarder:
    """Keeps peers, uplinks, slots and the last table of each room."""

    def __init__(self) -> None:
        self.opened: dict[PeerId, int] = {}
        self.addresses: dict[PeerId, Address] = {}
        self.uplinks: dict[TrackId, Uplink] = {}
        self.slots: dict[SlotId, Slot] = {}
        self.tables: dict[str, RoutingTable] = {}
        self.received: list[tuple[bytes, Address]] = []
        self.unknown: list[UnknownSource] = []
        self.heard: dict[PeerId, int] = {}
        self.rtts: dict[PeerId, int] = {}
        self.hints: dict[PeerId, int] = {}

    def open_peer(self, peer: PeerId, keys: SrtpKeys, cap_bps: int) -> None:
        self.opened[peer] = cap_bps

    def move_peer(self, peer: PeerId, address: Address) -> None:
        self.addresses[peer] = address

    def close_peer(self, peer: PeerId) -> None:
        self.opened.pop(peer, None)
        self.addresses.pop(peer, None)
        self.uplinks = {key: each for key, each in self.uplinks.items() if each.peer != peer}
        self.slots = {key: each for key, each in self.slots.items() if each.peer != peer}

    def add_uplink(self, uplink: Uplink) -> None:
        self.uplinks[uplink.track] = uplink

    def remove_uplink(self, track: TrackId) -> None:
        self.uplinks.pop(track, None)

    def add_slot(self, slot: Slot) -> None:
        self.slots[slot.slot] = slot

    def remove_slot(self, slot: SlotId) -> None:
        self.slots.pop(slot, None)

    def apply(self, room: str, table: RoutingTable) -> None:
        self.tables[room] = table

    def receive(self, datagram: Datagram, address: Address, now_us: int) -> None:
        self.received.append((bytes(datagram), address))

    def tick(self, now_us: int) -> None:
        pass

    def unknown_sources(self) -> list[UnknownSource]:
        unknown, self.unknown = self.unknown, []
        return unknown

    def last_heard_us(self, peer: PeerId) -> int | None:
        return self.heard.get(peer)

    def rtt_us(self, peer: PeerId) -> int | None:
        return self.rtts.get(peer)

    def rtt_hint(self, peer: PeerId, rtt_us: int) -> None:
        self.hints[peer] = rtt_us

    def counters(self) -> ForwarderCounters:
        return ForwarderCounters()
