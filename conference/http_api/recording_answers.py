"""The shapes of recordings in the API. Instants: `*_wall_us` and `wall_*_us` UTC µs, `*_r_us`,
`r_*_us` and `at_us` µs of recording time R."""

from typing import Literal, Self

from conference.archive.desk.service import Page
from conference.archive.ports import Line
from conference.archive.replay import Replay, Tape
from conference.archive.timeline import DocumentName
from conference.http_api.answers import Answer
from conference.recording.packaging import PackageState


class Packaging(Answer):
    """How far the files of a recording are. `state`: none (never recorded), following (it goes
    on), packaging (they are being made), ready, failed, missing. `progress` from 0 to 1."""

    state: Literal["none", "following", "packaging", "ready", "failed", "missing"]
    progress: float

    @classmethod
    def of(cls, package: PackageState) -> Self:
        return cls(state=package.state, progress=package.progress)


class RecordingLine(Answer):
    """One session in the list. `state`: scheduled, open, paused or closed; `recording`: none, on,
    paused or stopped; `recorded_us`: its length up to the last pause or stop; `gaps`: places where
    something is missing; `completed`: documents that all have signed."""

    session: str
    title: str
    case_number: str
    track: str
    state: str
    scheduled_at_us: int
    opened_at_us: int | None
    host_name: str
    host_unit: str
    recording: str
    recorded_us: int
    gaps: int
    completed: int
    packaging: Packaging

    @classmethod
    def of(cls, line: Line, package: PackageState) -> Self:
        names = [name for name in cls.model_fields if name != "packaging"]
        told = {name: getattr(line, name) for name in names}
        return cls(**told, packaging=Packaging.of(package))


class Recordings(Answer):
    """Answer of GET /u/{login}/api/recordings. `hits`: how many sessions fit in all; `page`
    counts from 1."""

    recordings: list[RecordingLine]
    hits: int
    page: int
    pages: int

    @classmethod
    def of(cls, page: Page, number: int, size: int) -> Self:
        pairs = zip(page.lines, page.packages, strict=True)
        return cls(
            recordings=[RecordingLine.of(line, package) for line, package in pairs],
            hits=page.hits,
            page=number,
            pages=max(1, -(-page.hits // size)),
        )


class PersonView(Answer):
    """`endpoints`: those that ever carried the person, in order."""

    seat: str
    name: str
    role: str
    standing: str | None
    unit: str
    endpoints: list[str]


class IntervalView(Answer):
    """Recording time that ran without a break. `ended_by`: stopped, host, host_lost,
    session_paused, server_restarted; null while it runs."""

    r_from_us: int
    r_to_us: int
    wall_from_us: int
    wall_to_us: int
    ended_by: str | None


class DocumentView(Answer):
    """`hash`: of the frozen text, null of a draft."""

    document: str
    version: int
    title: str
    hash: str | None


class CueView(Answer):
    """Something that happened, at its place on R. `r_us`: null when nothing was recorded at that
    moment. `seq`: its number in the session's journal; `seats`: whom it concerns; `to_us`: the
    end of a gap."""

    seq: int
    kind: str
    at_us: int
    r_us: int | None
    wall_us: int
    seats: list[str]
    endpoint: str | None
    source: str | None
    reason: str | None
    document: DocumentView | None
    clause: int | None
    to_us: int | None


class PaperView(DocumentView):
    """A completed document. `pdf`: its address below /u/{login}/."""

    pdf: str

    @classmethod
    def of_session(cls, session: str, named: DocumentName) -> Self:
        shown = DocumentView.model_validate(named)
        pdf = f"media/{session}/{named.document}/{named.version}.pdf"
        return cls(**shown.model_dump(), pdf=pdf)


class StretchView(Answer):
    """`kind`: muted, line_lost, writer, absent, missing."""

    kind: str
    from_r_us: int
    to_r_us: int


class FileView(Answer):
    """Picture and sound of one endpoint from 0 to the recording's end. `url`: below /u/{login}/.
    `video`, `audio`: whether there is any. `filled`: silence of ours in the sound; `holes`: no
    picture; `damaged`: a picture that may look wrong. `usable`: false when the file is no longer
    what was made; null while that is being looked at."""

    endpoint: str
    url: str
    bytes: int
    sha256: str
    video: bool
    audio: bool
    filled: list[StretchView]
    holes: list[StretchView]
    damaged: list[StretchView]
    usable: bool | None

    @classmethod
    def of(cls, session: str, tape: Tape) -> Self:
        file = tape.file
        return cls(
            endpoint=file.endpoint,
            url=f"media/{session}/{file.file}",
            bytes=file.bytes,
            sha256=file.sha256,
            video=file.video,
            audio=file.audio,
            filled=[StretchView.model_validate(each) for each in file.filled],
            holes=[StretchView.model_validate(each) for each in file.holes],
            damaged=[StretchView.model_validate(each) for each in file.damaged],
            usable=tape.holds,
        )


class FlawView(Answer):
    """What is wrong, as a word; the rest plays. never_recorded; of what was recorded: missing,
    cut, changed, damaged, torn, unreadable; of the files made of it: copy_changed,
    packaging_failed."""

    kind: str
    endpoint: str | None
    at_us: int | None


class ReplayAnswer(Answer):
    """Answer of GET /u/{login}/api/recordings/{session}. `cues` in the order of their places on
    R; `files` is empty unless the packaging is ready; `papers`: what was signed by all."""

    session: str
    title: str
    case_number: str
    track: str
    state: str
    recording: str
    r_end_us: int
    opened_us: int | None
    closed_us: int | None
    people: list[PersonView]
    intervals: list[IntervalView]
    cues: list[CueView]
    files: list[FileView]
    papers: list[PaperView]
    flaws: list[FlawView]
    packaging: Packaging

    @classmethod
    def of(cls, replay: Replay) -> Self:
        line, told = replay.line, replay.timeline
        names = ("session", "title", "case_number", "track", "state")
        return cls(
            **{name: getattr(line, name) for name in names},
            recording=told.recording,
            r_end_us=told.r_end_us,
            opened_us=told.opened_us,
            closed_us=told.closed_us,
            people=[PersonView.model_validate(each) for each in told.people],
            intervals=[IntervalView.model_validate(each) for each in told.intervals],
            cues=[CueView.model_validate(each) for each in told.cues],
            files=[FileView.of(line.session, each) for each in replay.tapes],
            papers=[PaperView.of_session(line.session, each) for each in told.papers],
            flaws=[FlawView.model_validate(each) for each in replay.flaws],
            packaging=Packaging.of(replay.package),
        )
