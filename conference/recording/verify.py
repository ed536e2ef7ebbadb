"""The recording's part of `python -m conference verify`: every packet chain against itself and
against the heads that stand in the journal.

A chain alone shows what was changed inside it; the heads show what was cut off its end, replaced
whole, or taken away. Between the last head and the end of a take that was never finished (power
cut) up to ten seconds have the chain as their only witness.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conference.events.recording import RecordingSealed, SealedTrack
from conference.ids import SessionId
from conference.recording.packet_journal import SUFFIX, Block, BlockKind, Flaw, blocks
from conference.recording.reading import read_description


@dataclass(frozen=True, slots=True)
class PacketFault:
    """One line for the reader. `file` is relative to the recordings; `second` counts from the
    beginning of the track's file."""

    file: str
    what: str
    block: int | None = None
    second: float | None = None

    def __str__(self) -> str:
        where = self.file
        if self.block is not None:
            where += f": block {self.block}"
        if self.second is not None:
            where += f", second {self.second:.1f}"
        return f"{where}: {self.what}"


@dataclass(slots=True)
class Verdict:
    """`faults`: what is wrong. `notes`: what a crash leaves behind and no fault, such as the torn
    end of a block that was never sealed."""

    faults: list[PacketFault] = field(default_factory=list)
    notes: list[PacketFault] = field(default_factory=list)
    files: int = 0
    bytes: int = 0


Heads = Mapping[SessionId, Iterable[RecordingSealed]]
"""Of each session the RecordingSealed events of its journal."""


def verify_recordings(directory: Path, heads: Heads) -> Verdict:
    """Every file below `directory` (session/take/track.rtpj), and every file the heads name."""
    expected = _by_file(heads)
    verdict = Verdict()
    for path in sorted(directory.glob(f"*/*/*{SUFFIX}")):
        name = str(path.relative_to(directory))
        _verify_file(path, name, expected.pop(name, {}), verdict)
    for name, marks in sorted(expected.items()):
        blocks_named = max(mark.blocks for mark in marks.values())
        what = f"the file is missing; the journal names {blocks_named} blocks of it"
        verdict.faults.append(PacketFault(name, what))
    return verdict


def _by_file(heads: Heads) -> dict[str, dict[int, SealedTrack]]:
    """Of each file its heads, by the number of the block they are the hash of."""
    found: dict[str, dict[int, SealedTrack]] = {}
    for session, events in heads.items():
        for event in events:
            for mark in event.tracks:
                name = f"{session}/{event.take}/{mark.track}{SUFFIX}"
                found.setdefault(name, {})[mark.blocks - 1] = mark
    return found


def _verify_file(path: Path, name: str, marks: dict[int, SealedTrack], verdict: Verdict) -> None:
    verdict.files += 1
    verdict.bytes += path.stat().st_size
    start_us, last = None, -1
    with path.open("rb", buffering=0) as stream:
        for item in blocks(stream):
            start_us = start_us if start_us is not None else _time_of(item)
            if isinstance(item, Flaw):
                fault = PacketFault(name, item.what, item.number, _second(item.at_us, start_us))
                (verdict.notes if item.torn else verdict.faults).append(fault)
                continue
            last = item.number
            for what in _faults_of(item, name, marks.pop(item.number, None)):
                second = _second(item.first_us, start_us)
                verdict.faults.append(PacketFault(name, what, item.number, second))
    if marks:
        what = f"the end is missing: the journal names {max(marks) + 1} blocks, {last + 1} hold"
        verdict.faults.append(PacketFault(name, what))
    elif last < 0:
        verdict.notes.append(PacketFault(name, "nothing in the file is sealed"))


def _faults_of(block: Block, name: str, mark: SealedTrack | None) -> Iterator[str]:
    if mark is not None and mark.head != block.seal.hex():
        yield "the block is not the one that the journal names"
    if mark is not None and mark.bytes != block.offset + block.size:
        yield "the block does not end where the journal says"
    if block.kind is BlockKind.DESCRIPTION:
        try:
            said = read_description(block)
        except ValueError as error:
            yield str(error)
            return
        if f"{said.session}/{said.take}/{said.track}{SUFFIX}" != name:
            yield "the description is that of another file"


def _time_of(item: Block | Flaw) -> int | None:
    return item.at_us if isinstance(item, Flaw) else item.first_us


def _second(at_us: int | None, start_us: int | None) -> float | None:
    if at_us is None or start_us is None:
        return None
    return (at_us - start_us) / 1_000_000
