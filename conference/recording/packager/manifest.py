"""manifest.json beside the files of a session: what is in them, what is filled, what is wrong."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

FORMAT = "derived/1"
NAME = "manifest.json"
State = Literal["following", "ready"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of recording time in which something is missing. `kind`: muted, line_lost, writer,
    absent (before the first and behind the last of the track), missing (anything else)."""

    kind: str
    from_r_us: int
    to_r_us: int


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """One file. `video`, `audio`: whether there is a picture, a sound; every file has a track of
    sound, silent when there was none. `filled`: silence of ours in the sound; `holes`: no picture;
    `damaged`: packets are missing and the picture may look wrong."""

    file: str
    endpoint: str
    video: bool
    audio: bool
    bytes: int
    sha256: str
    filled: tuple[Stretch, ...]
    holes: tuple[Stretch, ...]
    damaged: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class FlawFound:
    """What is wrong with a recorded file, as take/track. `what`: missing, cut (blocks that the
    journal names are not there), changed (not the blocks that the journal names), damaged (does
    not hold), torn (ends inside a block, as after a power cut), unreadable. `r_us`: where on
    recording time, as far as known."""

    file: str
    what: str
    r_us: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """`r_end_us`: the length of the recording; `progress` from 0 to 1."""

    session: str
    state: State
    progress: float
    r_end_us: int
    files: tuple[PackagedFile, ...] = ()
    flaws: tuple[FlawFound, ...] = ()


def write_manifest(manifest: Manifest) -> bytes:
    """JSON for people and programs."""
    return json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1).encode() + b"\n"


def read_manifest(content: bytes) -> Manifest:
    """The manifest; ValueError when it is none, or of another format."""
    try:
        said: dict[str, Any] = json.loads(content)
        if said.pop("format") != FORMAT:
            raise ValueError(f"the format is not {FORMAT}")
        files = tuple(_file(each) for each in said.pop("files"))
        flaws = tuple(FlawFound(**each) for each in said.pop("flaws"))
        return Manifest(**said, files=files, flaws=flaws)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("the manifest lacks a field or has an unknown one") from error


def _file(said: dict[str, Any]) -> PackagedFile:
    for name in ("filled", "holes", "damaged"):
        said[name] = tuple(Stretch(**each) for each in said[name])
    return PackagedFile(**said)
