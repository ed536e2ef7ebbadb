"""The file of one endpoint while it is being made."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from conference.recording.packager.assembly import Assembly, Sample
from conference.recording.packager.depacketizer import OPUS_RATE
from conference.recording.packager.filling import Span
from conference.recording.packager.manifest import PackagedFile, Stretch
from conference.recording.packager.plan import Plan, reason_for
from conference.recording.packager.track import Placed
from conference.recording.packager.webm import UNKNOWN_SIZE, WebmFile

SUFFIX = ".webm"
PART = ".part"
PATIENCE_US = 60_000_000
"""How much recording time is kept in memory while a camera that there is has shown nothing."""


class WrongShape(Exception):
    """A picture came that the file has no track for, or none where it has one."""


class Output:
    """Frames of an endpoint in, samples into a file that gets its name when it is whole."""

    def __init__(self, directory: Path, endpoint: str, picture: bool) -> None:
        """`picture`: the endpoint has a camera."""
        self.endpoint = endpoint
        self.assembly = Assembly()
        self._picture = picture
        self._path = directory / f"{endpoint}{SUFFIX}"
        self._part = directory / f"{endpoint}{SUFFIX}{PART}"
        self._file: WebmFile | None = None
        self._early: list[Sample] = []

    def put(self, placed: Placed, video: bool) -> None:
        """A frame of any of the endpoint's tracks."""
        if video and self._file is not None and not self._file.video:
            raise WrongShape
        self.assembly.put(placed, video)

    def advance(self, until_us: int) -> None:
        """Write what lies before an instant of R before which nothing more comes."""
        self._write(self.assembly.advance(until_us))
        if self._file is None and until_us >= PATIENCE_US:
            self._open()

    def finish(self, plan: Plan) -> PackagedFile:
        """Write the rest and the index; the file has its name when this returns."""
        end_us = plan.r_end_us
        self._write(self.assembly.finish(end_us))
        picture = self.assembly.picture
        if self._file is None:
            self._picture = picture.frames > 0
            self._open()
        assert self._file is not None
        if self._file.video and not picture.frames:
            raise WrongShape
        self._file.close()
        size, digest = _settle(self._part)
        self._part.replace(self._path)
        return PackagedFile(
            self._path.name, self.endpoint, picture.frames > 0, self.assembly.sounds > 0,
            size, digest, self._named(plan, "microphone", self.assembly.sound.filled),
            self._named(plan, "camera", picture.holes) if picture.frames else (),
            self._named(plan, "camera", picture.damaged),
        )  # fmt: skip

    def give_up(self) -> None:
        """Leave nothing half done."""
        if self._file is not None:
            self._file.close()
        self._part.unlink(missing_ok=True)

    def _write(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            if self._file is not None:
                self._file.write(sample)
                continue
            self._early.append(sample)
            if not self._picture or sample.video:
                self._open()

    def _open(self) -> None:
        size = (self.assembly.picture.size or UNKNOWN_SIZE) if self._picture else None
        self._file = WebmFile(self._part, size)
        for sample in self._early:
            self._file.write(sample)
        self._early.clear()

    def _named(self, plan: Plan, source: str, spans: list[Span]) -> tuple[Stretch, ...]:
        """The spans with what is known of their cause."""
        ends = (0, plan.r_end_us - 1_000_000_000 // OPUS_RATE)
        named = []
        for span in spans:
            cause = reason_for(
                plan.reasons, self.endpoint, source, (span.from_us, span.to_us)
            )  # fmt: skip
            if cause is None:
                outside = span.from_us <= ends[0] or span.to_us >= ends[1]
                cause = "absent" if outside else "missing"
            named.append(Stretch(cause, span.from_us, span.to_us))
        return tuple(named)


def _settle(path: Path) -> tuple[int, str]:
    """Bytes and SHA-256 (hex) of a file that is on disk then."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
        return stream.tell(), digest
