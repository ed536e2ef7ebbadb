"""The list of sockets, and the bound of what waits for one."""

from conference.access.links import Visitor
from conference.ids import EndpointId, LinkId, LoginId, SeatId, SessionId
from conference.signaling import messages as m
from conference.signaling.connection import OUTBOX, Connection, Connections
from conference.signaling.limits import Allowance

SESSION = SessionId("session-1")
ENDPOINT = EndpointId("endpoint-1")


def connection(sid: str) -> Connection:
    visitor = Visitor(LoginId("login"), LinkId("link"), SESSION, SeatId("seat"))
    return Connection(sid, visitor, "en", Allowance(0))


async def test_a_page_that_does_not_read_is_cut_off_and_nothing_more_is_kept() -> None:
    one = connection("a")
    for n in range(OUTBOX + 100):
        one.send("heartbeat", m.Heartbeat(n=n))
    assert one.closing and one.outbox.qsize() == OUTBOX + 1
    waiting = [one.outbox.get_nowait() for _ in range(OUTBOX + 1)]
    assert waiting[-1] is None and None not in waiting[:-1]


async def test_ending_twice_ends_once() -> None:
    one = connection("a")
    one.end()
    one.end()
    assert one.outbox.qsize() == 1


async def test_an_endpoint_speaks_by_its_newest_socket() -> None:
    connections = Connections()
    older, newer = connection("a"), connection("b")
    connections.add(older)
    connections.add(newer)
    assert connections.attach(older, ENDPOINT) is None
    assert connections.attach(newer, ENDPOINT) is older
    assert older.endpoint is None and connections.of_endpoint(ENDPOINT) is newer
    connections.remove("a")
    assert connections.of_endpoint(ENDPOINT) is newer, "the older socket's end takes nothing away"
    connections.remove("b")
    assert connections.of_endpoint(ENDPOINT) is None
    assert len(connections) == 0 and connections.of(SESSION) == []


async def test_a_socket_that_joins_anew_leaves_its_older_endpoint() -> None:
    connections = Connections()
    one = connection("a")
    connections.add(one)
    connections.attach(one, ENDPOINT)
    connections.attach(one, EndpointId("endpoint-2"))
    assert connections.of_endpoint(ENDPOINT) is None
    assert connections.inside(SESSION) == [one]
