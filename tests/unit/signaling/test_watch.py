"""Lost and found with real rooms, in virtual time."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from conference.access.links import Visitor
from conference.ids import EndpointId, LinkId, LoginId
from conference.rooms.commands import JoinEndpoint
from conference.signaling.connection import Connection, Connections
from conference.signaling.limits import Allowance
from conference.signaling.ports import Parts
from conference.signaling.watch import EXPIRY_US, LOOK_S, Watch
from tests.support.journal import disk_error
from tests.support.rooms import Life, server_life
from tests.support.story_a import DEPARTMENT, MEDIATOR, SESSION, endpoint

HOST, OTHER = endpoint("host"), endpoint("other")
STEP_US = int(LOOK_S * 1_000_000)


class Place:
    """One life of a server with a watch. `media` says when media of an endpoint was last heard."""

    def __init__(self, life: Life) -> None:
        self.life, self.rooms, self.clock = life, life.rooms, life.clock
        self.connections = Connections()
        self.media: dict[EndpointId, int] = {}
        packets = SimpleNamespace(last_heard_us=self.media.get)
        parts = SimpleNamespace(rooms=life.rooms, clock=life.clock, media=packets)
        self.watch = Watch(cast(Parts, parts), self.connections)

    async def seconds(self, seconds: float, talking: EndpointId | None = HOST) -> None:
        """Time passes; the socket of `talking` is heard all along."""
        for _ in range(int(seconds * 1_000_000) // STEP_US):
            self.clock.advance(STEP_US)
            if talking is not None:
                self.watch.heard(talking)
            await self.watch.look(SESSION)

    async def lost(self) -> set[EndpointId]:
        state = await self.rooms.state(SESSION)
        return {each.endpoint for each in state.endpoints.values() if each.lost}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Place]:
    """The mediator and the department are inside, both just heard."""
    async with server_life(tmp_path) as life:
        await life.created()
        here = Place(life)
        for who, where in ((MEDIATOR, HOST), (DEPARTMENT, OTHER)):
            await life.says(who, JoinEndpoint(where, "browser"))
            here.watch.attached(where)
        await here.watch.look(SESSION)
        yield here


async def test_a_silent_endpoint_is_lost_within_three_seconds_and_found_again(room: Place) -> None:
    await room.seconds(2.25)
    assert await room.lost() == set()
    await room.seconds(0.5)
    assert await room.lost() == {OTHER}
    room.watch.attached(OTHER)
    await room.seconds(0.25)
    assert await room.lost() == set()


async def test_media_keeps_a_closed_socket_for_ten_seconds(room: Place) -> None:
    room.watch.closed(OTHER)
    for _ in range(39):
        room.media[OTHER] = room.clock.mono_us()
        await room.seconds(0.25)
    assert await room.lost() == set()
    line = room.watch.presence(SESSION).endpoints[OTHER]
    assert (line.socket, line.media) == (False, True)
    room.media[OTHER] = room.clock.mono_us()
    await room.seconds(0.5)
    assert await room.lost() == {OTHER}


async def test_presence_is_sent_when_it_changes_and_only_then(room: Place) -> None:
    visitor = Visitor(LoginId("login"), LinkId("link"), SESSION, MEDIATOR)
    page = Connection("sid", visitor, "en", Allowance(0))
    room.connections.add(page)
    room.connections.attach(page, HOST)
    await room.seconds(1)
    assert page.outbox.empty()
    room.watch.closed(OTHER)
    await room.seconds(1)
    assert page.outbox.qsize() == 1


async def test_who_was_inside_before_a_restart_has_ten_seconds(room: Place, tmp_path: Path) -> None:
    async with server_life(tmp_path, "epoch-2") as life:
        after = Place(life)
        await after.watch.look(SESSION)
        after.watch.attached(HOST)
        await after.seconds(9.5)
        assert await after.lost() == set()
        await after.seconds(1)
        assert await after.lost() == {OTHER}


async def test_who_stays_lost_leaves(room: Place) -> None:
    await room.seconds(3)
    room.clock.advance(EXPIRY_US - 4_000_000)
    room.watch.heard(HOST)
    await room.watch.look(SESSION)
    assert OTHER in (await room.rooms.state(SESSION)).endpoints
    await room.seconds(5)
    assert OTHER not in (await room.rooms.state(SESSION)).endpoints


async def test_a_refusal_is_not_repeated_at_once(room: Place) -> None:
    store = room.life.journal.store
    store.failures = [disk_error(), disk_error()]
    await room.seconds(2.5)
    assert len(store.failures) == 1 and await room.lost() == set()
    await room.seconds(0.75)
    assert len(store.failures) == 1
    await room.seconds(2.25)
    assert not store.failures and await room.lost() == {OTHER}
