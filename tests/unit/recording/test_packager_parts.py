"""The packager's pure parts: order, whole frames, time, silence, plan."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.rtp import RtpPacket, parse
from conference.recording.packager.clock import (
    EndpointClock,
    Report,
    TrackClock,
    read_report,
)
from conference.recording.packager.depacketizer import (
    OPUS_RATE,
    Frame,
    Vp8Frames,
    is_vp8,
    opus_samples,
    vp8_size,
)
from conference.recording.packager.filling import EARLY, LATE, SILENCE, Filling
from conference.recording.packager.manifest import (
    FlawFound,
    Manifest,
    PackagedFile,
    Stretch,
    read_manifest,
    write_manifest,
)
from conference.recording.packager.plan import (
    Interval,
    Plan,
    Reason,
    read_plan,
    reason_for,
    write_plan,
)
from conference.recording.packager.reorder import WINDOW_US, Reorder

S = 1_000_000


def rtp(
    seq: int, at_us: int, payload: bytes = b"x", timestamp: int = 0, marker: int = 0
) -> RtpPacket:
    head = struct.pack("!BBHII", 0x80, marker << 7 | 96, seq & 0xFFFF, timestamp & 0xFFFFFFFF, 7)
    packet = parse(head + payload, at_us)
    assert packet is not None
    return packet


# --- order -----------------------------------------------------------------------------------


@given(
    first=st.integers(0, 0xFFFF),
    lost=st.sets(st.integers(1, 198), max_size=40),
    seed=st.integers(0, 999),
)
def test_every_packet_once_and_in_order(first: int, lost: set[int], seed: int) -> None:
    chance = random.Random(seed)
    arrivals = [
        (n * 20_000 + chance.randrange(300_000), n) for n in range(200) for _ in range(2)
        if n not in lost
    ]  # fmt: skip
    reorder = Reorder()
    out = []
    for at_us, n in sorted(arrivals):
        out += [(p.seq - first) & 0xFFFF for p in reorder.push(rtp(first + n, at_us))]
    out += [(p.seq - first) & 0xFFFF for p in reorder.flush()]
    assert out == [n for n in range(200) if n not in lost]
    # What is lost at the very end or beginning cannot be known to have been sent.
    assert reorder.missing == len([n for n in lost if min(out) < n < max(out)])


def test_a_repeat_within_the_window_is_in_its_place_and_a_later_one_is_not() -> None:
    reorder = Reorder()
    out = [p.seq for n in range(100) if n != 50 for p in reorder.push(rtp(n, n * 20_000))]
    assert out[-1] == 49
    out += [p.seq for p in reorder.push(rtp(50, 50 * 20_000 + WINDOW_US - 40_000))]
    assert out == list(range(100))
    late = Reorder()
    for n in range(300):
        if n != 50:
            late.push(rtp(n, n * 20_000))
    assert (late.missing, late.push(rtp(50, 301 * 20_000))) == (1, [])


def test_time_alone_gives_up_waiting() -> None:
    reorder = Reorder()
    for n in (0, 1, 3):
        reorder.push(rtp(n, n * 20_000))
    assert [p.seq for p in reorder.due(1_000_000)] == [0, 1]
    assert [p.seq for p in reorder.due(60_000 + WINDOW_US)] == [3]


# --- frames ----------------------------------------------------------------------------------

DESCRIPTORS = {
    "bare": (b"\x10", b"\x00"),
    "picture id": (b"\x90\x80\x05", b"\x80\x80\x05"),
    "long picture id": (b"\x90\x80\x81\x05", b"\x80\x80\x81\x05"),
    "all": (b"\x90\xf0\x81\x05\x07\x20", b"\x80\xf0\x81\x05\x07\x20"),
}


def frame_data(delta: bool, size: int) -> bytes:
    """A frame of 10 + `size` bytes, whose first partition is all of it."""
    length = size + 7 if delta else size
    tag = ((length << 5) | delta).to_bytes(3, "little")
    head = bytes(7) if delta else b"\x9d\x01\x2a\x40\x01\xc0\x00"
    return tag + head + bytes(size)


def frame_packets(
    data: bytes, seq: int, timestamp: int, descriptors: tuple[bytes, bytes]
) -> list[RtpPacket]:
    pieces = [data[at : at + 10] for at in range(0, len(data), 10)]
    return [
        rtp(
            seq + n, seq, descriptors[min(n, 1)] + piece, timestamp, int(n == len(pieces) - 1)
        )
        for n, piece in enumerate(pieces)
    ]  # fmt: skip


def collect(packets: list[RtpPacket]) -> list[Frame]:
    frames, found = Vp8Frames(), []
    for index, packet in enumerate(packets):
        packet.index = index if not packet.index else packet.index
        found += list(frames.push(packet))
    return found


@pytest.mark.parametrize("form", DESCRIPTORS)
@given(
    sizes=st.lists(st.integers(1, 45), min_size=1, max_size=12), lost=st.sets(st.integers(0, 40))
)
def test_whole_frames_and_only_whole_frames(form: str, sizes: list[int], lost: set[int]) -> None:
    sent, packets, seq = [], [], 0
    for n, size in enumerate(sizes):
        data = frame_data(bool(n % 2), size)
        cut = frame_packets(data, seq, n * 3000, DESCRIPTORS[form])
        for number, packet in enumerate(cut):
            packet.index = seq + number + 1
        kept = [p for p in cut if p.index - 1 not in lost]
        packets += kept
        seq += len(cut)
        if len(kept) == len(cut):
            sent.append(data)
    frames = Vp8Frames()
    found = [frame for packet in packets for frame in frames.push(packet)]
    assert [frame.data for frame in found] == sent
    assert [frame.keyframe for frame in found] == [not data[0] & 1 for data in sent]


def test_what_follows_a_loss_is_marked_unless_it_is_a_keyframe() -> None:
    delta, key = frame_data(True, 16), frame_data(False, 16)
    first = frame_packets(key, 0, 0, DESCRIPTORS["bare"])
    second = frame_packets(delta, 3, 3000, DESCRIPTORS["bare"])
    third = frame_packets(delta, 6, 6000, DESCRIPTORS["bare"])
    fourth = frame_packets(key, 9, 9000, DESCRIPTORS["bare"])
    for packet in (*first, *second, *third, *fourth):
        packet.index = packet.seq + 1
    found = collect([*first, second[0], second[2], *third, *fourth])
    assert [(f.timestamp, f.after_loss) for f in found] == [(0, False), (6000, True), (9000, False)]


@given(st.binary(max_size=40))
def test_no_payload_is_too_strange(payload: bytes) -> None:
    collect([rtp(1, 0, payload, 0, 1)])
    assert 0 <= opus_samples(payload) <= 5760
    vp8_size(payload)


def test_length_of_opus_packets() -> None:
    assert [opus_samples(data) for data in SILENCE.values()] == list(SILENCE)
    assert opus_samples(b"\x78\x00") == 960  # 20 ms hybrid
    assert opus_samples(b"\x18\x00") == 2880  # 60 ms SILK
    assert opus_samples(b"\x79\x00\x00") == 1920
    assert opus_samples(b"\x7a\x01\x00\x00") == 1920  # of different lengths
    assert opus_samples(b"\x7b\x03\x00\x00\x00") == 2880
    assert opus_samples(b"\x7b\x83\x01\x02\x00\x00\x00") == 2880  # with a length each
    assert opus_samples(b"\x7b\x42\x01\x00\x00\x00") == 1920  # padded by a byte


def test_what_is_no_opus_packet() -> None:
    wrong = [
        b"", b"\x79\x00", b"\x7a", b"\x7a\x05\x00", b"\x7a\xfc", b"\x7b", b"\x7b\x00\x00",
        b"\x7b\x03\x00", b"\x7b\x42\xff", b"\x7b\x42\x09\x00", b"\x7b\x83\x01\x02\x00",
        b"\x1b\x3f" + bytes(63), b"\x78" + bytes(1276),
    ]  # fmt: skip
    assert {packet: opus_samples(packet) for packet in wrong if opus_samples(packet)} == {}


def test_what_is_no_vp8_frame() -> None:
    whole = frame_data(False, 20)
    assert is_vp8(whole) and is_vp8(frame_data(True, 20))
    assert not any(is_vp8(whole[:size]) for size in range(len(whole)))
    assert not is_vp8(whole[:3] + b"\x00" + whole[4:])
    assert vp8_size(whole) == (320, 192)


# --- time ------------------------------------------------------------------------------------


def test_reads_a_sender_report() -> None:
    ntp = (2_208_988_800 + 5) << 32 | 1 << 31
    data = struct.pack("!BBHIQIII", 0x80, 200, 6, 99, ntp, 1234, 0, 0)
    assert read_report(data, 17) == Report(99, 5_500_000, 1234, 17)
    assert read_report(data[:20], 17) is None
    assert read_report(b"\x80\xc9" + data[2:], 17) is None


@given(
    base=st.integers(0, 0xFFFFFFFF),
    ppm=st.integers(-150, 150),
    ntp_ppm=st.integers(-50, 50),
    seed=st.integers(0, 99),
)
def test_follows_a_clock_that_drifts_for_hours(
    base: int, ppm: int, ntp_ppm: int, seed: int
) -> None:
    """Two hours, a report each 4 s, delays of 20 to 60 ms, sound card and clock of the sender both
    wrong: never more than 15 ms off."""
    chance = random.Random(seed)
    shared = EndpointClock()
    clock = TrackClock(90_000, shared)
    for t in range(0, 7200 * S, 4 * S):
        media = base + round(t * (1 + ppm / 1e6) * 0.09)
        delay = 20_000 + int(40_000 * chance.random() ** 3)
        clock.report(Report(1, 10**15 + t + t * ntp_ppm // S, media & 0xFFFFFFFF, t + delay))
        if t > 60 * S:
            at = clock.mono_us(clock.media_us((media + 90_000) & 0xFFFFFFFF))
            assert abs(at - (t + S + 20_000)) < 15_000


def test_sound_and_picture_hang_on_reports_and_not_on_arrivals() -> None:
    shared = EndpointClock()
    sound, picture = TrackClock(48_000, shared), TrackClock(90_000, shared)
    sound.report(Report(1, 10 * S, 480_000, 100 * S))
    picture.report(Report(2, 10 * S, 5_000, 100 * S + 700_000))  # a slow line for this one
    sound_us = sound.mono_us(sound.media_us(480_000 + 48_000))
    assert sound_us == picture.mono_us(picture.media_us(5_000 + 90_000)) == 101 * S


def test_a_sender_that_sets_its_clock_is_believed() -> None:
    shared = EndpointClock()
    clock = TrackClock(48_000, shared)
    for n in range(20):
        step = 3600 * S if n >= 10 else 0
        clock.report(Report(1, n * S + step, n * 48_000, n * S + 30_000))
        assert clock.mono_us(clock.media_us(n * 48_000)) == n * S + 30_000


def test_without_a_report_arrival_counts_and_the_clock_before_a_hole_holds_on() -> None:
    shared = EndpointClock()
    first = TrackClock(48_000, shared)
    assert not first.ready
    first.arrived(first.media_us(0), 40_000)
    first.arrived(first.media_us(960), 52_000)
    assert first.mono_us(first.media_us(1920)) == 72_000
    first.report(Report(1, S, 48_000, S + 10_000))
    assert first.mono_us(first.media_us(48_000)) == S + 10_000
    second = TrackClock(48_000, shared, first)
    second.arrived(second.media_us(20 * 48_000), 20 * S + 80_000)
    second.do_without()
    assert second.mono_us(second.media_us(20 * 48_000)) == 20 * S + 10_000
    third = TrackClock(48_000, shared, first)
    third.arrived(third.media_us(48_000), 20 * S)  # its RTP time stood still in the hole
    third.do_without()
    assert third.mono_us(third.media_us(48_000)) == 20 * S


# --- silence ---------------------------------------------------------------------------------

VOICE = b"\x78voice"  # 20 ms


@given(
    spans=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=1, max_size=20),
    ppm=st.integers(-3000, 3000),
    end=st.integers(0, 5_000_000),
)
def test_the_sum_of_all_lengths_is_recording_time(
    spans: list[tuple[int, int]], ppm: int, end: int
) -> None:
    """Talk and holes, by a sound card that runs fast or slow: every packet lies within 15 ms of its
    place, nothing overlaps, and the whole is as long as R."""
    filling, r_us, laid = Filling(), 0, []
    for hole, packets in spans:
        r_us += hole * 100_000
        for _ in range(packets):
            laid += [(sound, r_us) for sound in filling.put(r_us, VOICE)]
            r_us += 20_000 * (1_000_000 + ppm) // 1_000_000
    end_us = r_us + 20_000 + end
    laid += [(sound, end_us) for sound in filling.fill(end_us)]
    at = 0
    for sound, place_us in laid:
        assert sound.at == at and opus_samples(sound.data) == sound.samples
        at += sound.samples
        if sound.data == VOICE:
            off = place_us * OPUS_RATE // S - sound.at
            assert -EARLY <= off <= LATE
    assert abs(at - end_us * OPUS_RATE // S) <= EARLY + 120
    silent = sum(s.samples for s, _ in laid if s.data != VOICE)
    listed = sum(span.to_us - span.from_us for span in filling.filled)
    assert abs(listed - silent * S // OPUS_RATE) <= 2 * len(filling.filled) + 2


def test_a_steady_voice_is_neither_filled_nor_cut() -> None:
    chance, filling = random.Random(1), Filling()
    for n in range(3000):
        list(filling.put(max(0, n * 20_000 + chance.randrange(-4000, 4000)), VOICE))
    assert (filling.filled, filling.left_out, filling.at) == ([], 0, 3000 * 960)


# --- plan and manifest -----------------------------------------------------------------------


def test_a_plan_on_a_line() -> None:
    plan = Plan(
        "s", 7, True, (Interval("e", 1, 2, 0), Interval("f", 1, None, 1)),
        (Reason("muted", "ma", "camera", 0, None),), {"1/x": (3, "ab")},
    )  # fmt: skip
    line = write_plan(plan)
    assert line.count(b"\n") == 1 and read_plan(line) == plan
    assert plan.interval_at("e", 5) == plan.intervals[0]
    assert plan.interval_at("e", 0) is plan.interval_at("g", 5) is None
    assert (plan.order_of("f"), plan.order_of("g")) == (1, None)
    with pytest.raises((ValueError, TypeError, KeyError)):
        read_plan(b'{"session": "s"}')


def test_the_reason_that_covers_most() -> None:
    reasons = (
        Reason("muted", "ma", "microphone", 0, 10),
        Reason("line_lost", "ma", None, 8, 30),
        Reason("muted", "wang", "microphone", 0, None),
    )
    assert reason_for(reasons, "ma", "microphone", (0, 10)) == "muted"
    assert reason_for(reasons, "ma", "microphone", (5, 30)) == "line_lost"
    assert reason_for(reasons, "ma", "camera", (0, 10)) is None
    assert reason_for(reasons, "wang", "microphone", (90, 99)) == "muted"


def test_a_manifest_reads_back() -> None:
    stretch = (Stretch("muted", 1, 2),)
    file = PackagedFile("a.webm", "a", True, False, 5, "00", stretch, (), stretch)
    manifest = Manifest("s", "ready", 1.0, 9, (file,), (FlawFound("1/x", "torn", 3),))
    assert read_manifest(write_manifest(manifest)) == manifest
    for wrong in (b"", b"[]", b'{"format":"derived/2"}', b'{"format":"derived/1"}'):
        with pytest.raises(ValueError):
            read_manifest(wrong)
