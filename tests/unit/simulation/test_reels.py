"""What the people of a story show and say, as it is kept."""

from pathlib import Path

import pytest

from conference.simulation import figure, voice
from conference.simulation.encode import FRAMES_PER_SECOND, SAMPLES_PER_PACKET, EncodedMedia
from conference.simulation.figure import HEIGHT, MARKER, MARKER_TOP, WIDTH, Figure, Look
from conference.simulation.loops import SILENT, SPEAKING, AudioLoop, VideoLoop
from conference.simulation.reels import SECONDS, Reels, make, pack, reels, unpack

LOOK = Look("王建国", "party", 3)


@pytest.fixture(scope="module")
def made() -> Reels:
    return make(LOOK)


def test_each_loop_begins_with_a_keyframe_and_has_its_length(made: Reels) -> None:
    for mood, seconds in SECONDS.items():
        frames = made[mood].frames
        assert frames[0].keyframe and len(frames) == round(seconds * FRAMES_PER_SECOND)
    assert len(made["speech"].sound) == round(SECONDS["speech"] * 48_000 / SAMPLES_PER_PACKET)


def test_what_was_kept_comes_back(made: Reels) -> None:
    assert unpack(pack(made)) == made


@pytest.mark.parametrize("cut", [1, 100, 10_000])
def test_what_was_cut_off_is_made_again(made: Reels, cut: int, tmp_path: Path) -> None:
    with pytest.raises((ValueError, KeyError)):
        unpack(pack(made)[:-cut])
    [first] = reels([LOOK], tmp_path)
    [file] = tmp_path.glob("*.reels")
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    [again] = reels([LOOK], tmp_path)
    assert file.read_bytes() == whole and again.keys() == first.keys()


def test_the_marker_fills_the_lower_quarter_of_a_signer_and_of_nobody_else() -> None:
    for mood in ("quiet", "speech", "sign"):
        planes = Figure(LOOK).frame(mood, 0.3, 0.5)
        corner = [planes.luma[row * WIDTH + 30] for row in range(MARKER_TOP, HEIGHT)]
        shown = all(value == MARKER[0] for value in corner)
        assert shown is (mood == "sign")


def test_a_loop_closes_without_a_jump() -> None:
    drawn = Figure(LOOK)
    assert drawn.frame("quiet", 0.0, 0.0) == drawn.frame("quiet", 1.0, 0.0)


def test_roles_have_colours_of_their_own() -> None:
    parties = {role for role in figure.ROLES if role not in ("agent",)}
    assert len({figure.ROLES[role] for role in parties}) == len(parties)


def test_speech_swells_and_falls_and_has_breaths() -> None:
    said = voice.speech(3, 3.0, 2400)
    assert len(said.samples) == 3 * 48_000 and len(said.loudness) == 60
    assert max(said.loudness) > 0.5 and 0.0 in said.loudness
    assert max(map(abs, said.samples)) < 32_000
    assert said.samples[0] == said.samples[-1] == 0


def test_another_mood_begins_at_its_first_frame_and_tells_its_level(made: Reels) -> None:
    quiet, speech = made["quiet"], made["speech"]
    video, audio = VideoLoop(quiet.frames, 1), AudioLoop(quiet.sound, 1)
    for _ in range(7):
        video.next_frame()
    video.play(speech.frames)
    assert video.next_frame()[0].keyframe
    audio.play(quiet.sound, SILENT)
    assert audio.next_packet().level == SILENT
    audio.play(speech.sound, SPEAKING)
    assert audio.next_packet().level == SPEAKING


def test_every_payload_stays_one_of_its_kind(made: Reels) -> None:
    media: EncodedMedia = made["speech"]
    video, audio = VideoLoop(media.frames, 1), AudioLoop(media.sound, 1)
    pieces = [piece.payload for _ in range(200) for piece in video.next_frame()]
    pieces += [audio.next_packet().payload for _ in range(400)]
    assert len(set(pieces)) == len(pieces)
