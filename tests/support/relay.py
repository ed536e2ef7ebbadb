"""Was every packet relayed to those entitled to it, once, in order, unchanged, and to nobody else?

Pure: works on the reports of conference/simulation. A publisher's packet is known again by the
hash of its payload, which is one of its kind. What a subscriber is entitled to follows from the
instants at which commands were issued and acknowledged:

- sent before a mute was issued: owed; after its acknowledgement: forbidden; between: up to one
  boundary, which the server chose;
- the same at an unmute, turned round; a picture is owed from the first keyframe on that was sent
  after the acknowledgement, and may begin with no packet but a keyframe's first.

The same holds for the beginning, where the publication, the offer and both connections must be
there, plus `GRACE_US`. A paused session goes on talking.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

GRACE_US = 1_000_000
KEYFRAME_WITHIN_US = 1_500_000
ANNOUNCED_WITHIN_US = 1_000_000
UNSEEN_US = 200_000

ReportJson = Mapping[str, Any]


class Sent(NamedTuple):
    mono_us: int
    sequence: int
    timestamp: int
    digest: str
    keyframe: bool


class Received(NamedTuple):
    mono_us: int
    sequence: int
    timestamp: int
    digest: str
    rtx: bool


class Toggle(NamedTuple):
    """A command that closes or opens a track, from its issue to its acknowledgement."""

    closes: bool
    issued_us: int
    acked_us: int


@dataclass(frozen=True, slots=True)
class Track:
    """What one publisher sent under one track id, and what closed it in between."""

    track: str
    publisher: str
    source: str
    kind: str
    packets: Sequence[Sent]
    published_us: int


@dataclass(slots=True)
class Verdict:
    """`faults` is empty when the relay was exact; the numbers say how much was looked at."""

    faults: list[str] = field(default_factory=list)
    owed: int = 0
    received: int = 0
    toggles: int = 0
    slowest_us: int = 0

    def fault(self, text: str) -> None:
        self.faults.append(text)

    def __str__(self) -> str:
        numbers = f"{self.owed} owed, {self.received} received, {self.toggles} toggles"
        return "\n".join([f"{numbers}, slowest {self.slowest_us} us", *self.faults[:40]])


def tracks_of(report: ReportJson) -> list[Track]:
    """What a participant published."""
    published = [r["acked_us"] for r in report["requests"] if r["name"] == "publish" and r["ok"]]
    connected = _connected_us(report, "publisher")
    return [
        Track(
            track,
            report["name"],
            facts["source"],
            facts["kind"],
            [Sent(*row) for row in report["sent"].get(track, [])],
            max(published[0], connected),
        )
        for track, facts in report["tracks"].items()
    ]


def check_relay(reports: Sequence[ReportJson], transit_us: int = 0) -> Verdict:
    """Every pair of publisher's track and subscriber, and every packet that came at all.

    `transit_us`: how long a packet may have been on its way to the server when a later command,
    which takes another way, has arrived there: behind a proxy, not on the bare loopback."""
    verdict = Verdict()
    tracks = [track for report in reports for track in tracks_of(report)]
    sender = {
        packet.digest: (track.track, index)
        for track in tracks
        for index, packet in enumerate(track.packets)
    }
    by_name = {report["name"]: report for report in reports}
    for report in reports:
        came = _sort_by_track(report, sender, verdict)
        for track in tracks:
            arrivals = came.get(track.track, [])
            if track.publisher == report["name"]:
                if arrivals:
                    verdict.fault(f"{report['name']} got its own {track.source} back")
                continue
            toggles = _toggles(by_name[track.publisher], track.source, transit_us)
            verdict.toggles += len(toggles)
            _check_pair(_Pair(report, track, arrivals, toggles), verdict)
    return verdict


# --- what the subscriber got, by the track it came from


def _sort_by_track(
    report: ReportJson, sender: Mapping[str, tuple[str, int]], verdict: Verdict
) -> dict[str, list[tuple[int, Received]]]:
    """Packets with their index in the publisher's order, as they arrived. Strangers are faults."""
    came: dict[str, list[tuple[int, Received]]] = {}
    for mid, rows in report["received"].items():
        packets = [Received(*row) for row in rows]
        _check_numbering(report["name"], mid, packets, verdict)
        for packet in packets:
            known = sender.get(packet.digest)
            if known is None:
                verdict.fault(f"{report['name']} mid {mid}: a payload that nobody sent")
                continue
            track, index = known
            came.setdefault(track, []).append((index, packet))
            if not _announced(report["streams"], mid, track, packet.mono_us):
                verdict.fault(
                    f"{report['name']} mid {mid}: a packet of a track not announced there"
                )
    return came


