"""What a server left on disk, read as an auditor would: rows of the database, files, verify."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from conference.recording.packet_journal import SUFFIX, Packet
from conference.recording.reading import describe, read_packets
from tests.support.server import ROOT


def journal_entries(data: Path) -> list[dict[str, Any]]:
    """All entries of all streams, in order."""
    address = f"file:{data / 'conference.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        rows = database.execute("SELECT payload FROM journal_entries ORDER BY stream, seq")
        return [json.loads(payload) for (payload,) in rows]


def last_arrivals(data: Path, epoch: str) -> dict[str, int]:
    """Of each track recorded in one life of the server, its last packet's arrival (mono µs)."""
    found: dict[str, int] = {}
    for path in track_files(data):
        said = describe(path)
        if said.epoch != epoch:
            continue
        for item in read_packets(path):
            if isinstance(item, Packet):
                found[said.track] = max(item.arrival_us, found.get(said.track, 0))
    return found


def track_files(data: Path) -> Iterator[Path]:
    """The packet journals of all takes."""
    yield from sorted((data / "recordings").glob(f"*/*/*{SUFFIX}"))


def verify(data: Path) -> tuple[int, str]:
    """`python -m conference verify DIR`: its exit code and what it printed."""
    command = [sys.executable, "-m", "conference", "verify", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
