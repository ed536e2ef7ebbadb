"""Gap rows: one for each hole, and drops gathered while they go on."""

from conference.ids import TrackId
from conference.recording.gaps import LONGEST_US, OVERLOAD, Gap, Gaps
from conference.recording.tap import Dropped

CAMERA = TrackId("camera")


def test_a_hole_keeps_its_beginning_and_first_reason() -> None:
    gaps = Gaps()
    gaps.begin(5, "writer_died")
    gaps.begin(9, "writer_stalled")
    gaps.dropped(Dropped(CAMERA, 3, 6, 7))
    assert gaps.finish(12) == [Gap(None, 5, 12, "writer_died", 3)]
    assert gaps.finish(13) == []


def test_a_hole_never_ends_before_it_began() -> None:
    gaps = Gaps()
    gaps.begin(5, "writer_died")
    assert gaps.finish(4) == [Gap(None, 5, 5, "writer_died", 0)]


def test_drops_are_told_when_they_have_ended() -> None:
    gaps = Gaps()
    gaps.dropped(Dropped(CAMERA, 3, 10, 20))
    assert gaps.ripe() == []
    gaps.dropped(Dropped(CAMERA, 4, 30, 40))
    assert gaps.ripe() == []
    assert gaps.ripe() == [Gap(CAMERA, 10, 40, OVERLOAD, 7)]
    assert gaps.ripe() == []


def test_drops_that_do_not_end_are_told_in_pieces() -> None:
    gaps = Gaps()
    gaps.dropped(Dropped(CAMERA, 3, 0, LONGEST_US))
    assert gaps.ripe() == [Gap(CAMERA, 0, LONGEST_US, OVERLOAD, 3)]


def test_the_end_of_the_recording_tells_all() -> None:
    gaps = Gaps()
    gaps.dropped(Dropped(CAMERA, 3, 10, 20))
    assert gaps.ripe(all_of_them=True) == [Gap(CAMERA, 10, 20, OVERLOAD, 3)]
