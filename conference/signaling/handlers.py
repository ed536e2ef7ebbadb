"""One short method per client message: say it to the service behind, answer in the wire schema."""

import hmac
import uuid
from collections.abc import Callable

from conference.errors import Refused
from conference.ids import CommandId, EndpointId, SeatId, TrackId
from conference.rooms import commands as c
from conference.signaling import messages as m
from conference.signaling.connection import Connection, Connections
from conference.signaling.notify import feed_items, recording_status
from conference.signaling.ports import Parts
from conference.signaling.watch import Watch

RECORD: dict[str, type[c.Command]] = {
    "start": c.StartRecording,
    "pause": c.PauseRecording,
    "resume": c.ResumeRecording,
    "stop": c.StopRecording,
}
SOURCES: tuple[m.Source, ...] = ("microphone", "camera")
SESSION: dict[str, type[c.Command]] = {"pause": c.PauseSession, "resume": c.ResumeSession}


class Handlers:
    """Holds nothing of its own: who is connected is in `connections`, all else in the parts."""

    def __init__(self, parts: Parts, connections: Connections, watch: Watch) -> None:
        self._parts = parts
        self._connections = connections
        self._watch = watch

    async def join(self, connection: Connection, message: m.Join) -> m.Wire:
        """A repeated join has the same command id, and with it the same endpoint."""
        endpoint = endpoint_of(connection.seat, message.command_id)
        muted = frozenset(source for source in SOURCES if getattr(message.muted, source))
        command = c.JoinEndpoint(
            endpoint, message.device, muted, command_id=CommandId(message.command_id)
        )
        await self._parts.rooms.submit(connection.session, command, connection.seat)
        return await self._enter(connection, endpoint, None)

    async def resume(self, connection: Connection, message: m.Resume) -> m.Wire:
        endpoint = EndpointId(message.endpoint)
        if not hmac.compare_digest(message.key, self._parts.key_of(endpoint)):
            raise Refused("not_joined")
        return await self._enter(connection, endpoint, message.last)

    async def mute(self, connection: Connection, message: m.Mute) -> m.Wire:
        endpoint = _inside(connection)
        return await self._command(
            connection, c.SetMute, message.command_id, endpoint, message.source, message.muted
        )

    async def layout(self, connection: Connection, message: m.Layout) -> m.Wire:
        focus = None if message.focus is None else SeatId(message.focus)
        return await self._command(
            connection, c.SetLayout, message.command_id, message.layout, focus
        )

    async def record(self, connection: Connection, message: m.Record) -> m.Wire:
        return await self._command(connection, RECORD[message.action], message.command_id)

    async def session(self, connection: Connection, message: m.SessionControl) -> m.Wire:
        return await self._command(connection, SESSION[message.action], message.command_id)

    async def leave(self, connection: Connection, message: m.Leave) -> m.Wire:
        endpoint = _inside(connection)
        left = await self._command(connection, c.LeaveEndpoint, message.command_id, endpoint)
        self._connections.detach(connection)
        return left

    async def publish(self, connection: Connection, message: m.Publish) -> m.Wire:
        """The tracks flow once the room knows them, which is before this is answered."""
        endpoint = _inside(connection)
        answer = await self._parts.media.publish(endpoint, message.sdp, message.sources)
        tracks = tuple(c.NewTrack(each.track, each.source, each.kind) for each in answer.tracks)
        command = c.PublishTracks(endpoint, tracks)
        await self._parts.rooms.submit(connection.session, command, connection.seat)
        told = [
            m.PublishedTrack(track=each.track, mid=each.mid, source=each.source, kind=each.kind)
            for each in answer.tracks
        ]
        return m.Published(sdp=answer.sdp, tracks=told)

    async def subscribe(self, connection: Connection, message: m.Subscribe) -> m.Wire:
        wanted = message.tracks
        tracks = None if wanted is None else {TrackId(track) for track in wanted}
        await self._parts.media.subscribe(_inside(connection), tracks, message.fresh)
        return m.Done()

    async def subscribe_answer(self, connection: Connection, message: m.SubscribeAnswer) -> m.Wire:
        self._parts.media.answer(_inside(connection), message.version, message.sdp)
        return m.Done()

    async def _command(
        self, connection: Connection, make: Callable[..., c.Command], command: str, *fields: object
    ) -> m.Wire:
        asked = make(*fields, command_id=CommandId(command))
        ack = await self._parts.rooms.submit(connection.session, asked, connection.seat)
        return m.Committed(feed=ack.feed[connection.seat])

    async def _enter(
        self, connection: Connection, endpoint: EndpointId, last: int | None
    ) -> m.Wire:
        """Let the socket speak for the endpoint. Nothing here waits for anything but a room
        that is loaded already, so that the Welcome and the feed behind it have no hole."""
        rooms, session, seat = self._parts.rooms, connection.session, connection.seat
        state = await rooms.state(session)
        assert state.created is not None
        state.own_endpoint(seat, endpoint)
        older = self._connections.attach(connection, endpoint)
        if older is not None:
            older.send("replaced", m.Replaced())
            older.end()
        position = await rooms.position(session, seat)
        missed = [] if last is None else await rooms.feed(session, seat, last)
        view = await rooms.snapshot(session, seat)
        connection.position = position
        self._tell_the_present(connection, endpoint)
        return m.Welcome(
            epoch=self._parts.epoch,
            endpoint=endpoint,
            key=self._parts.key_of(endpoint),
            seats=view["you"]["seats"],
            feed=position,
            snapshot=m.Snapshot.model_validate(view),
            media=m.MediaLimits(video_cap_bps=state.created.video_cap_bps),
            missed=feed_items(missed),
        )

    def _tell_the_present(self, connection: Connection, endpoint: EndpointId) -> None:
        """What is not in the feed. It waits in the outbox until the Welcome has gone out."""
        self._watch.attached(endpoint)
        connection.send("presence", self._watch.presence(connection.session))
        status = self._parts.recording(connection.session)
        connection.send("recording_status", recording_status(status))
        self._parts.media.repeat(endpoint)


def endpoint_of(seat: SeatId, command_id: str) -> EndpointId:
    """The endpoint that a join makes: the same for the same seat and command."""
    return EndpointId(str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seat}/{command_id}")))


def _inside(connection: Connection) -> EndpointId:
    if connection.endpoint is None:
        raise Refused("not_joined")
    return connection.endpoint
