"""One subscriber's m-lines: which carries what, and when the subscriber must be asked (pure).

M-lines come in groups, one group per publishing endpoint: its sound and its picture share a
stream, so that browsers keep them in step.  An m-line lives as long as the connection and never
changes its SSRCs or msid; a group whose endpoint went is given to the next one.  Only what the
subscriber has not agreed to yet needs an offer: a new m-line, or one that is inactive.  At most
one offer is out; what changes meanwhile goes into the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from conference.errors import Refused
from conference.events.media import Source
from conference.ids import EndpointId, Randomness, TrackId
from conference.media.forwarder.api import Kind, SlotId
from conference.media.negotiation import AcceptedLine, OfferedLine


@dataclass(frozen=True, slots=True)
class WantedTrack:
    """A track that the subscriber is to receive."""

    track: TrackId
    endpoint: EndpointId
    source: Source
    kind: Kind


@dataclass(frozen=True, slots=True)
class Stream:
    """What comes on one m-line now; None: nothing."""

    mid: str
    kind: Kind
    track: TrackId | None
    endpoint: EndpointId | None
    source: Source | None


@dataclass(frozen=True, slots=True)
class Offer:
    """All m-lines, for the offer of this version."""

    version: int
    lines: tuple[OfferedLine, ...]


@dataclass(slots=True)
class Line:
    """One m-line.  `active`: as last offered (None: never).  `accepted`: the subscriber receives
    on it.  `refused`: it said no once, the m-line is of no use."""

    slot: SlotId
    mid: str
    kind: Kind
    ssrc: int
    rtx_ssrc: int | None
    cname: str
    stream: str
    track: WantedTrack | None = None
    active: bool | None = None
    accepted: AcceptedLine | None = None
    refused: bool = False


@dataclass(slots=True)
class _Group:
    stream: str
    cname: str
    lines: list[Line] = field(default_factory=list)
    endpoint: EndpointId | None = None


class Subscription:
    """The m-lines of one connection.

    The first offer holds one group that is not used yet: ICE and DTLS are done before anybody
    publishes.  `version` goes on from the endpoint's earlier connection, so that a late answer
    to that one is recognised.
    """

    def __init__(
        self, new_slot: Callable[[], SlotId], random: Randomness, version: int = 0
    ) -> None:
        self._new_slot = new_slot
        self._random = random
        self._groups: list[_Group] = []
        self._lines: list[Line] = []
        self._ssrcs: set[int] = set()
        self._answered = version
        self.version = version
        first = self._add_group()
        self._add_line(first, "audio")
        self._add_line(first, "video")

    @property
    def outstanding(self) -> bool:
        """Whether an offer waits for its answer."""
        return self.version != self._answered

    @property
    def lines(self) -> Sequence[Line]:
        return self._lines

    def want(self, tracks: Sequence[WantedTrack]) -> bool:
        """Say what is to be received from now on; True when an m-line carries something else."""
        before = [line.track for line in self._lines]
        by_endpoint: dict[EndpointId, list[WantedTrack]] = {}
        for track in tracks:
            by_endpoint.setdefault(track.endpoint, []).append(track)
        for group in self._groups:
            if group.endpoint not in by_endpoint:
                group.endpoint = None
                for line in group.lines:
                    line.track = None
        for endpoint, wanted in by_endpoint.items():
            self._fill(self._group_of(endpoint, wanted), wanted)
        return before != [line.track for line in self._lines]

    def next_offer(self) -> Offer | None:
        """The next offer when one is needed and none is out; it is out from now on."""
        if self.outstanding or not self._lacks_consent():
            return None
        warm = next((group for group in self._groups if group.endpoint is None), None)
        for group in self._groups:
            for line in group.lines:
                used = line.track is not None or group is warm
                line.active = used and not line.refused
                if not line.active:
                    line.accepted = None
        self.version += 1
        return Offer(self.version, self._offered())

    def offered(self) -> tuple[OfferedLine, ...]:
        """The m-lines of the offer that is out."""
        return self._offered()

    def check(self, version: int) -> None:
        """Refused `answer_stale` unless the offer of this version is out."""
        if not self.outstanding or version != self.version:
            raise Refused("answer_stale")

    def answered(self, accepted: Mapping[str, AcceptedLine]) -> None:
        """The offer that is out was answered."""
        self._answered = self.version
        for line in self._lines:
            if line.active is None:
                continue  # came after the offer
            line.accepted = accepted.get(line.mid) if line.active else None
            if line.active and line.accepted is None:
                line.refused = True

    def routes(self) -> dict[SlotId, TrackId]:
        """What the accepted m-lines carry."""
        return {
            line.slot: line.track.track
            for line in self._lines
            if line.track is not None and line.accepted is not None
        }

    def streams(self) -> tuple[Stream, ...]:
        """What is on each m-line that the subscriber has been told of."""
        return tuple(_stream(line) for line in self._lines if line.active is not None)

    def _lacks_consent(self) -> bool:
        if self.version == self._answered and all(line.active is None for line in self._lines):
            return True
        return any(line.track and not line.active and not line.refused for line in self._lines)

    def _offered(self) -> tuple[OfferedLine, ...]:
        return tuple(
            OfferedLine(
                line.mid,
                line.kind,
                line.ssrc,
                line.rtx_ssrc,
                line.cname,
                line.stream,
                active=bool(line.active),
            )
            for line in self._lines
            if line.active is not None
        )

    def _group_of(self, endpoint: EndpointId, wanted: Collection[WantedTrack]) -> _Group:
        kinds = [track.kind for track in wanted]
        for group in self._groups:
            if group.endpoint == endpoint:
                return group
        free = [group for group in self._groups if group.endpoint is None]
        # Best one that needs no offer.
        found = max(free, key=lambda group: _fit(group, kinds), default=None)
        if found is None:
            found = self._add_group()
        found.endpoint = endpoint
        return found

    def _fill(self, group: _Group, wanted: Sequence[WantedTrack]) -> None:
        for line in group.lines:
            if line.track not in wanted:
                line.track = None
        carried = [line.track for line in group.lines]
        for track in wanted:
            if track not in carried:
                self._line_for(group, track.kind).track = track

    def _line_for(self, group: _Group, kind: Kind) -> Line:
        free = [line for line in group.lines if line.kind == kind and line.track is None]
        # One that was refused is not tried again, nor is another made beside it.
        return min(free, key=lambda line: line.refused, default=None) or self._add_line(group, kind)

    def _add_group(self) -> _Group:
        number = len(self._groups)
        group = _Group(stream=f"s{number}", cname=f"c{number}")
        self._groups.append(group)
        return group

    def _add_line(self, group: _Group, kind: Kind) -> Line:
        line = Line(
            slot=self._new_slot(),
            mid=str(len(self._lines)),
            kind=kind,
            ssrc=self._new_ssrc(),
            rtx_ssrc=self._new_ssrc() if kind == "video" else None,
            cname=group.cname,
            stream=group.stream,
        )
        self._lines.append(line)
        group.lines.append(line)
        return line

    def _new_ssrc(self) -> int:
        """Not 0, which REMB means by "none", and small values, which Chromium uses itself."""
        ssrc = self._random.getrandbits(31) | 1 << 20
        while ssrc in self._ssrcs:
            ssrc = self._random.getrandbits(31) | 1 << 20
        self._ssrcs.add(ssrc)
        return ssrc


def _fit(group: _Group, kinds: Collection[Kind]) -> int:
    usable = [line.kind for line in group.lines if line.active and not line.refused]
    return sum(kind in usable for kind in kinds)


def _stream(line: Line) -> Stream:
    track = line.track
    if track is None:
        return Stream(line.mid, line.kind, None, None, None)
    return Stream(line.mid, line.kind, track.track, track.endpoint, track.source)