def _check_numbering(name: str, mid: str, packets: Sequence[Received], verdict: Verdict) -> None:
    """A subscriber sees one unbroken row of numbers, whatever is muted or switched."""
    for before, after in pairwise(packets):
        if after.sequence != before.sequence + 1:
            verdict.fault(f"{name} mid {mid}: number {after.sequence} after {before.sequence}")


def _announced(streams: Iterable[Any], mid: str, track: str, at_us: int) -> bool:
    """The word about who is on which MID comes over another connection: a second either way."""
    now: Any = None
    for entry in streams:
        if entry["us"] > at_us + ANNOUNCED_WITHIN_US:
            break
        here = [each["track"] for each in entry["streams"] if each["mid"] == mid]
        if entry["us"] >= at_us - ANNOUNCED_WITHIN_US and track in here:
            return True
        now = here
    return bool(now) and track in now


# --- what the subscriber was entitled to


def _toggles(report: ReportJson, source: str, transit_us: int) -> list[Toggle]:
    """The publisher's acknowledged mutes and unmutes of this source."""
    return [
        Toggle(
            bool(request["details"]["muted"]),
            request["issued_us"] - transit_us,
            request["acked_us"],
        )
        for request in report["requests"]
        if request["name"] == "mute" and request["ok"] and request["details"]["source"] == source
    ]


def _connected_us(report: ReportJson, purpose: str) -> int:
    mine = [each for each in report["connections"] if each["purpose"] == purpose]
    return max(int(each["connected_us"]) for each in mine if each["connected_us"] is not None)


def _listening_us(report: ReportJson, track: str) -> int | None:
    """When the subscriber had answered the first offer with the track and was connected; None
    when it was never told of the track."""
    for entry in report["streams"]:
        if all(each["track"] != track for each in entry["streams"]):
            continue
        answered = [
            int(request["acked_us"])
            for request in report["requests"]
            if request["name"] == "subscribe_answer"
            and request["ok"]
            and request["details"]["version"] == entry["version"]
        ]
        told_us = answered[0] if answered else int(entry["us"])
        return max(told_us, _connected_us(report, "subscriber"))
    return None


@dataclass(slots=True)
class _Pair:
    """One track and one subscriber."""

    report: ReportJson
    track: Track
    arrivals: Sequence[tuple[int, Received]]
    toggles: Sequence[Toggle]

    def __str__(self) -> str:
        return f"{self.track.publisher}'s {self.track.source} at {self.report['name']}"

    def state(self, at_us: int, open_us: int) -> str:
        """closed, turning or open at the instant of sending."""
        past = [toggle for toggle in self.toggles if toggle.issued_us <= at_us]
        if past and past[-1].closes and at_us >= past[-1].acked_us:
            return "closed"
        through = at_us >= open_us and not (past and at_us < past[-1].acked_us)
        return "open" if through else "turning"

    def turned(self, from_us: int, to_us: int) -> bool:
        """Whether a command was under way between two packets: the server may have counted the
        time itself when it opened again."""
        return any(each.issued_us <= to_us and each.acked_us >= from_us for each in self.toggles)


def _check_pair(pair: _Pair, verdict: Verdict) -> None:
    listening_us = _listening_us(pair.report, pair.track.track)
    if listening_us is None:
        verdict.fault(f"{pair}: never offered")
        return
    _check_order(pair, verdict)
    open_us = max(listening_us, pair.track.published_us) + GRACE_US
    got = {index for index, _ in pair.arrivals}
    verdict.received += len(pair.arrivals)
    for stretch in _stretches(pair, open_us, verdict, got):
        _check_stretch(pair, stretch, got, verdict)


def _check_order(pair: _Pair, verdict: Verdict) -> None:
    """Once and in order, and time stamps as far apart as they were sent."""
    sent = pair.track.packets
    for index, packet in pair.arrivals:
        verdict.slowest_us = max(verdict.slowest_us, packet.mono_us - sent[index].mono_us)
    for (one, earlier), (two, later) in pairwise(pair.arrivals):
        if two == one:
            verdict.fault(f"{pair}: packet {one} twice")
        elif two < one:
            verdict.fault(f"{pair}: packet {two} after {one}")
        elif two == one + 1:
            step = (later.timestamp - earlier.timestamp) & 0xFFFFFFFF
            wanted = (sent[two].timestamp - sent[one].timestamp) & 0xFFFFFFFF
            if step != wanted and not pair.turned(sent[one].mono_us, sent[two].mono_us):
                verdict.fault(f"{pair}: packet {two} is {step} ticks after {one}")


