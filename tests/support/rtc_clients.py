"""Two clients of the media service made of aiortc's own RTCPeerConnection, a stranger's code."""

import re
from collections import Counter

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    mediastreams,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack

from conference.events.media import Source
from conference.ids import EndpointId
from conference.media.endpoints import PublishAnswer
from conference.media.service import MediaService
from conference.media.subscribers import SubscribeOffer
from conference.tasks import TaskOwner


def connection() -> RTCPeerConnection:
    """Without a bundle policy it would want one transport for each m-line."""
    policy = RTCBundlePolicy.MAX_BUNDLE
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=policy))


def for_aiortc(sdp: str) -> str:
    """aiortc looks for candidates in the last m-line of a bundle instead of its first."""
    lines = "".join(re.findall(r"a=(?:candidate:.*|end-of-candidates)\r\n", sdp))
    return sdp.replace("a=rtcp-mux\r\n", f"a=rtcp-mux\r\n{lines}").replace(lines + lines, lines)


class Publisher:
    """Sends aiortc's flat sound and its green picture."""

    def __init__(self, service: MediaService, endpoint: EndpointId) -> None:
        self.pc = connection()
        self._service = service
        self._endpoint = endpoint

    async def publish(self) -> PublishAnswer:
        self.pc.addTrack(AudioStreamTrack())
        self.pc.addTrack(VideoStreamTrack())
        await self.pc.setLocalDescription(await self.pc.createOffer())
        sources: dict[str, Source] = {"0": "microphone", "1": "camera"}
        offer = self.pc.localDescription.sdp
        answer = await self._service.publish(self._endpoint, offer, sources)
        await self.pc.setRemoteDescription(RTCSessionDescription(for_aiortc(answer.sdp), "answer"))
        return answer

    async def close(self) -> None:
        await self.pc.close()


class Subscriber:
    """Answers offers and decodes what comes; `frames` counts by (MID, kind)."""

    def __init__(self, service: MediaService, endpoint: EndpointId, tasks: TaskOwner) -> None:
        self.pc = connection()
        self.frames: Counter[tuple[str, str]] = Counter()
        self.offers = 0
        self._service = service
        self._endpoint = endpoint
        self._tasks = tasks

    def offered(self, offer: SubscribeOffer) -> None:
        """To be connected to the service's `on_offer`."""
        self.offers += 1
        self._tasks.spawn("answer", self._answer(offer))

    async def _answer(self, offer: SubscribeOffer) -> None:
        if offer.fresh:
            await self.pc.close()
            self.pc = connection()
            self.pc.on("track", lambda track: self._tasks.spawn("track", self._count(track)))
        description = RTCSessionDescription(for_aiortc(offer.sdp), "offer")
        await self.pc.setRemoteDescription(description)
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        self._service.answer(self._endpoint, offer.version, self.pc.localDescription.sdp)

    async def _count(self, track: MediaStreamTrack) -> None:
        mid = next(t.mid for t in self.pc.getTransceivers() if t.receiver.track is track)
        try:
            while True:
                await track.recv()
                self.frames[mid or "", track.kind] += 1
        except mediastreams.MediaStreamError:
            return

    async def close(self) -> None:
        await self.pc.close()
