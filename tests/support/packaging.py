"""Journal entries and packagers in tests."""

from pathlib import Path

from conference.events.base import Entry, Event
from conference.events.media import TrackPublished
from conference.ids import EndpointId, TrackId
from conference.recording.packager.manifest import Manifest, PackagedFile
from conference.recording.packager.package import Again, Package
from conference.recording.planning import Planner

SESSION = "0198a4e0-0000-7000-8000-000000000001"


class Diary:
    """A session's journal in memory: what happened, when, in which life of the server."""

    def __init__(self, epoch: str = "epoch-1") -> None:
        self.entries: list[Entry] = []
        self.epoch = epoch

    def happen(self, mono_us: int, *events: Event) -> None:
        for event in events:
            seq = len(self.entries) + 1
            self.entries.append(
                Entry(SESSION, seq, self.epoch, mono_us, mono_us, None, None, None, event)
            )

    def publish(self, mono_us: int, *endpoints: str) -> None:
        """A camera and a microphone of each."""
        for name in endpoints:
            endpoint = EndpointId(name)
            camera, microphone = TrackId(f"{name}-camera"), TrackId(f"{name}-microphone")
            self.happen(
                mono_us,
                TrackPublished(endpoint, camera, "camera", "video"),
                TrackPublished(endpoint, microphone, "microphone", "audio"),
            )

    async def read(self, stream: str, after: int = 0) -> list[Entry]:
        """As the journal service does."""
        assert stream == SESSION
        return self.entries[after:]

    def planner(self) -> Planner:
        planner = Planner(SESSION)
        for entry in self.entries:
            planner.apply(entry)
        return planner


def package(recordings: Path, derived: Path, diary: Diary) -> Manifest:
    """Make the files of what lies there, as the process does, without waiting for more."""
    derived.mkdir(parents=True, exist_ok=True)
    made = Package(recordings, derived)
    made.plan = diary.planner().plan(final=True)
    while True:
        try:
            while made.step():
                pass
            return made.finish(made.plan)
        except Again:
            made = made.again()


def of_endpoint(manifest: Manifest, endpoint: str) -> PackagedFile:
    """The file of one endpoint."""
    (found,) = [file for file in manifest.files if file.endpoint == endpoint]
    return found
