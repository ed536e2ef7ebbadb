"""Looking at what came: only when asked, since decoding costs more than all the rest together."""

from dataclasses import dataclass, field

from aiortc.codecs.opus import OpusDecoder
from aiortc.codecs.vpx import Vp8Decoder, VpxPayloadDescriptor
from aiortc.jitterbuffer import JitterFrame
from av import AudioFrame, VideoFrame

from conference.simulation.report import ReceivedPacket, Report
from conference.simulation.sdp import Media


@dataclass(slots=True)
class _Picture:
    """A frame being put together: payloads by sequence number."""

    timestamp: int
    payloads: dict[int, bytes] = field(default_factory=dict)


class Watcher:
    """Decodes every stream of one participant: counts frames, shades and loudness by mid."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._pictures: dict[str, _Picture] = {}
        self._video: dict[str, Vp8Decoder] = {}
        self._audio: dict[str, OpusDecoder] = {}

    def packet(self, media: Media, packet: ReceivedPacket, payload: bytes) -> None:
        """One payload, as it came."""
        mid = media.mid
        if media.kind == "audio":
            self._hear(mid, packet.timestamp, payload)
            return
        picture = self._pictures.get(mid)
        if picture is not None and packet.timestamp != picture.timestamp:
            self._see(mid, picture)
            picture = None
        if picture is None:
            picture = self._pictures[mid] = _Picture(packet.timestamp)
        picture.payloads[packet.sequence] = payload

    def finish(self) -> None:
        """Nothing more comes: look at the last pictures."""
        for mid, picture in self._pictures.items():
            self._see(mid, picture)
        self._pictures.clear()

    def _see(self, mid: str, picture: _Picture) -> None:
        parts = [picture.payloads[number] for number in sorted(picture.payloads)]
        data = b"".join(VpxPayloadDescriptor.parse(part)[1] for part in parts)
        decoder = self._video.setdefault(mid, Vp8Decoder())
        seen = self._report.decoded.setdefault(mid, {"frames": 0, "errors": 0, "shades": 0})
        try:
            frames = decoder.decode(JitterFrame(data=data, timestamp=picture.timestamp))
        except Exception:  # whatever a codec makes of a broken frame: it is counted
            seen["errors"] += 1
            return
        for frame in frames:
            assert isinstance(frame, VideoFrame)
            seen["frames"] += 1
            seen["shades"] = len(set(bytes(frame.planes[0])))
            seen["colour"] = [bytes(plane)[0] for plane in frame.planes[1:]]

    def _hear(self, mid: str, timestamp: int, payload: bytes) -> None:
        decoder = self._audio.setdefault(mid, OpusDecoder())
        heard = self._report.decoded.setdefault(mid, {"packets": 0, "errors": 0, "peak": 0})
        try:
            frames = decoder.decode(JitterFrame(data=payload, timestamp=timestamp))
        except Exception:  # as above
            heard["errors"] += 1
            return
        for frame in frames:
            assert isinstance(frame, AudioFrame)
            heard["packets"] += 1
            samples = memoryview(bytes(frame.planes[0])).cast("h")
            heard["peak"] = max(heard["peak"], max(samples), -min(samples))