@dataclass(slots=True)
class _Stretch:
    """Packets between two closed times: `owed_from_us` is when the last opening was through."""

    indexes: list[int]
    owed: list[int]
    owed_from_us: int


def _stretches(pair: _Pair, open_us: int, verdict: Verdict, got: set[int]) -> Iterable[_Stretch]:
    """Cut the track where a closing was acknowledged; what was sent closed must not have come."""
    closings = [toggle.acked_us for toggle in pair.toggles if toggle.closes]
    openings = [toggle.acked_us for toggle in pair.toggles if not toggle.closes]
    found: dict[int, _Stretch] = {}
    for index, packet in enumerate(pair.track.packets):
        state = pair.state(packet.mono_us, open_us)
        if state == "closed":
            if index in got:
                verdict.fault(f"{pair}: packet {index} was sent while closed, and came")
            continue
        number = bisect_right(closings, packet.mono_us)
        stretch = found.setdefault(number, _Stretch([], [], open_us))
        stretch.indexes.append(index)
        if state == "open":
            if not stretch.owed:
                through = [each for each in openings if each <= packet.mono_us]
                stretch.owed_from_us = max(open_us, *through) if through else packet.mono_us
            stretch.owed.append(index)
    return found.values()


def _check_stretch(pair: _Pair, stretch: _Stretch, got: set[int], verdict: Verdict) -> None:
    came = [index for index in stretch.indexes if index in got]
    owed = stretch.owed
    if pair.track.kind == "video":
        owed = _from_keyframe(pair, stretch)
        _check_beginning(pair, stretch, (came or owed)[:1], verdict)
    verdict.owed += len(owed)
    missing = [index for index in owed if index not in got]
    if missing:
        verdict.fault(f"{pair}: {len(missing)} of {len(owed)} owed are missing, first {missing[0]}")
    holes = [index for index in range(came[0], came[-1] + 1) if index not in got] if came else []
    if holes and not missing:
        verdict.fault(f"{pair}: a hole of {len(holes)} from {holes[0]}, around a mute")


def _from_keyframe(pair: _Pair, stretch: _Stretch) -> list[int]:
    """Owed pictures begin with the first keyframe that was sent after the opening."""
    for place, index in enumerate(stretch.owed):
        if pair.track.packets[index].keyframe:
            return stretch.owed[place:]
    return []


def _check_beginning(
    pair: _Pair, stretch: _Stretch, begin: Sequence[int], verdict: Verdict
) -> None:
    """A picture begins with a keyframe, and the server has asked for one in time."""
    sent = pair.track.packets
    if begin and not sent[begin[0]].keyframe:
        verdict.fault(f"{pair}: begins with packet {begin[0]}, which is no keyframe")
    if not stretch.owed:
        return
    begin_us = sent[(begin or stretch.owed[-1:])[0]].mono_us
    if begin_us - stretch.owed_from_us > KEYFRAME_WITHIN_US:
        late_us = begin_us - stretch.owed_from_us
        verdict.fault(f"{pair}: no keyframe was asked for, {late_us} us after the opening")


# --- for lines that lose


def arrival_times(reports: Sequence[ReportJson], kind: str) -> list[int | None]:
    """How long each owed packet of `kind` took to each subscriber, in microseconds; None when it
    never came. For runs without mutes: owed is what was sent once both ends were connected, a
    picture from the first keyframe on. The last 0.2 s do not count: where nothing follows, nobody
    can see what is missing."""
    tracks = [track for report in reports for track in tracks_of(report) if track.kind == kind]
    delays: list[int | None] = []
    for report in reports:
        came: dict[str, int] = {}
        for rows in report["received"].values():
            for packet in (Received(*row) for row in rows):
                came.setdefault(packet.digest, packet.mono_us)
        for track in tracks:
            listening_us = _listening_us(report, track.track)
            if track.publisher == report["name"] or listening_us is None:
                continue
            owed = _owed_from(track, max(listening_us, track.published_us) + GRACE_US)
            delays += [
                came[packet.digest] - packet.mono_us if packet.digest in came else None
                for packet in owed
            ]
    return delays


def _owed_from(track: Track, open_us: int) -> Sequence[Sent]:
    last_us = track.packets[-1].mono_us - UNSEEN_US if track.packets else 0
    for index, packet in enumerate(track.packets):
        if packet.mono_us >= open_us and (packet.keyframe or track.kind == "audio"):
            return [each for each in track.packets[index:] if each.mono_us <= last_us]
    return ()
