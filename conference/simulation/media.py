"""Both peer connections of a participant, for one life of the server: what is sent into the one,
what comes out of the other."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from typing import Any

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    unpack_remb_fci,
)

from conference.clock import Clock
from conference.simulation import sdp
from conference.simulation.channel import Channel, Receive
from conference.simulation.decode import Watcher
from conference.simulation.downlink import Downlink
from conference.simulation.encode import FRAMES_PER_SECOND, SAMPLES_PER_PACKET
from conference.simulation.loops import AudioLoop, Piece, VideoLoop
from conference.simulation.report import ReceivedPacket, Report
from conference.simulation.uplink import Uplink
from conference.tasks import TaskOwner

FEEDBACK_S = 0.02
REPORT_S = 1.0
SOUND_US = 20_000
PICTURE_US = 1_000_000 // FRAMES_PER_SECOND
PICTURE_TICKS = 90_000 // FRAMES_PER_SECOND
SOURCES = {"0": "microphone", "1": "camera"}

Loops = tuple[VideoLoop, AudioLoop]
Ask = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class MediaSession:
    """Made new for each epoch of the server, as a browser builds its connections new. The loops
    go on, so that no payload comes twice in a person's life."""

    def __init__(
        self, report: Report, loops: Loops, clock: Clock, random: Random, watcher: Watcher | None
    ) -> None:
        self._report = report
        self._clock = clock
        self._random = random
        self._video, self._audio = loops
        self._watcher = watcher
        self._publisher: Channel | None = None
        self._subscriber: Channel | None = None
        self._uplinks: dict[str, Uplink] = {}  # by source
        self._tracks: dict[str, str] = {}  # track by source
        self._downlink = Downlink(random.getrandbits(32), self._note, self._send_feedback)
        self._tasks = TaskOwner("media")
        self._sending = True
        self.published = asyncio.Event()
        self.subscribed = False

    async def publish(self, ask: Ask) -> None:
        """Offer microphone and camera, connect, and begin to send."""
        publisher = self._open_channel("publisher", self._ignore, self._publisher_rtcp)
        old, self._publisher = self._publisher, publisher
        if old is not None:
            await old.close()
        offered = [self._own_media("audio", "0", 111, None), self._own_media("video", "1", 96, 97)]
        cname = f"p{self._random.getrandbits(32):08x}"
        text = sdp.offer(publisher.local, offered, cname)
        answer = await ask("publish", {"sdp": text, "sources": SOURCES})
        for track in answer["tracks"]:
            self._tracks[track["source"]] = track["track"]
            self._report.tracks[track["track"]] = {key: track[key] for key in ("source", "kind")}
        await publisher.open(sdp.parse(answer["sdp"]).transport)
        self._uplinks = {
            SOURCES[media.mid]: Uplink(media, cname, self._random, publisher.send_rtp)
            for media in offered
        }
        self._tasks.spawn("pump", self._pump())
        self._tasks.spawn("reports", self._report_for_ever())
        self.published.set()

    async def offered(self, offer: Mapping[str, Any], ask: Ask) -> None:
        """Answer an offer of the server; the connection opens beside the answer's way to it, as
        a browser's first check may come before its answer."""
        description = sdp.parse(offer["sdp"])
        self.streams(offer["streams"], offer["version"])
        if self._subscriber is None or self._subscriber.remote is None:
            await self._connect_subscriber(description.transport)
        elif not _same_peer(self._subscriber.remote, description.transport):
            await self._subscriber.close()
            await self._connect_subscriber(description.transport)
        assert self._subscriber is not None
        self._downlink.set_media(description.media)
        text = sdp.answer(self._subscriber.local, description)
        await ask("subscribe_answer", {"version": offer["version"], "sdp": text})

    def streams(self, streams: Sequence[Mapping[str, Any]], version: int | None = None) -> None:
        """Who is on which MID from now on."""
        entry = {"us": self._clock.mono_us(), "version": version, "streams": list(streams)}
        self._report.note(self._report.streams, entry)

    def stop_sending(self) -> None:
        """No new packet leaves after this; what the server missed is still sent again."""
        self._sending = False

    async def close(self) -> None:
        """Close both connections and put their counts into the report."""
        await self._tasks.close()
        for channel in (self._publisher, self._subscriber):
            if channel is not None:
                await channel.close()
        for name in ("nacks_sent", "plis_sent", "unknown", "padding"):
            self._report.count(name, getattr(self._downlink, name))
        for uplink in self._uplinks.values():
            self._report.count("repeats_sent", uplink.repeats)

    # --- connections

    def _open_channel(self, purpose: str, on_rtp: Receive, on_rtcp: Receive) -> Channel:
        channel = Channel(purpose, self._clock, self._random, on_rtp, on_rtcp)
        self._report.connections.append(channel.facts)
        return channel

    async def _connect_subscriber(self, remote: sdp.Transport) -> None:
        self._subscriber = self._open_channel("subscriber", self._downlink.rtp, self._downlink.rtcp)
        self._tasks.spawn("subscriber", self._subscriber.open(remote))
        self._tasks.spawn("feedback", self._feed_back_for_ever(self._subscriber))

    def _own_media(self, kind: sdp.Kind, mid: str, pt: int, rtx_pt: int | None) -> sdp.Media:
        numbers = {sdp.MID: 4, sdp.ABS_SEND_TIME: 2}
        if kind == "audio":
            numbers = {sdp.AUDIO_LEVEL: 1, **numbers}
        rtx_ssrc = None if rtx_pt is None else self._random.getrandbits(32)
        return sdp.Media(kind, mid, pt, rtx_pt, self._random.getrandbits(32), rtx_ssrc, numbers)

    # --- towards the server

    async def _pump(self) -> None:
        """Sound each 20 ms, a picture each 50 ms, on absolute time so that nothing drifts."""
        start_us = self._clock.mono_us()
        sound = picture = 0
        while self._sending:
            now_us = self._clock.mono_us() - start_us
            while sound * SOUND_US <= now_us:
                self._send("microphone", self._audio.next_packet(), sound * SAMPLES_PER_PACKET)
                sound += 1
            while picture * PICTURE_US <= now_us:
                for piece in self._video.next_frame():
                    self._send("camera", piece, picture * PICTURE_TICKS)
                picture += 1
            due_us = min(sound * SOUND_US, picture * PICTURE_US)
            await asyncio.sleep((due_us - (self._clock.mono_us() - start_us)) / 1_000_000)

    def _send(self, source: str, piece: Piece, ticks: int) -> None:
        uplink = self._uplinks[source]
        sent = uplink.send(piece, ticks, self._clock.mono_us())
        self._report.note(self._report.sent.setdefault(self._tracks[source], []), sent)

    async def _report_for_ever(self) -> None:
        start_us = self._clock.mono_us()
        while self._sending and self._publisher is not None:
            await asyncio.sleep(REPORT_S)
            elapsed_us = self._clock.mono_us() - start_us
            for uplink in self._uplinks.values():
                ticks = elapsed_us * uplink.media.clock_rate // 1_000_000
                report = uplink.sender_report(ticks, self._clock.wall_us())
                if report is not None:
                    self._publisher.send_rtcp(report)

    def _publisher_rtcp(self, data: bytes, now_us: int) -> None:
        try:
            packets = RtcpPacket.parse(data)
        except ValueError:
            self._report.count("rtcp_not_understood")
            return
        for packet in packets:
            if isinstance(packet, RtcpRtpfbPacket):
                self._nacked(packet)
            elif isinstance(packet, RtcpPsfbPacket):
                self._payload_feedback(packet, now_us)

    def _nacked(self, packet: RtcpRtpfbPacket) -> None:
        self._report.count("nacks_received")
        for uplink in self._uplinks.values():
            if uplink.media.ssrc == packet.media_ssrc:
                uplink.repeat(packet.lost)

    def _payload_feedback(self, packet: RtcpPsfbPacket, now_us: int) -> None:
        if packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            self._report.count("keyframe_requests_received")
            self._video.want_keyframe()
        elif packet.fmt == RTCP_PSFB_APP:
            try:
                bits_per_second, _ = unpack_remb_fci(packet.fci)
            except ValueError:
                self._report.count("rtcp_not_understood")
            else:
                self._report.note(self._report.remb, (now_us, bits_per_second))

    def _ignore(self, data: bytes, now_us: int) -> None:
        """The server has no RTP to send on the publisher's connection."""
        self._report.count("rtp_on_publisher")

    # --- from the server

    def _note(self, media: sdp.Media, packet: ReceivedPacket, payload: bytes) -> None:
        self._report.note(self._report.received.setdefault(media.mid, []), packet)
        if self._watcher is not None:
            self._watcher.packet(media, packet, payload)

    def _send_feedback(self, packet: bytes) -> None:
        if self._subscriber is not None and self._subscriber.connected:
            self._subscriber.send_rtcp(packet)

    async def _feed_back_for_ever(self, subscriber: Channel) -> None:
        reported_us = 0
        while subscriber.facts.closed_us is None:
            await asyncio.sleep(FEEDBACK_S)
            now_us = self._clock.mono_us()
            if not subscriber.connected:
                continue
            self._downlink.feedback(now_us)
            if now_us - reported_us >= REPORT_S * 1_000_000:
                reported_us = now_us
                self._downlink.reports(now_us)


def _same_peer(one: sdp.Transport, other: sdp.Transport) -> bool:
    return (one.ufrag, one.fingerprint) == (other.ufrag, other.fingerprint)
