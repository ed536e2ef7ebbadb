"""The tap: batches, drops that are counted, and nothing that reaches the media path."""

import socket
from collections.abc import Callable, Iterator

import pytest

from conference.ids import TrackId
from conference.recording import wire
from conference.recording.packet_journal import packets
from conference.recording.tap import BATCH_SECONDS, Tap, socket_pair

VOICE, PICTURE = TrackId("voice"), TrackId("picture")


class Desk:
    """A tap, the other end of its socket, and a timer turned by hand."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], object]]] = []
        self.tap = Tap(lambda seconds, call: self.due.append((seconds, call)))
        self.ours, self.theirs, self.granted = socket_pair()
        self.tap.attach(self.ours)
        self.tap.open(VOICE, 1)
        self.tap.open(PICTURE, 2)

    def timer(self) -> None:
        due, self.due = self.due, []
        for seconds, call in due:
            assert seconds == BATCH_SECONDS
            call()

    def messages(self) -> Iterator[bytes]:
        while True:
            try:
                message = self.theirs.recv(wire.MAX_MESSAGE)
            except BlockingIOError:
                return
            if not message:
                return
            yield message

    def arrived(self) -> dict[int, list[bytes]]:
        """The packets in the socket, by track number."""
        found: dict[int, list[bytes]] = {}
        for message in self.messages():
            if message[0] == wire.PACKETS:
                for track, count, first_us, last_us, records in wire.sections(memoryview(message)):
                    group = list(packets(bytes(records)))
                    assert len(group) == count
                    assert (group[0].arrival_us, group[-1].arrival_us) == (first_us, last_us)
                    found.setdefault(track, []).extend(p.data for p in group)
        return found


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.ours.close()
    desk.theirs.close()


def test_a_batch_goes_out_after_its_time_and_keeps_the_order(desk: Desk) -> None:
    for n in range(3):
        desk.tap.packet(VOICE, n, bytes([n]), False)
        desk.tap.packet(PICTURE, n, memoryview(bytes([n, n])), n == 1)
    assert desk.arrived() == {}
    assert len(desk.due) == 1, "one timer for the batch"
    desk.timer()
    assert desk.arrived() == {1: [b"\0", b"\1", b"\2"], 2: [b"\0\0", b"\1\1", b"\2\2"]}
    assert desk.tap.handed_over == 6
    desk.timer()
    assert not desk.due, "nothing runs while nothing comes"


def test_a_full_batch_does_not_wait(desk: Desk) -> None:
    for n in range(40):
        desk.tap.packet(PICTURE, n, bytes(1200), False)
    sizes = [len(message) for message in desk.messages()]
    assert len(sizes) == 1 and 30_000 < sizes[0] <= wire.BATCH_BYTES + 1500


def test_the_bytes_are_copied(desk: Desk) -> None:
    datagram = bytearray(b"first")
    desk.tap.packet(VOICE, 1, memoryview(datagram), False)
    datagram[:] = b"other"
    desk.tap.flush()
    assert desk.arrived() == {1: [b"first"]}


def test_a_closed_track_hands_over_what_came_before_and_no_more(desk: Desk) -> None:
    desk.tap.packet(VOICE, 1, b"before", False)
    desk.tap.close(VOICE)
    desk.tap.packet(VOICE, 2, b"after", False)
    desk.timer()
    assert desk.arrived() == {1: [b"before"]}


def test_an_order_comes_behind_the_packets_before_it(desk: Desk) -> None:
    desk.tap.packet(VOICE, 1, b"x", False)
    desk.tap.order({"type": "close_take", "take": "t", "mono_us": 2})
    first, second = desk.messages()
    assert first[0] == wire.PACKETS
    assert wire.read_control(second)["type"] == "close_take"


def test_a_receiver_stalled_for_a_second_loses_nothing(desk: Desk) -> None:
    """Six 720p tracks at 1.5 Mb/s with their sound, a batch each 20 ms, nobody reads."""
    for tick in range(50):
        for n in range(20):
            desk.tap.packet(PICTURE, tick, bytes(1200), False)
            if n < 6:
                desk.tap.packet(VOICE, tick, bytes(90), False)
        desk.timer()
    assert desk.tap.take_dropped() == []
    assert {track: len(group) for track, group in desk.arrived().items()} == {1: 300, 2: 1000}


def fill(desk: Desk) -> int:
    """Packets until the socket is full; how many were dropped."""
    for n in range(20_000):
        desk.tap.packet(PICTURE, n, bytes(1200), False)
    desk.tap.flush()
    dropped = desk.tap.take_dropped()
    assert [drop.track for drop in dropped] == [PICTURE]
    assert dropped[0].first_us < dropped[0].last_us == 19_999
    return dropped[0].packets


def test_a_full_socket_counts_what_it_drops(desk: Desk) -> None:
    dropped = fill(desk)
    assert desk.tap.take_dropped() == []
    arrived = desk.arrived()[2]
    assert dropped and len(arrived) + dropped == 20_000
    assert len(arrived) * 1200 > 3_000_000, "the socket holds seconds, not moments"


def test_an_order_waits_for_room_and_packets_do_not_overtake_it(desk: Desk) -> None:
    fill(desk)
    desk.tap.order({"type": "mark", "mono_us": 1, "filler": "x" * 40_000})
    desk.tap.packet(VOICE, 1, b"behind", False)
    desk.timer()
    assert [drop.track for drop in desk.tap.take_dropped()] == [VOICE]
    list(desk.messages())
    desk.timer()
    desk.tap.packet(VOICE, 2, b"later", False)
    desk.tap.flush()
    order, packet = desk.messages()
    assert wire.read_control(order)["type"] == "mark"
    assert packet[0] == wire.PACKETS


def test_without_a_writer_packets_of_open_tracks_are_counted(desk: Desk) -> None:
    desk.theirs.close()
    desk.tap.packet(VOICE, 1, b"x", False)
    desk.tap.flush()
    assert desk.tap.take_dropped() == [], "it is not yet known why"
    desk.tap.detach()
    desk.tap.packet(VOICE, 2, b"x", False)
    desk.tap.order({"type": "mark", "mono_us": 1})
    desk.tap.flush()
    (drop,) = desk.tap.take_dropped()
    assert (drop.packets, drop.first_us, drop.last_us) == (2, 1, 2)


def test_another_writer_knows_no_track(desk: Desk) -> None:
    desk.tap.packet(VOICE, 1, b"x", False)
    desk.tap.attach(desk.ours)
    desk.tap.packet(VOICE, 2, b"x", False)
    desk.tap.flush()
    assert desk.arrived() == {} and not desk.tap.is_open(VOICE)


def test_nothing_that_is_handed_in_raises(desk: Desk) -> None:
    desk.tap.packet(VOICE, -1, b"x", False)
    desk.tap.packet(VOICE, 1, bytes(70_000), False)
    desk.tap.packet(TrackId("stranger"), 1, b"x", False)
    desk.ours.close()
    for n in range(100):
        desk.tap.packet(VOICE, n, bytes(1200), False)
    desk.timer()
    assert desk.tap.faults == 2


def test_the_first_packet_of_a_track_is_known(desk: Desk) -> None:
    assert desk.tap.began_us(VOICE) is None
    desk.tap.packet(VOICE, 5, b"x", False)
    desk.tap.packet(VOICE, 6, b"x", False)
    desk.tap.flush()
    desk.tap.packet(VOICE, 7, b"x", False)
    desk.tap.flush()
    assert desk.tap.began_us(VOICE) == 5


def test_the_kernel_grants_the_headroom() -> None:
    ours, theirs, granted = socket_pair()
    with ours, theirs:
        assert ours.family == socket.AF_UNIX and ours.type == socket.SOCK_SEQPACKET
        assert granted >= 400_000, "see net.core.wmem_max"
