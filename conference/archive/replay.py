"""A recording as it is handed out: the timeline, the files, and what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conference.archive.ports import Line
from conference.archive.timeline import Timeline
from conference.events.base import Entry
from conference.events.media import TrackPublished
from conference.ids import EndpointId
from conference.recording.packager.manifest import FlawFound, Manifest, PackagedFile
from conference.recording.packaging import PackageState


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong, as a word. never_recorded; of what was recorded: missing, cut, changed,
    damaged, torn, unreadable; of the files made of it: copy_changed, packaging_failed. `at_us`: R,
    as far as known."""

    kind: str
    endpoint: EndpointId | None = None
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Tape:
    """`holds`: whether the file is what was made; None while that is being looked at."""

    file: PackagedFile
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Replay:
    """`tapes` is empty unless the package is ready."""

    line: Line
    timeline: Timeline
    package: PackageState
    tapes: tuple[Tape, ...]
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """What a session's journal tells: the timeline, and whose tracks there were."""

    timeline: Timeline
    owners: Mapping[str, EndpointId]


def owners(entries: Iterable[Entry]) -> dict[str, EndpointId]:
    """The endpoint of every track."""
    published = (entry.event for entry in entries if isinstance(entry.event, TrackPublished))
    return {event.track: event.endpoint for event in published}


def replay(
    line: Line, telling: Telling, package: PackageState, holds: Mapping[str, bool]
) -> Replay:
    """All of it. `holds`: of those of the package's files that have been looked at."""
    manifest = package.manifest
    files = () if manifest is None else manifest.files
    tapes = tuple(Tape(file, holds.get(file.file)) for file in files)
    flaws = [*_of_the_whole(telling.timeline, package), *_of_tapes(tapes)]
    if manifest is not None:
        flaws += _of_evidence(manifest, telling.owners)
    return Replay(line, telling.timeline, package, tapes, tuple(flaws))


def _of_the_whole(timeline: Timeline, package: PackageState) -> list[Flaw]:
    if timeline.recording == "none":
        return [Flaw("never_recorded")]
    return [Flaw("packaging_failed")] if package.state == "failed" else []


def _of_tapes(tapes: Sequence[Tape]) -> list[Flaw]:
    changed = (tape.file.endpoint for tape in tapes if tape.holds is False)
    return [Flaw("copy_changed", EndpointId(endpoint)) for endpoint in changed]


def _of_evidence(manifest: Manifest, owned: Mapping[str, EndpointId]) -> list[Flaw]:
    return [Flaw(each.what, owned.get(_track(each)), each.r_us) for each in manifest.flaws]


def _track(flaw: FlawFound) -> str:
    """`take/track`, of which only the track has an owner."""
    return flaw.file.rpartition("/")[2].removesuffix(".rtpj")
