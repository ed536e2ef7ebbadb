"""The loops of the people of a story: drawn, spoken and encoded once, then kept in a folder.

A file of the cache is one line of JSON, which says how the bytes behind it are cut."""

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from conference.simulation import encode, voice
from conference.simulation.encode import (
    FRAMES_PER_SECOND,
    SAMPLES_PER_PACKET,
    EncodedFrame,
    EncodedMedia,
)
from conference.simulation.figure import Figure, Look, Mood

FORMAT = "reels/1"
SECONDS: Mapping[Mood, float] = {"quiet": 2.4, "speech": 2.4, "sign": 0.8}
SAMPLES_PER_FRAME = encode.SAMPLE_RATE // FRAMES_PER_SECOND
BITS_PER_SECOND = 250_000


Reels = Mapping[Mood, EncodedMedia]


def reels(looks: Sequence[Look], cache: Path) -> list[Reels]:
    """Those of each look, in order; what is not in the cache yet is made, some seconds of CPU."""
    found = [_kept(look, cache) for look in looks]
    missing = [look for look, kept in zip(looks, found, strict=True) if kept is None]
    if not missing:
        return [kept for kept in found if kept is not None]
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("wb") as lock, ThreadPoolExecutor(2) as threads:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be making the same
        # In threads, for the codecs let go of the interpreter.
        list(threads.map(lambda look: _keep(look, cache), missing))
    return [_kept(look, cache) or make(look) for look in looks]


def make(look: Look) -> Reels:
    """Draw, speak and encode everything of one person."""
    speech = voice.speech(look.seed, SECONDS["speech"], SAMPLES_PER_FRAME)
    hush = encode.encode_samples(_blocks(voice.silence(SECONDS["sign"]).tobytes()))
    figure = Figure(look)
    made: dict[Mood, EncodedMedia] = {}
    for mood, seconds in SECONDS.items():
        count = round(seconds * FRAMES_PER_SECOND)
        mouths = speech.loudness if mood == "speech" else [0.0] * count
        pictures = (
            figure.frame(mood, index / count, mouths[index % len(mouths)]) for index in range(count)
        )
        frames = encode.encode_pictures(
            (
                encode.frame_of((planes.luma, planes.blue, planes.red), index)
                for index, planes in enumerate(pictures)
            ),
            BITS_PER_SECOND,
        )
        made[mood] = EncodedMedia(frames, hush)
    said = encode.encode_samples(_blocks(speech.samples.tobytes()))
    made["speech"] = EncodedMedia(made["speech"].frames, said)
    return made


def _blocks(samples: bytes) -> Iterator[bytes]:
    size = 2 * SAMPLES_PER_PACKET
    return (samples[at : at + size] for at in range(0, len(samples), size))


# --- the cache -----------------------------------------------------------------------------------


def _path(look: Look, cache: Path) -> Path:
    name = json.dumps([FORMAT, SECONDS, BITS_PER_SECOND, asdict(look)])
    return cache / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.reels"


def _kept(look: Look, cache: Path) -> Reels | None:
    try:
        return unpack(_path(look, cache).read_bytes())
    except (OSError, ValueError, KeyError):
        return None


def _keep(look: Look, cache: Path) -> None:
    """Into the cache, unless somebody else was quicker."""
    if _kept(look, cache) is None:
        path = _path(look, cache)
        new = path.with_suffix(".new")
        new.write_bytes(pack(make(look)))
        new.replace(path)


def pack(made: Reels) -> bytes:
    """The bytes of a file of the cache."""
    index = {
        mood: {
            "frames": [[len(frame.data), frame.keyframe] for frame in reel.frames],
            "sound": [len(packet) for packet in reel.sound],
        }
        for mood, reel in made.items()
    }
    head = json.dumps({"format": FORMAT, "moods": index}, separators=(",", ":")).encode() + b"\n"
    bodies = (
        b"".join(frame.data for frame in reel.frames) + b"".join(reel.sound)
        for reel in made.values()
    )
    return head + b"".join(bodies)


def unpack(content: bytes) -> Reels:
    """ValueError or KeyError when it is no whole file of this format."""
    head, _, body = content.partition(b"\n")
    told = json.loads(head)
    if told["format"] != FORMAT:
        raise ValueError("reels of another format")
    found: dict[Mood, EncodedMedia] = {}
    at = 0
    for mood in SECONDS:
        frames, sound = [], []
        for size, keyframe in told["moods"][mood]["frames"]:
            frames.append(EncodedFrame(body[at : at + size], keyframe))
            at += size
        for size in told["moods"][mood]["sound"]:
            sound.append(body[at : at + size])
            at += size
        found[mood] = EncodedMedia(tuple(frames), tuple(sound))
    if at != len(body):
        raise ValueError("reels that were cut off")
    return found
