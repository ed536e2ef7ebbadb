"""Story A from the first person in the room to the end of its session: who does what when.

The real session took 79 minutes; here a minute of its recording is a second and a half. Instants
are seconds since the host came in, 2026-07-20 16:00 in Beijing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

BEGINS_US = 1_784_534_400_000_000
"""UTC µs of that instant."""
SCALE = 40
RECORDED_S = 250 / SCALE
"""The recording starts at T+04:10."""
PAUSED_S = RECORDED_S + 1610 / SCALE
"""单独沟通 from R 26:50 on, for 17 minutes."""
RESUMED_S = PAUSED_S + 1020 / SCALE
ENDS_S = RESUMED_S + (3440 - 1610) / SCALE
"""R 57:20."""
CUT_S = RECORDED_S + 1015 / SCALE
"""The applicant's line is cut at R 16:55; longer than its share, else nobody would notice."""
BACK_S = CUT_S + 6.5
NOTICED_S = CUT_S + 2.5

HOST, APPLICANT, RESPONDENT = "马晓燕", "王建国", "艾合买提·吐尔逊"
JUDGE, CLERK, INTERPRETER, EXPERT = "刘卫东", "周婷", "古丽娜尔", "陈志强"
PLAYERS = {
    JUDGE: "judge",
    HOST: "mediator",
    CLERK: "clerk",
    APPLICANT: "party",
    RESPONDENT: "party",
    INTERPRETER: "interpreter",
    EXPERT: "department",
}
"""In the order of the story's file, as in a live session: pictures and voices are the same."""
SIGNERS = (APPLICANT, RESPONDENT, HOST)

Act = Literal[
    "join", "publish", "mute", "record", "session", "lost", "heard",
    "draft", "freeze", "acknowledge", "sign", "close",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cue:
    """`who` does `act` at `at_s`. `what`: the action of record and session, (source, muted) of
    mute, the clause of acknowledge."""

    at_s: float
    who: str
    act: Act
    what: Any = None


def recorded(r_s: float) -> float:
    """The instant at which so much of the real session had been recorded."""
    at_s = RECORDED_S + r_s / SCALE
    return at_s if at_s < PAUSED_S else at_s + RESUMED_S - PAUSED_S


SIGNED = {APPLICANT: recorded(3067.3), RESPONDENT: recorded(3210.8), HOST: recorded(3295.0)}
"""R 51:07.3, 53:30.8, 54:55.0."""
READ_S, FROZEN_S, DRAFTED_S = recorded(2300), recorded(2220), recorded(2000)
CLAUSE_S = 2.4

SPEECHES = (
    (HOST, RECORDED_S + 1.0, RECORDED_S + 5.0),
    (APPLICANT, RECORDED_S + 5.5, RECORDED_S + 12.0),
    (RESPONDENT, RECORDED_S + 12.5, RECORDED_S + 16.5),
    (INTERPRETER, RECORDED_S + 17.0, RECORDED_S + 21.0),
    (EXPERT, RECORDED_S + 21.5, CUT_S),
    (HOST, BACK_S + 0.5, BACK_S + 4.5),
    (APPLICANT, BACK_S + 5.0, PAUSED_S - 0.5),
    (JUDGE, RESUMED_S + 1.5, RESUMED_S + 6.5),
    (HOST, DRAFTED_S + 0.5, FROZEN_S - 0.5),
    (INTERPRETER, READ_S, READ_S + 7 * CLAUSE_S),
    (HOST, SIGNED[HOST] + 1.8, ENDS_S - 0.3),
)
"""Who speaks from when to when."""


def moods(who: str) -> list[tuple[float, float, str]]:
    """What the pictures of somebody show, from when to when; else a quiet face."""
    found = [(begins, ends, "speech") for name, begins, ends in SPEECHES if name == who]
    if who in SIGNED:
        found.append((SIGNED[who] - 0.5, SIGNED[who] + 1.6, "sign"))
    return found


def cues(clauses: int) -> list[Cue]:
    """Everything in order. `clauses`: how many the agreement has."""
    found = [*_coming_in(), *_session(), *_document(clauses)]
    return sorted(found, key=lambda cue: cue.at_s)


def _coming_in() -> Iterator[Cue]:
    arrivals = ((CLERK, -22.0), (EXPERT, -18.5), (APPLICANT, -15.0), (RESPONDENT, -11.5))
    for who, at_s in (*arrivals, (INTERPRETER, -8.0), (JUDGE, -4.0), (HOST, 0.0)):
        yield Cue(at_s, who, "join")
        yield Cue(at_s + 0.8, who, "publish")


def _session() -> Iterator[Cue]:
    yield Cue(RECORDED_S, HOST, "record", "start")
    yield Cue(RECORDED_S + 2.0, JUDGE, "mute", ("microphone", True))
    yield Cue(NOTICED_S, APPLICANT, "lost")
    yield Cue(BACK_S, APPLICANT, "heard")
    yield Cue(PAUSED_S, HOST, "session", "pause")
    yield Cue(RESUMED_S - 0.6, HOST, "session", "resume")
    yield Cue(RESUMED_S, HOST, "record", "resume")
    yield Cue(RESUMED_S + 1.0, JUDGE, "mute", ("microphone", False))
    yield Cue(ENDS_S, HOST, "record", "stop")


def _document(clauses: int) -> Iterator[Cue]:
    yield Cue(DRAFTED_S, HOST, "draft")
    yield Cue(FROZEN_S, HOST, "freeze")
    for clause in range(1, clauses + 1):
        for place, who in enumerate(SIGNERS):
            at_s = READ_S + (clause - 0.2) * CLAUSE_S * 7 / clauses + place * 0.31
            yield Cue(at_s, who, "acknowledge", clause)
    for who, at_s in SIGNED.items():
        yield Cue(at_s, who, "sign")
