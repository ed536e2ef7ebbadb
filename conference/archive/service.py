"""Whether what is kept is what was written: every chain of the journal, every chain of packets,
each against the other, and the documents that the journal names."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from conference.documents.verify import DocumentsCheck, ReadBlob
from conference.events.base import Event
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


async def verify(store: JournalStore, recordings: Path, read_blob: ReadBlob) -> Verdict:
    """Look at everything, and list every fault."""
    faults = [str(fault) for fault in await verify_journal(store)]
    streams = await store.streams()
    heads, blobs = {}, 0
    for stream in streams:
        events, check = await _events(store, stream), DocumentsCheck(read_blob)
        heads[SessionId(stream)] = [e for e in events if isinstance(e, RecordingSealed)]
        faults += await asyncio.to_thread(check.faults, events)
        blobs += check.files
    packets = await asyncio.to_thread(verify_recordings, recordings, heads)
    return Verdict(
        faults=faults + [str(fault) for fault in packets.faults],
        notes=[str(note) for note in packets.notes],
        streams=len(streams),
        files=packets.files + blobs,
        bytes=packets.bytes,
    )


async def _events(store: JournalStore, stream: str) -> list[Event]:
    """What the journal says; what cannot be read is a fault of the journal already."""
    events = []
    for row in await store.read(stream):
        try:
            if row.payload is not None:
                events.append(decode(row.payload).event)
        except UnreadableEntry:
            continue
    return events
