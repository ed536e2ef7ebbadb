"""What becomes of the recording: what the host ordered, and what the writer really does."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from conference.events.base import Event
from conference.ids import TrackId

RecordingPauseReason = Literal["host", "host_lost", "session_paused", "server_restarted"]
FailureReason = Literal["writer_died", "writer_stalled", "disk_full"]


@dataclass(frozen=True, slots=True)
class RecordingStarted(Event):
    """`take`: one unbroken stretch of the recording; every start and every resumption has its
    own, so that no take holds a pause."""

    KIND: ClassVar[str] = "recording:session:started"
    take: str


@dataclass(frozen=True, slots=True)
class RecordingPaused(Event):
    KIND: ClassVar[str] = "recording:session:paused"
    take: str
    reason: RecordingPauseReason


@dataclass(frozen=True, slots=True)
class RecordingResumed(Event):
    KIND: ClassVar[str] = "recording:session:resumed"
    take: str


@dataclass(frozen=True, slots=True)
class RecordingStopped(Event):
    KIND: ClassVar[str] = "recording:session:stopped"
    take: str


@dataclass(frozen=True, slots=True)
class RecordingFailed(Event):
    """Nothing is being written although it should be. `since_us`: UTC µs of the last instant
    known to be on disk. Recording time runs on; a gap row says what is missing."""

    KIND: ClassVar[str] = "recording:writer:failed"
    reason: FailureReason
    since_us: int


@dataclass(frozen=True, slots=True)
class RecordingRestored(Event):
    """The writer writes again, into `take` (a new one, or the same after a mere stall).
    `since_us`: UTC µs from which on packets are written."""

    KIND: ClassVar[str] = "recording:writer:restored"
    since_us: int
    take: str


@dataclass(frozen=True, slots=True)
class RecordingGap(Event):
    """Between two instants of recording time packets are missing: of one track, or of all
    (`track` None). `packets`: how many are known to be missing, 0 when nobody counted."""

    KIND: ClassVar[str] = "recording:gap:noted"
    track: TrackId | None
    from_r_us: int
    to_r_us: int
    reason: str
    packets: int


@dataclass(frozen=True, slots=True)
class SealedTrack:
    """The end of one track's packet journal: number of blocks, hex SHA-256 of the last block's
    chain link, size in bytes, CLOCK_MONOTONIC µs of the last packet (None: no packet)."""

    track: TrackId
    blocks: int
    head: str
    bytes: int
    last_mono_us: int | None


@dataclass(frozen=True, slots=True)
class RecordingSealed(Event):
    KIND: ClassVar[str] = "recording:take:sealed"
    take: str
    tracks: tuple[SealedTrack, ...]
