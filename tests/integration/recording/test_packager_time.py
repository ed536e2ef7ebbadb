"""Every flash and beep lies where recording time says, whatever the line and the host did."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from conference.events.recording import (
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from conference.events.room import EndpointLost, EndpointRestored, MuteSet
from conference.ids import EndpointId, SeatId
from conference.recording.packager.manifest import Manifest, PackagedFile
from tests.support.packaging import SESSION, Diary, of_endpoint, package
from tests.support.rushes import (
    DELAY_US,
    PERIOD_US,
    Line,
    Reel,
    Sender,
    beeps,
    flashes,
    lengths,
)

S = 1_000_000
WITHIN = 0.020
T = 9_876 * S + 543
MA, WANG = EndpointId("ma"), EndpointId("wang")
Span = tuple[int, int]


@dataclass
class Session:
    """Recorded from `start` on: 50 s, a pause of 10 s, 10 s more. Ma is muted for 20 s and off
    line for 5 s; Wang comes after 5.5 s and publishes anew after 35 s."""

    directory: Path
    ma: Line
    wang: Line
    start: int = 1_234_567_891

    def record(self) -> Manifest:
        folder, t = self.directory / "recordings" / SESSION, self.start
        self._tell(t)
        self._ma(folder, t)
        self._wang(folder, t)
        return package(folder, self.directory / "derived", self.diary)

    def file(self, packaged: PackagedFile) -> Path:
        return self.directory / "derived" / packaged.file

    def _tell(self, t: int) -> None:
        diary = self.diary = Diary()
        diary.publish(t - 9 * S, "ma", "wang")
        diary.happen(t, RecordingStarted("1"))
        diary.happen(t + 10 * S, MuteSet(MA, "microphone", True, SeatId("s")))
        diary.happen(t + 30 * S, MuteSet(MA, "microphone", False, SeatId("s")))
        diary.happen(t + 42 * S, EndpointLost(MA))
        diary.happen(t + 45 * S, EndpointRestored(MA))
        diary.happen(t + 50 * S, RecordingPaused("1", "host"))
        diary.happen(t + 60 * S, RecordingResumed("2"))
        diary.happen(t + 70 * S, RecordingStopped("2"))

    def _ma(self, folder: Path, t: int) -> None:
        camera = Sender(True, self.ma, t + 300_000)
        voice = Sender(False, self.ma, t + 300_000)
        takes = {"1": ([(0, 40), (45, 50)], [(0, 10), (30, 40), (45, 50)]), "2": ([(60, 70)],) * 2}
        for take, (seen, heard) in takes.items():
            for sender, kind, spans in ((camera, "camera", seen), (voice, "microphone", heard)):
                reel = Reel(folder, take, f"ma-{kind}", sender.video, "epoch-1")
                for begin, end in spans:
                    reel.write(sender.between(t + begin * S, t + end * S - 50_000))
                reel.end()

    def _wang(self, folder: Path, t: int) -> None:
        for number, spans in (("", [(5.5, 35)]), ("2", [(36, 50), (60, 70)])):
            for video in (True, False):
                sender = Sender(video, self.wang, t + 700_000, seed=7 + len(number))
                name = f"wang-{'camera' if video else 'microphone'}{number}"
                for take, (begin, end) in enumerate(spans, 1):
                    reel = Reel(folder, str(take), name, video, "epoch-1")
                    span = (t + int(begin * S), t + int(end * S) - 50_000)
                    reel.write(sender.between(*span))
                    reel.end()


def one_take(directory: Path, tracks: dict[str, list[tuple[int, bytes, bool]]]) -> Manifest:
    """A minute in which these tracks were recorded, from `T` on."""
    folder, diary = directory / "recordings" / SESSION, Diary()
    diary.happen(T, RecordingStarted("1"))
    diary.happen(T + 60 * S, RecordingStopped("1"))
    for name, packets in tracks.items():
        reel = Reel(folder, "1", name, "camera" in name, "epoch-1")
        reel.write(packets)
        reel.end()
    return package(folder, directory / "derived", diary)


def test_a_picture_that_comes_late_gets_its_place(tmp_path: Path) -> None:
    span = (T, T + 60 * S - 50_000)
    manifest = one_take(
        tmp_path,
        {
            "ma-microphone": Sender(False, Line(), T).between(*span),
            "ma-camera": Sender(True, Line(), T).between(T + 35 * S, span[1]),
            "wang-microphone": Sender(False, Line(), T).between(*span),
        },
    )
    ma, wang = of_endpoint(manifest, "ma"), of_endpoint(manifest, "wang")
    path = tmp_path / "derived" / ma.file
    assert_near(flashes(path), [at + DELAY_US / S for at in range(36, 60, 2)])
    assert_near(beeps(path), [at + DELAY_US / S for at in range(0, 60, 2)])
    assert [(hole.kind, hole.from_r_us) for hole in ma.holes] == [("absent", 0)]
    assert 35.0 <= ma.holes[0].to_r_us / S <= 35.3
    assert (wang.video, wang.audio, wang.holes) == (False, True, ())
    assert not list((tmp_path / "derived").glob("*.part"))


def test_what_a_line_held_back_for_seconds_is_put_where_it_belongs(tmp_path: Path) -> None:
    """All of one endpoint's packets of 8 s come at their end, those of the other in time."""
    span = (T, T + 60 * S - 50_000)
    tracks = {
        f"{name}-{kind}": Sender(kind == "camera", Line(jitter_us=0), T).between(*span)
        for name in ("ma", "wang")
        for kind in ("camera", "microphone")
    }
    for name in ("ma-camera", "ma-microphone"):
        tracks[name] = [
            (max(at, T + 30 * S) if at > T + 22 * S else at, data, report)
            for at, data, report in tracks[name]
        ]
    manifest = one_take(tmp_path, tracks)
    wanted = [at + DELAY_US / S for at in range(0, 60, 2)]
    for file in manifest.files:
        assert_near(flashes(tmp_path / "derived" / file.file), wanted)
        assert_near(beeps(tmp_path / "derived" / file.file), wanted)


