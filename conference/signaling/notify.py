"""Tells each socket what its seat may know: new entries of its feed, streams, status, and the end.

A commit only marks its session; one task then sends each socket what its feed has beyond the last
number sent. So a burst is sent once, nothing is sent twice, and no room waits for a socket."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence

from conference.documents.state import Companion
from conference.errors import Refused
from conference.events.base import Entry
from conference.ids import CompanionId, EndpointId, SessionId
from conference.media.subscribers import SubscribeOffer
from conference.media.subscriptions import Stream
from conference.recording.ports import RecordingStatus
from conference.rooms.audience import FeedItem
from conference.rooms.state import RoomState
from conference.signaling import messages as m
from conference.signaling.connection import Connection, Connections
from conference.signaling.document_handlers import companion_of
from conference.signaling.ports import Parts
from conference.tasks import TaskOwner

GOODBYE_S = 1.0
"""How long the socket of a companion that has ended stays open."""

_log = logging.getLogger(__name__)


class Notifier:
    """Subscribes to rooms, media and recording; `start` spawns the one task that sends feeds."""

    def __init__(self, parts: Parts, connections: Connections) -> None:
        self._parts = parts
        self._connections = connections
        self._marked: dict[SessionId, None] = {}
        self._wake = asyncio.Event()
        self._leaving: set[Connection] = set()
        self._tasks = TaskOwner("notify")

    def start(self) -> None:
        self._parts.rooms.subscribe(self.committed)
        self._parts.media.on_offer = self.offer
        self._parts.media.on_streams = self.streams
        self._tasks.spawn("feeds", self._send_feeds())

    async def close(self) -> None:
        await self._tasks.close()

    def committed(self, session: SessionId, _entries: Sequence[Entry]) -> None:
        """Called by a room after each commit; must not wait."""
        self._marked[session] = None
        self._wake.set()

    def offer(self, endpoint: EndpointId, offer: SubscribeOffer) -> None:
        """Called by media. Without a socket the offer is repeated after the next resume."""
        connection = self._connections.of_endpoint(endpoint)
        if connection is not None:
            message = m.SubscribeOffer(
                version=offer.version,
                sdp=offer.sdp,
                fresh=offer.fresh,
                streams=stream_views(offer.streams),
            )
            connection.send("subscribe_offer", message)

    def streams(self, endpoint: EndpointId, streams: Iterable[Stream]) -> None:
        """Called by media when the same m-lines carry something else."""
        connection = self._connections.of_endpoint(endpoint)
        if connection is not None:
            connection.send("streams", m.Streams(streams=stream_views(streams)))

    def status(self, session: SessionId, status: RecordingStatus) -> None:
        """Called by recording each second and at every change."""
        message = recording_status(status)
        for connection in self._connections.listening(session):
            connection.send("recording_status", message)

    async def _send_feeds(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            marked, self._marked = list(self._marked), {}
            for session in marked:
                await self._tell_safely(session)

    async def _tell_safely(self, session: SessionId) -> None:
        """One session's fault stops nobody else's feed; its next commit tries again."""
        try:
            await self._tell(session)
        except Refused as refused:
            _log.warning("session %s not told: %s", session, refused.code)
        except Exception:
            _log.exception("session %s not told", session)

    async def _tell(self, session: SessionId) -> None:
        state = await self._parts.rooms.state(session)
        companions = (await self._parts.documents.state(session)).companions
        for connection in self._connections.inside(session):
            items = await self._parts.rooms.feed(session, connection.seat, connection.position)
            for item in feed_items(items):
                connection.send("event", item)
                connection.position = item.n
        for connection in self._connections.of(session):
            self._end_what_is_over(connection, state)
            self._end_companion(connection, companions)

    def _end_companion(
        self, connection: Connection, companions: Mapping[CompanionId, Companion]
    ) -> None:
        """Told at once; the socket stays a moment longer, for the answer that is on its way."""
        name = companion_of(connection.visitor)
        companion = None if name is None else companions.get(name)
        if companion is None or companion.ended is None or connection in self._leaving:
            return
        connection.send("companion_ended", m.CompanionOver(reason=companion.ended))
        self._leaving.add(connection)
        self._tasks.spawn("goodbye", self._goodbye(connection))

    async def _goodbye(self, connection: Connection) -> None:
        await asyncio.sleep(GOODBYE_S)
        connection.end()
        self._leaving.discard(connection)

    def _end_what_is_over(self, connection: Connection, state: RoomState) -> None:
        """A closed session, a withdrawn link, an endpoint that is not inside any more."""
        link = state.links.get(connection.visitor.link)
        if state.session == "closed" or (link is not None and link.withdrawn):
            connection.send("ended", m.Ended())
            connection.end()
        elif connection.endpoint is not None:
            endpoint = state.endpoints.get(connection.endpoint)
            if endpoint is None and state.gone.get(connection.endpoint) != "replaced":
                self._connections.detach(connection)
            elif endpoint is None or connection.seat not in endpoint.seats:
                self._connections.detach(connection)
                connection.send("replaced", m.Replaced())
                connection.end()


def feed_items(items: Iterable[FeedItem]) -> list[m.FeedItem]:
    """Feed items in the wire schema."""
    return [
        m.FeedItem(n=item.n, kind=item.kind, wall_us=item.wall_us, r_us=item.r_us, data=item.data)
        for item in items
    ]


def stream_views(streams: Iterable[Stream]) -> list[m.Stream]:
    """What comes on which m-line, in the wire schema."""
    return [
        m.Stream(
            mid=stream.mid,
            kind=stream.kind,
            track=stream.track,
            endpoint=stream.endpoint,
            source=stream.source,
        )
        for stream in streams
    ]


def recording_status(status: RecordingStatus) -> m.RecordingStatus:
    """The writer's status in the wire schema."""
    return m.RecordingStatus(
        state=status.state,
        writing=status.writing,
        written_r_us=status.written_r_us,
        free_bytes=status.free_bytes,
    )
