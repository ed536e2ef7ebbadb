"""Associations between two of our own sessions, over a line in memory."""

import asyncio
from collections.abc import Callable

import pytest

from conference.media import dtls
from conference.media.dtls import Certificate, Pacer, Session
from conference.media.forwarder.api import SrtpKeys
from conference.media.sdp import DtlsRole, Fingerprint
from conference.tasks import TaskOwner
from tests.support.wait import wait_until

WRONG = Fingerprint("sha-256", ":".join(["00"] * 32))


class Side:
    """One end: its certificate, its session, the keys it got, how it ended."""

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self.certificate = Certificate()
        self.session = Session(self.certificate, send)
        self.keys: SrtpKeys | None = None
        self.ended = ""

    async def run(self, role: DtlsRole, remote: Fingerprint) -> None:
        self.ended = await self.session.run(role, [remote], self._keyed)

    def _keyed(self, keys: SrtpKeys) -> None:
        self.keys = keys


class Pair:
    """Two ends; `lose` says which of the server's datagrams (from 0) the line loses."""

    def __init__(self, lose: Callable[[int], bool] = lambda _: False) -> None:
        self.sent = 0
        self.lose = lose
        self.server = Side(self._down)
        self.client = Side(self._up)
        self.said = 0

    def _up(self, datagram: bytes) -> None:
        self.said += 1
        self.server.session.feed(datagram)

    def _down(self, datagram: bytes) -> None:
        lost = self.lose(self.sent)
        self.sent += 1
        if not lost:
            self.client.session.feed(datagram)

    def connected(self) -> str | None:
        return None if self.server.keys and self.client.keys else "no keys on both sides"


def start(tasks: TaskOwner, side: Side, role: DtlsRole, remote: Fingerprint) -> None:
    tasks.spawn(role, side.run(role, remote))


async def test_both_sides_get_the_same_keys() -> None:
    pair = Pair()
    async with TaskOwner("test") as tasks:
        start(tasks, pair.server, "server", pair.client.certificate.fingerprint)
        start(tasks, pair.client, "client", pair.server.certificate.fingerprint)
        await wait_until(pair.connected, 5)
        ours, theirs = pair.server.keys, pair.client.keys
        assert ours is not None and theirs is not None
        assert ours.profile == theirs.profile == "AEAD_AES_256_GCM"
        assert (ours.send, ours.receive) == (theirs.receive, theirs.send)
        assert len(ours.send) == 32 + 12 and ours.send != ours.receive


async def test_datagrams_wait_for_the_fingerprint() -> None:
    pair = Pair()
    async with TaskOwner("test") as tasks:
        start(tasks, pair.client, "client", pair.server.certificate.fingerprint)
        await wait_until(lambda: None if pair.said else "the client has not begun", 5, 0.001)
        start(tasks, pair.server, "server", pair.client.certificate.fingerprint)
        await wait_until(pair.connected, 0.9)  # before the client sends it again


async def test_a_lost_flight_is_sent_again() -> None:
    pair = Pair(lose=lambda number: number == 0)
    async with TaskOwner("test") as tasks:
        start(tasks, pair.server, "server", pair.client.certificate.fingerprint)
        start(tasks, pair.client, "client", pair.server.certificate.fingerprint)
        await wait_until(pair.connected, 5)


async def test_another_certificate_gets_no_keys() -> None:
    pair = Pair()
    async with TaskOwner("test") as tasks:
        start(tasks, pair.server, "server", WRONG)
        start(tasks, pair.client, "client", pair.server.certificate.fingerprint)
        await wait_until(lambda: None if pair.server.ended else "the server goes on", 5)
    assert pair.server.ended == "failed"
    assert pair.server.keys is None


async def test_a_client_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dtls.HANDSHAKE_S >= 8
    monkeypatch.setattr(dtls, "HANDSHAKE_S", 0.05)
    pair = Pair()
    await pair.server.run("server", pair.client.certificate.fingerprint)
    assert pair.server.ended == "timeout"


async def test_closing_one_side_closes_the_other() -> None:
    pair = Pair()
    async with TaskOwner("test") as tasks:
        start(tasks, pair.server, "server", pair.client.certificate.fingerprint)
        start(tasks, pair.client, "client", pair.server.certificate.fingerprint)
        await wait_until(pair.connected, 5)
        pair.server.session.close()
        await wait_until(lambda: None if pair.client.ended else "the client goes on", 5)
    assert (pair.server.ended, pair.client.ended) == ("closed", "closed")


async def test_closing_during_the_handshake_ends_it() -> None:
    pair = Pair()
    async with TaskOwner("test") as tasks:
        start(tasks, pair.server, "server", pair.client.certificate.fingerprint)
        await asyncio.sleep(0)
        pair.server.session.close()
        await wait_until(lambda: None if pair.server.ended else "the server goes on", 5)
    assert pair.server.ended == "failed"


async def test_garbage_does_not_end_a_handshake() -> None:
    pair = Pair()
    async with TaskOwner("test") as tasks:
        start(tasks, pair.server, "server", pair.client.certificate.fingerprint)
        for first in range(20, 64):
            pair.server.session.feed(bytes([first]) + b"garbage" * 3)
            await asyncio.sleep(0)
        start(tasks, pair.client, "client", pair.server.certificate.fingerprint)
        await wait_until(pair.connected, 5)
        for first in range(20, 64):
            pair.server.session.feed(bytes([first]) + b"garbage" * 3)
            await asyncio.sleep(0)
        assert pair.server.ended == ""


async def test_a_full_queue_drops() -> None:
    side = Side(lambda _: None)
    for _ in range(10 * dtls.MAX_QUEUED):
        side.session.feed(b"\x16" * 20)
    side.session.close()
    await side.run("server", WRONG)
    assert side.ended == "failed"


async def test_many_handshake_datagrams_leave_turns_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    side = Side(lambda _: None)
    fed: list[bytes] = []
    monkeypatch.setattr(side.session, "feed", fed.append)
    pacer = Pacer()
    for number in range(20):
        pacer.put(side.session, bytes([number]))
    steps = []
    while len(fed) < 20:
        await asyncio.sleep(0)
        steps.append(len(fed))
    assert max(b - a for a, b in zip([0, *steps], steps, strict=False)) <= dtls.PER_TURN
    assert fed == [bytes([number]) for number in range(20)]
    for _ in range(dtls.MAX_BACKLOG + 5):
        pacer.put(side.session, b"x")
    assert pacer.dropped == 5
