"""What a server left on disk, read as an auditor would: rows of the database, files, verify."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from aiortc.rtp import RtpPacket

from conference.recording.packet_journal import SUFFIX, Packet
from conference.recording.reading import describe, read_packets
from tests.support.relay import Received, ReportJson
from tests.support.server import ROOT


def journal_entries(data: Path) -> list[dict[str, Any]]:
    """All entries of all streams, in order."""
    address = f"file:{data / 'conference.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        rows = database.execute("SELECT payload FROM journal_entries ORDER BY stream, seq")
        return [json.loads(payload) for (payload,) in rows]


class Recorded(set[str]):
    """The payloads of one track as the test participants name them: SHA-256, 16 hex digits."""

    kind = ""


def recorded_payloads(data: Path, epoch: str) -> dict[str, Recorded]:
    """Of each track recorded in one life of the server, what is sealed on disk."""
    found: dict[str, Recorded] = {}
    for path in track_files(data):
        said = describe(path)
        if said.epoch != epoch:
            continue
        track = found.setdefault(said.track, Recorded())
        track.kind = said.kind
        for item in read_packets(path):
            if isinstance(item, Packet) and not item.rtcp:
                payload = RtpPacket.parse(item.data).payload
                track.add(hashlib.sha256(payload).hexdigest()[:16])
    return found


def lost_media_s(data: Path, reports: Sequence[ReportJson], killed_us: int) -> dict[str, float]:
    """Of each track the seconds of media that a server killed at this instant (mono µs) had relayed
    to the participants and not on disk. Packets are known by their payload and measured by their
    RTP time, which a busy machine cannot bend."""
    recorded = recorded_payloads(data, reports[0]["epochs"][0]["epoch"])
    lost: dict[str, float] = {}
    for report in reports:
        for track, packets in _relayed_packets(report, killed_us).items():
            on_disk = [each.timestamp for each in packets if each.digest in recorded[track]]
            rate = 48_000 if recorded[track].kind == "audio" else 90_000
            seconds = (packets[-1].timestamp - on_disk[-1]) % (1 << 32) / rate
            lost[track] = max(seconds, lost.get(track, 0.0))
    return lost


def _relayed_packets(report: ReportJson, until_us: int) -> dict[str, list[Received]]:
    """What the participant had received of each track by that instant."""
    told = [entry["streams"] for entry in report["streams"] if entry["us"] < until_us][-1]
    return {
        stream["track"]: [
            packet
            for packet in (Received(*row) for row in report["received"][stream["mid"]])
            if packet.mono_us < until_us
        ]
        for stream in told
        if stream["track"]
    }


def track_files(data: Path) -> Iterator[Path]:
    """The packet journals of all takes."""
    yield from sorted((data / "recordings").glob(f"*/*/*{SUFFIX}"))


def verify(data: Path) -> tuple[int, str]:
    """`python -m conference verify DIR`: its exit code and what it printed."""
    command = [sys.executable, "-m", "conference", "verify", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