def marks(phase_us: int, spans: Sequence[Span]) -> list[float]:
    """Seconds of R at which flashes and beeps of these spans of R belong, the pause cut."""
    wanted = []
    for from_us, to_us in spans:
        cut = 10 * S if from_us >= 60 * S else 0
        at = phase_us + -((phase_us - from_us) // PERIOD_US) * PERIOD_US
        while at < to_us - 150_000:
            wanted.append((at + DELAY_US - cut) / S)
            at += PERIOD_US
    return wanted


def assert_near(found: list[float], wanted: list[float]) -> None:
    assert len(found) == len(wanted), (found, wanted)
    worst = max(abs(one - other) for one, other in zip(found, wanted, strict=True))
    print(f"{len(found)} marks, worst {worst * 1000:.1f} ms")
    assert worst <= WITHIN, [(f, w) for f, w in zip(found, wanted, strict=True)]


CASES = {
    "quiet": (Line(jitter_us=0), Line(jitter_us=0)),
    "jitter": (Line(seed=2), Line(seed=3, ntp_us=1_600_000_000_000_000)),
    "drift": (Line(ppm=120), Line(ppm=-120)),
    "no reports": (Line(reports=False), Line(reports=False)),
}


@pytest.mark.parametrize("case", CASES)
def test_marks_lie_in_their_places(tmp_path: Path, case: str) -> None:
    session = Session(tmp_path, *CASES[case])
    manifest = session.record()
    assert (manifest.r_end_us, manifest.flaws) == (60 * S, ())
    ma, wang = of_endpoint(manifest, "ma"), of_endpoint(manifest, "wang")
    seen = [(0, 40 * S), (45 * S, 50 * S), (60 * S, 70 * S)]
    heard = [(0, 10 * S), (30 * S, 40 * S), *seen[1:]]
    assert_near(flashes(session.file(ma)), marks(300_000, seen))
    assert_near(beeps(session.file(ma)), marks(300_000, heard))
    always = [(5_500_000, 35 * S), (36 * S, 50 * S), (60 * S, 70 * S)]
    assert_near(flashes(session.file(wang)), marks(700_000, always))
    assert_near(beeps(session.file(wang)), marks(700_000, always))
    for file in (ma, wang):
        for what, seconds in lengths(session.file(file)).items():
            assert abs(seconds - 60) <= 0.1, (file.endpoint, what, seconds)
