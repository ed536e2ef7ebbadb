"""Random sessions: any command by anyone at any time, with restarts in between."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from conference.errors import Refused
from conference.events.recording import SealedTrack
from conference.ids import CommandId, EndpointId, LinkId, LoginId, SeatId, TrackId
from conference.rooms import commands as c
from tests.support.playbook import Playbook
from tests.support.story_a import DEPARTMENT, FATHER, JUDGE, MEDIATOR, SEATS, SON, endpoint

ENDPOINTS = [endpoint(str(n)) for n in range(8)]
TRACKS = [TrackId(f"track-{n}") for n in range(6)]
LINKS = [LinkId(f"link-{n}") for n in range(3)]

# The host acts as often as the others together, else little gets beyond "not_allowed".
ACTORS = st.sampled_from(
    [MEDIATOR, MEDIATOR, MEDIATOR, c.SERVER, c.SERVER, JUDGE, FATHER, SON, DEPARTMENT]
)
endpoints: st.SearchStrategy[EndpointId] = st.sampled_from(ENDPOINTS)
seats: st.SearchStrategy[SeatId] = st.sampled_from([info.seat for info in SEATS])
sources = st.sampled_from(["microphone", "camera"])
new_tracks = st.builds(
    c.NewTrack, st.sampled_from(TRACKS), sources, st.sampled_from(["audio", "video"])
)
instants = st.integers(0, 10**9)

COMMANDS: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(c.JoinEndpoint, endpoints, st.just("browser"), st.frozensets(sources)),
    st.builds(c.LeaveEndpoint, endpoints),
    st.builds(c.MarkLost, endpoints),
    st.builds(c.MarkHeard, endpoints),
    st.builds(c.SetMute, endpoints, sources, st.booleans()),
    st.builds(c.SetLayout, st.sampled_from(["grid", "focus"]), st.none() | seats),
    st.builds(c.PublishTracks, endpoints, st.lists(new_tracks, max_size=2).map(tuple)),
    st.builds(c.EndTracks, endpoints, st.lists(st.sampled_from(TRACKS), max_size=3).map(tuple)),
    st.sampled_from(
        [
            c.StartRecording(),
            c.PauseRecording(),
            c.ResumeRecording(),
            c.StopRecording(),
            c.PauseSession(),
            c.ResumeSession(),
        ]
    ),
    st.builds(
        c.ReportWriterFailed,
        st.sampled_from(["writer_died", "writer_stalled", "disk_full"]),
        instants,
    ),
    st.builds(c.ReportWriterRestored, instants),
    st.builds(c.NoteGap, st.none(), instants, instants, st.just("lost"), st.just(1)),
    st.just(c.NoteSealed("1", (SealedTrack(TRACKS[0], 1, "00", 1, None),))),
    st.builds(c.IssueLink, st.sampled_from(LINKS), seats, st.just(2**52)),
    st.builds(c.OpenLink, st.sampled_from(LINKS), st.just(LoginId("login"))),
    st.builds(c.WithdrawLink, st.sampled_from(LINKS)),
)


@dataclass(frozen=True, slots=True)
class Ask:
    actor: SeatId
    command: c.Command


@dataclass(frozen=True, slots=True)
class Wait:
    us: int


@dataclass(frozen=True, slots=True)
class Restart:
    """`unsealed_us`: how long before the death the last second was sealed; None: nothing was."""

    unsealed_us: int | None
    machine_too: bool


Step = Ask | Wait | Restart

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(Ask, ACTORS, COMMANDS),
    st.builds(Ask, ACTORS, COMMANDS),
    st.builds(Ask, ACTORS, COMMANDS),
    st.builds(Wait, st.integers(0, 100_000_000)),
    st.builds(Restart, st.none() | st.integers(0, 3_000_000), st.booleans()),
)
SESSIONS = st.lists(STEPS, min_size=5, max_size=60)


def take(play: Playbook, step: Step, number: int) -> None:
    """One step; what is refused changes nothing."""
    if isinstance(step, Wait):
        play.clock.advance(step.us)
    elif isinstance(step, Restart):
        unsealed = step.unsealed_us
        sealed = None if unsealed is None else play.clock.mono_us() - unsealed
        play.restart(sealed, step.machine_too)
    else:
        before = len(play.entries)
        try:
            play.says(step.actor, with_id(step.command, number))
        except Refused:
            assert len(play.entries) == before


def with_id(command: c.Command, number: int) -> c.Command:
    return replace(command, command_id=CommandId(f"command-{number}"))
