"""Reading a recorded track back: its description, and its packets in the order they came."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conference.events.media import MediaKind, Source
from conference.ids import EndpointId, SessionId, TrackId
from conference.recording.packet_journal import Block, BlockKind, Flaw, Packet, blocks, packets

FORMAT = "rtpj/1"


@dataclass(frozen=True, slots=True)
class Description:
    """What block 0 of a file says of its track. `mono_us` and `wall_us` are one reading of both
    clocks (CLOCK_MONOTONIC of the server's life `epoch`, and UTC), which turns arrivals into
    instants."""

    session: SessionId
    take: str
    track: TrackId
    endpoint: EndpointId
    source: Source
    kind: MediaKind
    codec: str
    clock_rate: int
    epoch: str
    mono_us: int
    wall_us: int

    def wall_of(self, arrival_us: int) -> int:
        """The UTC µs of an arrival."""
        return self.wall_us + arrival_us - self.mono_us


def read_description(block: Block) -> Description:
    """Block 0 of a file; ValueError when it is none or of another format."""
    if block.kind is not BlockKind.DESCRIPTION:
        raise ValueError("the file does not begin with a description")
    try:
        said: dict[str, Any] = json.loads(block.payload)
        if said.pop("format") != FORMAT:
            raise ValueError(f"the format is not {FORMAT}")
        return Description(**said.pop("anchor"), **said)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("the description lacks a field or has an unknown one") from error


def describe(path: Path) -> Description:
    """The description of a file; ValueError when it has none."""
    with path.open("rb") as stream:
        first = next(blocks(stream), None)
    if not isinstance(first, Block):
        raise ValueError(f"{path.name}: {first.what if first else 'the file is empty'}")
    return read_description(first)


def read_packets(path: Path) -> Iterator[Packet | Flaw]:
    """All packets that are sealed and hold, in order; a flaw stands where a block is lost. May be
    called again while the file grows: a torn end is then the block that is being written."""
    with path.open("rb") as stream:
        for item in blocks(stream):
            if isinstance(item, Flaw):
                yield item
            elif item.kind is BlockKind.PACKETS:
                yield from packets(item.payload)
