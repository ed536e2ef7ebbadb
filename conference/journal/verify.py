"""The journal's part of `python -m conference verify`: `verify_journal(store)`.

For rows that were exported, `chain.verify(stream, rows)` does the same without a store.
"""

from collections.abc import Mapping

from conference.journal.chain import ChainFault, Head, verify
from conference.journal.ports import JournalStore


async def verify_journal(
    store: JournalStore, expected: Mapping[str, Head] | None = None
) -> list[ChainFault]:
    """Every fault of every stream; `str(fault)` is one line that names stream and entry.

    `expected`: heads kept elsewhere; a stream that is named there and is shorter or absent is a
    fault too.
    """
    heads = dict(expected or {})
    faults: list[ChainFault] = []
    for stream in sorted({*await store.streams(), *heads}):
        faults += verify(stream, await store.read(stream), heads.get(stream))
    return faults
