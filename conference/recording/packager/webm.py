"""The door to FFmpeg's muxer (PyAV): one WebM file with VP8 and Opus, neither decoded.

The index (cues) and the duration are written by `close`, into the end of the file and into a place
kept free at its beginning.
"""

import functools
import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from conference.recording.packager.assembly import Sample
from conference.recording.packager.depacketizer import OPUS_RATE, opus_samples

PRE_SKIP = 312
"""Samples that every Opus encoder looks ahead (6.5 ms): players leave out the first ones of the
file and show each packet so much earlier (RFC 7845 §4.2, WebM CodecDelay)."""
OPTIONS = {"fflags": "+bitexact"}
"""No random numbers in the file: the same samples make the same bytes."""
_MICRO = Fraction(1, 1_000_000)
_SAMPLE = Fraction(1, OPUS_RATE)


class WebmFile:
    """`size` of the picture at its beginning; None for a file with sound alone."""

    def __init__(self, path: Path, size: tuple[int, int] | None) -> None:
        self.video = size is not None
        self._container = av.open(str(path), "w", format="webm", options=OPTIONS)
        self._picture: VideoStream | None = None
        if size is not None:
            picture = self._container.add_mux_stream(
                "vp8", rate=30, width=size[0], height=size[1], time_base=Fraction(1, 1000)
            )
            assert isinstance(picture, VideoStream)
            self._picture = picture
        with av.open(io.BytesIO(_opus_template()), "r") as template:
            self._sound: AudioStream = self._container.add_stream_from_template(
                template.streams.audio[0]
            )

    def write(self, sample: Sample) -> None:
        """The next sample, in order of time."""
        packet = av.Packet(sample.data)
        if sample.video:
            assert self._picture is not None
            packet.stream = self._picture
            packet.time_base = _MICRO
            packet.pts = packet.dts = sample.at
        else:
            packet.stream = self._sound
            packet.time_base = _SAMPLE
            packet.pts = packet.dts = sample.at - PRE_SKIP
            packet.duration = sample.duration
        packet.is_keyframe = sample.keyframe
        self._container.mux_one(packet)

    def close(self) -> None:
        """Write index and duration."""
        self._container.close()


def sounds_in(path: Path) -> Iterator[Sample]:
    """The sound of a file that was made here, as it was written."""
    at = 0
    with av.open(str(path)) as container:
        for packet in container.demux(audio=0):
            data = bytes(packet)
            if data:
                samples = opus_samples(data)
                yield Sample(False, at, samples, data, True)
                at += samples


@functools.cache
def _opus_template() -> bytes:
    """A file with a stereo Opus track, for its header: the muxer takes it from nowhere else."""
    content = io.BytesIO()
    with av.open(content, "w", format="matroska") as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE, layout="stereo")
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = OPUS_RATE, 0, _SAMPLE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return content.getvalue()
