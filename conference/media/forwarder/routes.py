"""Which slot carries which track, over all rooms, and what a new table changes."""

from __future__ import annotations

from conference.ids import TrackId
from conference.media.forwarder.api import RoutingTable, SlotId

_EMPTY = RoutingTable(routes={}, recorded=frozenset())


class RouteBook:
    """The tables of all rooms as one map.

    A slot that moves between rooms belongs to the room that named it last; the other room's next
    table does not take it away.
    """

    def __init__(self) -> None:
        self._tables: dict[str, RoutingTable] = {}
        self._routes: dict[SlotId, tuple[str, TrackId]] = {}
        self._slots: dict[TrackId, dict[SlotId, None]] = {}

    def set(self, room: str, table: RoutingTable) -> tuple[set[SlotId], set[TrackId]]:
        """Take the room's table; the slots and the recorded tracks for which it changes things."""
        old = self._tables.get(room, _EMPTY)
        if table.routes or table.recorded:
            self._tables[room] = table
        else:
            self._tables.pop(room, None)
        changed = set()
        for slot in old.routes.keys() | table.routes.keys():
            before = self.track_of(slot)
            self._set(room, slot, table.routes.get(slot))
            if self.track_of(slot) != before:
                changed.add(slot)
        return changed, set(old.recorded ^ table.recorded)

    def track_of(self, slot: SlotId) -> TrackId | None:
        """The track the slot shall carry."""
        found = self._routes.get(slot)
        return None if found is None else found[1]

    def slots_of(self, track: TrackId) -> list[SlotId]:
        """The slots that shall carry the track."""
        return list(self._slots.get(track, ()))

    def recorded(self, track: TrackId) -> bool:
        """Whether any room records the track."""
        return any(track in table.recorded for table in self._tables.values())

    def _set(self, room: str, slot: SlotId, track: TrackId | None) -> None:
        current = self._routes.get(slot)
        if track is None and current is not None and current[0] != room:
            return
        if current is not None:
            del self._routes[slot]
            slots = self._slots[current[1]]
            del slots[slot]
            if not slots:
                del self._slots[current[1]]
        if track is not None:
            self._routes[slot] = (room, track)
            self._slots.setdefault(track, {})[slot] = None
