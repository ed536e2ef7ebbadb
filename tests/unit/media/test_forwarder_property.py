"""The forwarder against a plain model: any order of frames, copies and tables, no loss."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.forwarding import Hall
from tests.support.rtp_ends import Sink, Source

TABLE = st.dictionaries(st.integers(0, 3), st.integers(0, 1), max_size=4)
"""Slot → track, both by number."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("frames"), st.integers(1, 5)),
        st.tuples(st.just("route"), TABLE),
        st.tuples(st.just("copies"), st.integers(1, 5)),
        st.tuples(st.just("pause"), st.integers(1, 3_000_000)),
    ),
    max_size=25,
)


@dataclass
class Model:
    """What one slot is to receive: (track, digest) in order."""

    carried: int | None = None
    started: bool = False
    expected: list[str] = field(default_factory=list)

    def route(self, track: int | None) -> None:
        if track != self.carried:
            self.carried, self.started = track, False

    def sent(self, track: int, source: Source, before: int) -> None:
        for packet in source.sent[before:]:
            self.started = self.started or packet.keyframe or source.kind == "audio"
            if self.carried == track and self.started:
                self.expected.append(packet.digest)


class Scene:
    """Two tracks, four slots, their models."""

    def __init__(self, hall: Hall, kind: str) -> None:
        self.hall = hall
        assert kind in ("audio", "video")
        self.sources = [
            hall.source("audio" if kind == "audio" else "video", seq=65_500 * n, timestamp=-9000)
            for n in range(2)
        ]
        self.sinks = [hall.sink("audio" if kind == "audio" else "video") for _ in range(4)]
        self.models = [Model() for _ in self.sinks]

    def step(self, what: str, value: object) -> None:
        if what == "frames":
            assert isinstance(value, int)
            for _ in range(value):
                self.frame()
        elif what == "route":
            assert isinstance(value, dict)
            self.hall.route([(self.sinks[slot], self.sources[t]) for slot, t in value.items()])
            for number, model in enumerate(self.models):
                model.route(value.get(number))
        elif what == "copies":
            assert isinstance(value, int)
            self.copies(value)
        else:
            assert isinstance(value, int)
            self.hall.advance(value)

    def frame(self) -> None:
        marks = [len(source.sent) for source in self.sources]
        self.hall.frame()
        for track, source in enumerate(self.sources):
            for model in self.models:
                if model.carried == track:
                    model.sent(track, source, marks[track])

    def copies(self, count: int) -> None:
        """Old packets once more, as browsers send them: on RTX, or replayed."""
        for source in self.sources:
            for packet in source.sent[-count:]:
                copy = source.retransmission(packet.seq)
                assert copy is not None
                self.hall.put(source.end, copy)
        self.hall.deliver()

    def check(self, sink: Sink, model: Model) -> None:
        assert [got.digest for got in sink.got] == model.expected
        assert sink.repeats == 0
        for one, two in zip(sink.got, sink.got[1:], strict=False):
            assert (two.seq - one.seq) & 0xFFFF == 1
            assert (two.timestamp - one.timestamp) & 0xFFFFFFFF < 0x80000000
            # The clock of the slot runs with the time that passes, over mutes and switches too.
            rate = 90_000 if sink.kind == "video" else 48_000
            ticks = (two.at_us - one.at_us) * rate // 1_000_000
            assert abs(((two.timestamp - one.timestamp) & 0xFFFFFFFF) - ticks) <= rate


@settings(max_examples=60, deadline=None)
@given(STEPS, st.sampled_from(["audio", "video"]))
def test_each_slot_gets_what_it_is_entitled_to_once_in_order_and_nothing_else(
    steps: list[tuple[str, object]], kind: str
) -> None:
    scene = Scene(Hall(), kind)
    for what, value in steps:
        scene.step(what, value)
    for sink, model in zip(scene.sinks, scene.models, strict=True):
        scene.check(sink, model)
    assert scene.hall.forwarder.counters().lost_in_server == 0
