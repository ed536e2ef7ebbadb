"""What a participant does when: a short text, such as "2 record start, 5.5 mute camera"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Action:
    """A command and its moment, in seconds since everybody was ready."""

    at_s: float
    name: str
    payload: Mapping[str, Any]


SOURCES = ("microphone", "camera")


def parse_script(text: str) -> list[Action]:
    """Steps are parted by commas, each `SECONDS COMMAND ARGUMENT`; ValueError names the step."""
    steps = [step.strip() for step in text.split(",")]
    return sorted((_parse_step(step) for step in steps if step), key=lambda each: each.at_s)


def _parse_step(step: str) -> Action:
    match step.split():
        case [at, ("mute" | "unmute") as verb, source] if source in SOURCES:
            payload: dict[str, Any] = {"source": source, "muted": verb == "mute"}
            return Action(_seconds(at, step), "mute", payload)
        case [at, "record", ("start" | "pause" | "resume" | "stop") as what]:
            return Action(_seconds(at, step), "record", {"action": what})
        case [at, "session", ("pause" | "resume") as what]:
            return Action(_seconds(at, step), "session", {"action": what})
        case [at, "layout", "grid"]:
            return Action(_seconds(at, step), "layout", {"layout": "grid", "focus": None})
        case [at, "layout", "focus", seat]:
            return Action(_seconds(at, step), "layout", {"layout": "focus", "focus": seat})
        case [at, "leave"]:
            return Action(_seconds(at, step), "leave", {})
    raise ValueError(f"not a step of a script: {step!r}")


def _seconds(text: str, step: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"a step begins with its second: {step!r}") from None
