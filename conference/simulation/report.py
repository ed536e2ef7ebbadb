"""What a test participant writes down. Instants are CLOCK_MONOTONIC microseconds, which one
machine's processes share, so that reports and a test's own clock can be compared.

The report holds no link and no cookie: it may be kept as evidence of a run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class SentPacket(NamedTuple):
    """A packet's first sending; `keyframe` marks the first packet of a keyframe."""

    mono_us: int
    sequence: int
    timestamp: int
    digest: str
    keyframe: bool


class ReceivedPacket(NamedTuple):
    """A packet that came; `sequence` is extended past 16 bits, `rtx` when it came as a repeat."""

    mono_us: int
    sequence: int
    timestamp: int
    digest: str
    rtx: bool


@dataclass(slots=True)
class Request:
    """A message of ours and its acknowledgement. `command_id` when it was a command."""

    name: str
    issued_us: int
    command_id: str | None
    details: Mapping[str, Any]
    acked_us: int | None = None
    ok: bool | None = None
    error: str | None = None
    feed: int | None = None  # position in our feed, given back by commands


@dataclass(slots=True)
class ChannelFacts:
    """What the report says of one peer connection. `handshake_datagrams_after`: DTLS handshake
    records that came when the handshake was over."""

    purpose: str
    opened_us: int
    connected_us: int | None = None
    closed_us: int | None = None
    handshake_datagrams_after: int = 0
    srtp_failures: int = 0
    checks_answered: int = 0


@dataclass(slots=True)
class Report:
    """Everything one participant knows. Times of one kind stand in the order they happened.
    `keeps`: False for somebody who stays for days, of whom only counts are wanted."""

    name: str
    seed: int
    started_us: int
    keeps: bool = True
    ended_us: int | None = None
    outcome: str = "running"
    endpoint: str | None = None
    session: str | None = None
    seats: list[str] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)  # {us, epoch, how}
    sockets: list[dict[str, Any]] = field(default_factory=list)  # {us, event}
    connections: list[ChannelFacts] = field(default_factory=list)
    tracks: dict[str, dict[str, Any]] = field(default_factory=dict)  # {source, kind}
    sent: dict[str, list[SentPacket]] = field(default_factory=dict)  # by track
    received: dict[str, list[ReceivedPacket]] = field(default_factory=dict)  # by mid
    streams: list[dict[str, Any]] = field(default_factory=list)  # {us, version, streams}
    requests: list[Request] = field(default_factory=list)
    feed: list[dict[str, Any]] = field(default_factory=list)  # items with {us}
    recording_status: list[dict[str, Any]] = field(default_factory=list)
    remb: list[tuple[int, int]] = field(default_factory=list)  # (us, bits per second)
    counts: dict[str, int] = field(default_factory=dict)
    decoded: dict[str, dict[str, Any]] = field(default_factory=dict)  # by mid, only when asked

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a named count."""
        self.counts[name] = self.counts.get(name, 0) + amount

    def note(self, row: list[T], item: T) -> None:
        """Put the item at the end of one of this report's lists, if it is kept."""
        if self.keeps:
            row.append(item)

    def acknowledged(self) -> list[str]:
        """The ids of all commands the server has said yes to."""
        return [
            request.command_id
            for request in self.requests
            if request.command_id is not None and request.ok
        ]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dictionaries; a packet is a list in the order of its named fields."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["requests"] = [asdict(request) for request in self.requests]
        plain["connections"] = [asdict(facts) for facts in self.connections]
        plain["acknowledged"] = self.acknowledged()
        return plain
