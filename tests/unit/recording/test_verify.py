"""Verification of recordings: each fault has a file, a block, a second, and a sentence."""

import json
from pathlib import Path

import pytest

from conference.events.recording import RecordingSealed, SealedTrack
from conference.ids import SessionId, TrackId
from conference.recording.packet_journal import HEAD, Chain, Packet, record, skim
from conference.recording.reading import describe, read_packets
from conference.recording.recovery import last_sealed, sealed_tracks
from conference.recording.verify import Verdict, verify_recordings
from tests.support.recording import SESSION, journal_bytes, packets_in

DESCRIPTION = {
    "format": "rtpj/1",
    "session": SESSION,
    "take": "1",
    "track": "camera",
    "endpoint": "ma",
    "source": "camera",
    "kind": "video",
    "codec": "VP8",
    "clock_rate": 90_000,
    "epoch": "epoch-1",
    "anchor": {"mono_us": 5_000_000, "wall_us": 1_784_534_400_000_000},
}
SENT = [Packet(5_000_000 + n * 250_000, False, bytes([n]) * 40) for n in range(40)]
"""Ten seconds, four packets a second: block n is second n - 1."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / SESSION / "1" / "camera.rtpj"
    path.parent.mkdir(parents=True)
    path.write_bytes(journal_bytes(SENT, 4, description=json.dumps(DESCRIPTION).encode()))
    return path


def heads_of(directory: Path) -> dict[SessionId, list[RecordingSealed]]:
    return {SESSION: [RecordingSealed("1", sealed_tracks(directory, SESSION, "1"))]}


def faults(verdict: Verdict) -> list[str]:
    return [str(fault).removeprefix(f"{SESSION}/1/camera.rtpj") for fault in verdict.faults]


def offset_of(file: Path, number: int) -> int:
    with file.open("rb") as stream:
        return next(mark.offset for mark in skim(stream) if mark.number == number)


def test_a_whole_file_has_no_fault(file: Path, tmp_path: Path) -> None:
    verdict = verify_recordings(tmp_path, heads_of(tmp_path))
    assert (verdict.faults, verdict.notes) == ([], [])
    assert (verdict.files, verdict.bytes) == (1, file.stat().st_size)


def test_a_flipped_byte_is_named_by_block_and_second(file: Path, tmp_path: Path) -> None:
    heads = heads_of(tmp_path)
    content = bytearray(file.read_bytes())
    content[offset_of(file, 4) + HEAD.size + 20] ^= 1
    file.write_bytes(content)
    said = [": block 4, second 3.0: a block is not what its hash says"]
    assert faults(verify_recordings(tmp_path, heads)) == said


def test_an_end_cut_at_a_block_is_found_by_the_journals_head(file: Path, tmp_path: Path) -> None:
    heads = heads_of(tmp_path)
    file.write_bytes(file.read_bytes()[: offset_of(file, 8)])
    assert verify_recordings(tmp_path, {}).faults == [], "the chain alone does not see it"
    said = [": the end is missing: the journal names 12 blocks, 8 hold"]
    assert faults(verify_recordings(tmp_path, heads)) == said


def test_a_torn_end_is_a_note_unless_the_journal_knows_more(file: Path, tmp_path: Path) -> None:
    heads = heads_of(tmp_path)
    file.write_bytes(file.read_bytes()[: offset_of(file, 8) + 100])
    verdict = verify_recordings(tmp_path, heads_of(tmp_path))
    assert verdict.faults == [] and len(verdict.notes) == 1
    assert "second 7.0: the file ends inside a block" in str(verdict.notes[0])
    assert verify_recordings(tmp_path, heads).faults


def test_a_file_that_is_missing_is_found(file: Path, tmp_path: Path) -> None:
    heads = heads_of(tmp_path)
    file.unlink()
    said = [": the file is missing; the journal names 12 blocks of it"]
    assert faults(verify_recordings(tmp_path, heads)) == said


def test_a_forged_chain_does_not_have_the_journals_heads(file: Path, tmp_path: Path) -> None:
    """Someone without the journal rewrites a second and makes every hash behind it anew."""
    with file.open("rb") as stream:
        mark = next(mark for mark in skim(stream) if mark.number == 5)
    running = [SealedTrack(TrackId("camera"), 6, mark.seal.hex(), mark.offset + mark.size, 0)]
    heads = heads_of(tmp_path)
    heads[SESSION].insert(0, RecordingSealed("1", tuple(running)))
    forged = [*SENT[:8], Packet(SENT[8].arrival_us, False, bytes(40)), *SENT[9:]]
    file.write_bytes(journal_bytes(forged, 4, description=json.dumps(DESCRIPTION).encode()))
    assert faults(verify_recordings(tmp_path, heads)) == [
        ": block 5, second 4.0: the block is not the one that the journal names",
        ": block 11, second 9.8: the block is not the one that the journal names",
    ]


def test_a_file_in_anothers_place_is_found(file: Path, tmp_path: Path) -> None:
    file.rename(file.with_name("microphone.rtpj"))
    (fault,) = verify_recordings(tmp_path, {}).faults
    assert "the description is that of another file" in str(fault)


@pytest.mark.parametrize("change", [{"format": "rtpj/9"}, {"codec": None}, {"anchor": {}}])
def test_a_description_of_another_form_is_a_fault(
    change: dict[str, object], file: Path, tmp_path: Path
) -> None:
    said = {key: value for key, value in {**DESCRIPTION, **change}.items() if value is not None}
    file.write_bytes(journal_bytes(SENT, description=json.dumps(said).encode()))
    assert verify_recordings(tmp_path, {}).faults
    with pytest.raises(ValueError, match=r"format|description"):
        describe(file)


def test_an_empty_file_is_a_note(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"")
    verdict = verify_recordings(tmp_path, {})
    assert verdict.faults == [] and "nothing in the file is sealed" in str(verdict.notes[0])


# --- reading back and recovery ---------------------------------------------------------------


def test_a_description_gives_the_clock_anchors(file: Path) -> None:
    said = describe(file)
    assert (said.track, said.endpoint, said.clock_rate) == ("camera", "ma", 90_000)
    assert said.wall_of(5_000_000 + 7) == 1_784_534_400_000_007
    assert packets_in(file) == SENT


def test_reading_goes_on_behind_a_damaged_block(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[offset_of(file, 4) + HEAD.size + 20] ^= 1
    file.write_bytes(content)
    items = list(read_packets(file))
    assert [item for item in items if isinstance(item, Packet)] == SENT[:12] + SENT[16:]
    assert not isinstance(items[12], Packet) and items[12].number == 4


def test_recovery_ends_at_the_last_block_that_holds(file: Path, tmp_path: Path) -> None:
    content = bytearray(file.read_bytes())[: offset_of(file, 8)]
    content[-40] ^= 1  # as after a power cut that kept the size but not the data
    file.write_bytes(content + b"RTPB torn")
    (track,) = sealed_tracks(tmp_path, SESSION, "1")
    assert (track.blocks, track.bytes) == (7, offset_of(file, 7))
    assert track.last_mono_us == last_sealed(tmp_path, SESSION, "1") == SENT[23].arrival_us
    assert bytes(content) in file.read_bytes(), "evidence is never rewritten"


def test_a_take_that_another_writer_continued_counts_with_it(file: Path, tmp_path: Path) -> None:
    for take, last_us in (("1-2", 99_000_000), ("11", 120_000_000)):
        chain = Chain()
        content = chain.describe(b"{}", 0)
        content += chain.packets(record(last_us, b"", False), 1, (last_us, last_us))
        path = tmp_path / SESSION / take / "camera.rtpj"
        path.parent.mkdir()
        path.write_bytes(content)
    assert last_sealed(tmp_path, SESSION, "1") == 99_000_000
    assert last_sealed(tmp_path, SESSION, "1-2") == 99_000_000
    assert last_sealed(tmp_path, SESSION, "2") is None
