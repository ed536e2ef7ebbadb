"""The hash chain of a stream, as pure arithmetic on bytes.

    payload_hash = SHA-256(salt ‖ payload)          payload: the entry's canonical JSON
    entry_hash   = SHA-256(previous entry_hash ‖ payload_hash)
    before the first entry: SHA-256("conference journal" ‖ name of the stream)

The salt (16 random bytes) goes with the payload: where the law demands that a payload be erased,
both are removed, `payload_hash` stays, tells nothing, and the chain still verifies.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import rfc8785

from conference.events.base import Entry
from conference.events.codec import UnreadableEntry, decode, encode

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as it is kept. `salt` and `payload` are None when they were erased."""

    stream: str
    seq: int
    salt: bytes | None
    payload: bytes | None
    payload_hash: bytes
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: number and hash of its last entry; number 0 before the first."""

    seq: int
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class ChainFault:
    """`code`: order, hash, link, unreadable, envelope, clock, or truncated."""

    stream: str
    seq: int
    code: str
    detail: str

    def __str__(self) -> str:
        return f"journal {self.stream} entry {self.seq}: {self.detail}"


def genesis(stream: str) -> Head:
    return Head(0, sha256(b"conference journal" + stream.encode("utf-8")).digest())


def digest_payload(salt: bytes, payload: bytes) -> bytes:
    return sha256(salt + payload).digest()


def link(previous: bytes, payload_hash: bytes) -> bytes:
    return sha256(previous + payload_hash).digest()


def seal(entry: Entry, head: Head, salt: bytes) -> Row:
    """The entry as the next row after `head`."""
    if entry.seq != head.seq + 1:
        raise ValueError(f"entry {entry.seq} cannot follow entry {head.seq}")
    payload = encode(entry)
    payload_hash = digest_payload(salt, payload)
    entry_hash = link(head.entry_hash, payload_hash)
    return Row(entry.stream, entry.seq, salt, payload, payload_hash, entry_hash)


def head_after(row: Row) -> Head:
    return Head(row.seq, row.entry_hash)


def verify(stream: str, rows: Iterable[Row], expected: Head | None = None) -> list[ChainFault]:
    """Every fault of one stream's rows, given in their order; an empty list when all holds.

    Rows cut off at the end leave a whole chain behind: only `expected`, a head kept elsewhere,
    shows that.
    """
    faults: list[ChainFault] = []
    head, before = genesis(stream), None
    for row in rows:
        faults += _row_faults(stream, row, head)
        entry, unreadable = _read(row)
        faults += unreadable
        if entry is not None:
            faults += _entry_faults(row, entry, before)
            before = entry
        head = head_after(row)
    if expected is not None and head != expected:
        detail = f"the chain ends here, not at entry {expected.seq} with the hash known for it"
        faults.append(ChainFault(stream, head.seq, "truncated", detail))
    return faults


def _row_faults(stream: str, row: Row, head: Head) -> list[ChainFault]:
    found: list[tuple[str, str]] = []
    if row.stream != stream or row.seq != head.seq + 1:
        found.append(("order", f"found where entry {head.seq + 1} of {stream} was expected"))
    if row.salt is not None and row.payload is not None:
        if digest_payload(row.salt, row.payload) != row.payload_hash:
            found.append(("hash", "the payload does not have its hash"))
    elif row.salt is not None or row.payload is not None:
        found.append(("hash", "half erased: salt and payload go together"))
    if link(head.entry_hash, row.payload_hash) != row.entry_hash:
        found.append(("link", "not linked to the entry before it"))
    return [ChainFault(row.stream, row.seq, code, detail) for code, detail in found]


def _read(row: Row) -> tuple[Entry | None, list[ChainFault]]:
    if row.payload is None:
        return None, []
    try:
        return decode(row.payload), []
    except UnreadableEntry as error:
        return None, [ChainFault(row.stream, row.seq, "unreadable", str(error))]


def _entry_faults(row: Row, entry: Entry, before: Entry | None) -> list[ChainFault]:
    found: list[tuple[str, str]] = []
    if (entry.stream, entry.seq) != (row.stream, row.seq):
        found.append(("envelope", f"says that it is entry {entry.seq} of {entry.stream}"))
    if row.payload is not None and not _is_canonical(row.payload):
        found.append(("envelope", "the payload is not canonical JSON (RFC 8785)"))
    if before is not None and entry.epoch == before.epoch and entry.mono_us < before.mono_us:
        found.append(("clock", "the monotonic clock ran back within one life of the server"))
    return [ChainFault(row.stream, row.seq, code, detail) for code, detail in found]


def _is_canonical(payload: bytes) -> bool:
    try:
        return rfc8785.dumps(json.loads(payload)) == payload
    except (ValueError, rfc8785.CanonicalizationError):
        return False
