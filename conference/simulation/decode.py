"""Looking at what came: only when asked, and when all is over, since decoding costs more than all
the rest together."""

from itertools import groupby
from operator import itemgetter
from typing import Any

from aiortc.codecs.opus import OpusDecoder
from aiortc.codecs.vpx import Vp8Decoder, VpxPayloadDescriptor
from aiortc.jitterbuffer import JitterFrame
from av import AudioFrame, VideoFrame

from conference.simulation.report import ReceivedPacket, Report
from conference.simulation.sdp import Media


class Watcher:
    """Keeps every payload that came, and decodes it in the end: counts frames, shades and
    loudness by mid. A mid that got another SSRC, after a restart, goes on counting."""

    def __init__(self) -> None:
        self._came: dict[tuple[str, str, int], list[tuple[int, int, bytes]]] = {}

    def packet(self, media: Media, packet: ReceivedPacket, payload: bytes) -> None:
        """One payload, as it came."""
        stream = self._came.setdefault((media.mid, media.kind, media.ssrc), [])
        stream.append((packet.sequence, packet.timestamp, payload))

    def look(self, report: Report) -> None:
        """Decode everything, stream by stream. Takes seconds."""
        for (mid, kind, _), stream in self._came.items():
            stream.sort()
            if kind == "audio":
                _hear(
                    stream, report.decoded.setdefault(mid, {"packets": 0, "errors": 0, "peak": 0})
                )
            else:
                _see(
                    stream, report.decoded.setdefault(mid, {"frames": 0, "errors": 0, "shades": 0})
                )
        self._came.clear()


def _see(stream: list[tuple[int, int, bytes]], seen: dict[str, Any]) -> None:
    """`shades`: how many different lumas the last picture has; `colour`: its first Cb and Cr."""
    decoder = Vp8Decoder()
    for timestamp, packets in groupby(stream, key=itemgetter(1)):
        data = b"".join(VpxPayloadDescriptor.parse(payload)[1] for _, _, payload in packets)
        try:
            frames = decoder.decode(JitterFrame(data=data, timestamp=timestamp))
        except Exception:  # whatever a codec makes of a broken frame: it is counted
            seen["errors"] += 1
            continue
        for frame in frames:
            assert isinstance(frame, VideoFrame)
            seen["frames"] += 1
            seen["shades"] = len(set(bytes(frame.planes[0])))
            seen["colour"] = [bytes(plane)[0] for plane in frame.planes[1:]]


def _hear(stream: list[tuple[int, int, bytes]], heard: dict[str, Any]) -> None:
    """`peak`: the loudest sample."""
    decoder = OpusDecoder()
    for _, timestamp, payload in stream:
        try:
            frames = decoder.decode(JitterFrame(data=payload, timestamp=timestamp))
        except Exception:  # as above
            heard["errors"] += 1
            continue
        for frame in frames:
            assert isinstance(frame, AudioFrame)
            heard["packets"] += 1
            samples = memoryview(bytes(frame.planes[0])).cast("h")
            heard["peak"] = max(heard["peak"], max(samples), -min(samples))
