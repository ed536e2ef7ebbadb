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
from conference.recording.packager.webm import WebmFile, sounds_in

SUFFIX = ".webm"
PART = ".part"
PATIENCE_US = 10_000_000
"""How much recording time is kept in memory until it is clear whether there is a picture."""


class Output:
    """Frames of an endpoint in, samples into a file that gets its name when it is whole.

    A file begins with sound alone when no picture comes in its first seconds; when one comes after
    all the file is begun anew with a track for it, and the sound copied.
    """

    def __init__(self, directory: Path, endpoint: str) -> None:
        self.endpoint = endpoint
        self.assembly = Assembly()
        self._path = directory / f"{endpoint}{SUFFIX}"
        self._part = directory / f"{endpoint}{SUFFIX}{PART}"
        self._file: WebmFile | None = None
        self._early: list[Sample] = []

    def put(self, placed: Placed, video: bool) -> None:
        """A frame of any of the endpoint's tracks."""
        self.assembly.put(placed, video)

    def advance(self, until_us: int) -> None:
        """Write what lies before an instant of R before which nothing more comes."""
        self._write(self.assembly.advance(until_us))
        if self._file is None and until_us >= PATIENCE_US:
            self._open()

    def finish(self, plan: Plan) -> PackagedFile:
        """Write the rest and the index; the file has its name when this returns."""
        self._write(self.assembly.finish(plan.r_end_us))
        (self._file or self._open()).close()
        size, digest = _settle(self._part)
        self._part.replace(self._path)
        picture = self.assembly.picture
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
            if self._file is None:
                self._early.append(sample)
                if sample.video:
                    self._open()
                continue
            if sample.video and not self._file.video:
                self._file = self._with_picture(self._file)
            self._file.write(sample)

    def _open(self) -> WebmFile:
        self._file = WebmFile(self._part, self.assembly.picture.size)
        for sample in self._early:
            self._file.write(sample)
        self._early.clear()
        return self._file

    def _with_picture(self, file: WebmFile) -> WebmFile:
        file.close()
        sound_alone = self._part.with_suffix(f".sound{PART}")
        self._part.replace(sound_alone)
        begun = WebmFile(self._part, self.assembly.picture.size)
        for sample in sounds_in(sound_alone):
            begun.write(sample)
        sound_alone.unlink()
        return begun

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
