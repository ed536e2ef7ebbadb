"""The book of routes, over several rooms."""

from hypothesis import given
from hypothesis import strategies as st

from conference.ids import TrackId
from conference.media.forwarder.api import RoutingTable, SlotId
from conference.media.forwarder.routes import RouteBook

TRACKS = [TrackId(name) for name in "abc"]
TABLES = st.builds(
    RoutingTable,
    routes=st.dictionaries(st.integers(1, 5).map(SlotId), st.sampled_from(TRACKS)),
    recorded=st.frozensets(st.sampled_from(TRACKS)),
)


def table(routes: dict[int, str], recorded: str = "") -> RoutingTable:
    return RoutingTable(
        {SlotId(slot): TrackId(track) for slot, track in routes.items()},
        frozenset(TrackId(track) for track in recorded),
    )


class TestRouteBook:
    def test_what_changes(self) -> None:
        book = RouteBook()
        assert book.set("r", table({1: "a", 2: "b"}, "a")) == ({1, 2}, {"a"})
        assert book.set("r", table({1: "a", 2: "c"}, "ac")) == ({2}, {"c"})
        assert book.set("r", table({1: "a", 2: "c"}, "ac")) == (set(), set())
        assert book.set("r", table({})) == ({1, 2}, {"a", "c"})

    def test_the_room_that_names_a_slot_last_has_it(self) -> None:
        book = RouteBook()
        book.set("joint", table({1: "a"}))
        book.set("caucus", table({1: "b"}))
        assert book.set("joint", table({})) == (set(), set())
        assert book.track_of(SlotId(1)) == "b"

    @given(st.lists(st.tuples(st.sampled_from("xy"), TABLES), max_size=20))
    def test_both_directions_agree(self, steps: list[tuple[str, RoutingTable]]) -> None:
        book = RouteBook()
        for room, given_table in steps:
            before = {slot: book.track_of(SlotId(slot)) for slot in range(1, 6)}
            changed, _ = book.set(room, given_table)
            after = {slot: book.track_of(SlotId(slot)) for slot in range(1, 6)}
            assert changed == {slot for slot in after if before[slot] != after[slot]}
            for slot, track in given_table.routes.items():
                assert book.track_of(slot) == track
            for track in TRACKS:
                slots = {slot for slot, carried in after.items() if carried == track}
                assert set(book.slots_of(track)) == slots
        last = {room: given_table for room, given_table in steps}
        for track in TRACKS:
            assert book.recorded(track) == any(track in t.recorded for t in last.values())
