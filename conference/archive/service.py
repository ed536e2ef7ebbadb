"""Whether what is kept is what was written: every chain of the journal, every chain of packets,
and each against the other."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from conference.events.codec import UnreadableEntry, decode
from conference.events.recording import RecordingSealed
from conference.ids import SessionId
from conference.journal.ports import JournalStore
from conference.journal.verify import verify_journal
from conference.recording.verify import verify_recordings


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults`: one line each. `notes`: what a crash leaves behind and is no fault. How much was
    looked at: `streams`, `files`, `bytes`."""

    faults: list[str]
    notes: list[str]
    streams: int
    files: int
    bytes: int


async def verify(store: JournalStore, recordings: Path) -> Verdict:
    """Look at everything, and list every fault."""
    faults = [str(fault) for fault in await verify_journal(store)]
    streams = await store.streams()
    heads = {SessionId(stream): await _sealed(store, stream) for stream in streams}
    packets = await asyncio.to_thread(verify_recordings, recordings, heads)
    return Verdict(
        faults=faults + [str(fault) for fault in packets.faults],
        notes=[str(note) for note in packets.notes],
        streams=len(streams),
        files=packets.files,
        bytes=packets.bytes,
    )


async def _sealed(store: JournalStore, stream: str) -> list[RecordingSealed]:
    """What the journal says of the recordings; what cannot be read is a fault of the journal
    already."""
    sealed = []
    for row in await store.read(stream):
        try:
            event = None if row.payload is None else decode(row.payload).event
        except UnreadableEntry:
            continue
        if isinstance(event, RecordingSealed):
            sealed.append(event)
    return sealed
