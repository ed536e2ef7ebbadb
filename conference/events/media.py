"""Which tracks exist. Packets are never events."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from conference.events.base import Event
from conference.ids import EndpointId, TrackId

Source = Literal["microphone", "camera"]
MediaKind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class TrackPublished(Event):
    KIND: ClassVar[str] = "media:track:published"
    endpoint: EndpointId
    track: TrackId
    source: Source
    kind: MediaKind


@dataclass(frozen=True, slots=True)
class TrackEnded(Event):
    KIND: ClassVar[str] = "media:track:ended"
    endpoint: EndpointId
    track: TrackId
    source: Source
    kind: MediaKind
