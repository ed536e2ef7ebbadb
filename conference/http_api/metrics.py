"""/metrics in the Prometheus text format 0.0.4."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from conference.media.service import MediaStats


@dataclass(frozen=True, slots=True)
class Metric:
    """One family: `samples` maps the label's value to a number; without a label it has one
    sample under the empty string."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: Mapping[str, float]
    label: str = field(default="")


def gauge(name: str, text: str, value: float) -> Metric:
    """One number that goes up and down."""
    return Metric(name, "gauge", text, {"": value})


def counter(name: str, text: str, value: float) -> Metric:
    """One number that only grows."""
    return Metric(f"{name}_total", "counter", text, {"": value})


def media_metrics(stats: MediaStats) -> list[Metric]:
    """What the packet path counts."""
    totals = stats.forwarder
    counted = [
        counter(f"conference_media_{each.name}", f"forwarder: {each.name.replace('_', ' ')}", value)
        for each in fields(totals)
        if isinstance(value := getattr(totals, each.name), int)
    ]
    dropped = Metric(
        "conference_media_dropped_total",
        "counter",
        "packets that were not forwarded, by reason",
        dict(totals.dropped),
        "reason",
    )
    transport = Metric(
        "conference_media_transport_total",
        "counter",
        "what came to the media port and was not media, and what became of it",
        {name: count for name, count in stats.transport.items() if name != "peers"},
        "what",
    )
    return [
        *counted,
        dropped,
        transport,
        gauge("conference_media_peers", "peer connections", stats.transport["peers"]),
        gauge("conference_media_publishers", "publishing connections", stats.publishers),
        gauge("conference_media_subscribers", "subscribing connections", stats.subscribers),
    ]


def render(*, healthy: bool, rooms: int, media: MediaStats, signaling: Mapping[str, int]) -> str:
    """Everything the server counts. `signaling`: sockets now, messages and violations so far."""
    return exposition(
        [
            gauge("conference_up", "whether the journal can be written", int(healthy)),
            gauge("conference_rooms", "rooms that are loaded", rooms),
            gauge("conference_sockets", "signaling sockets", signaling["sockets"]),
            counter("conference_messages", "signaling messages", signaling["messages"]),
            counter("conference_violations", "broken messages", signaling["violations"]),
            *media_metrics(media),
        ]
    )


def exposition(metrics: Iterable[Metric]) -> str:
    """The exposition text."""
    lines = []
    for metric in metrics:
        lines.append(f"# HELP {metric.name} {metric.help}")
        lines.append(f"# TYPE {metric.name} {metric.kind}")
        for value, number in metric.samples.items():
            label = f'{{{metric.label}="{_escaped(value)}"}}' if metric.label else ""
            lines.append(f"{metric.name}{label} {number}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
