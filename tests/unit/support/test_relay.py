"""The relay check is itself checked: it accepts an exact relay and finds each kind of fault."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.relay import arrival_times, check_relay

SECOND = 1_000_000
BEGIN = 10 * SECOND  # media flows from here on; everything is connected long before
MUTE = (20 * SECOND, 20 * SECOND + 50_000)
UNMUTE = (25 * SECOND, 25 * SECOND + 50_000)

Reports = list[dict[str, Any]]


def exact() -> Reports:
    """人甲 sends 30 s and mutes both sources for 5 s; 人乙 receives what is right."""
    packets = {
        "sound": [_sent("a", n, n * 20_000, 960 * n, False) for n in range(1500)],
        "picture": [_sent("v", n, n * 50_000, 4500 * n, n % 40 == 0) for n in range(600)],
    }
    # The server takes a few milliseconds inside the command's span for its boundary.
    came = {
        "0": _relayed(packets["sound"], lambda row: not 20.02 <= row[0] / SECOND < 25.03),
        "1": _relayed(packets["picture"], lambda row: not 20.02 <= row[0] / SECOND < 26.0),
    }
    streams = [{"mid": "0", "track": "sound"}, {"mid": "1", "track": "picture"}]
    sender = _report("人甲", requests=[_request("publish", 1, 2)])
    sender["tracks"] = {
        "sound": {"source": "microphone", "kind": "audio"},
        "picture": {"source": "camera", "kind": "video"},
    }
    sender["sent"] = packets
    for source in ("microphone", "camera"):
        for span, muted in ((MUTE, True), (UNMUTE, False)):
            details = {"source": source, "muted": muted}
            sender["requests"].append(_request("mute", *span, details))
    receiver = _report("人乙", requests=[_request("subscribe_answer", 3, 4, {"version": 1})])
    receiver["received"] = came
    receiver["streams"] = [{"us": 3, "version": 1, "streams": streams}]
    return [sender, receiver]


def _report(name: str, requests: list[dict[str, Any]]) -> dict[str, Any]:
    connections = [{"purpose": p, "connected_us": 5} for p in ("publisher", "subscriber")]
    empty: dict[str, Any] = {"tracks": {}, "sent": {}, "received": {}, "streams": []}
    return {"name": name, "requests": requests, "connections": connections, **empty}


def _request(
    name: str, issued_us: int, acked_us: int, details: dict[str, Any] | None = None
) -> dict[str, Any]:
    span = {"issued_us": issued_us, "acked_us": acked_us}
    return {"name": name, "ok": True, "details": details or {}, **span}


def _sent(prefix: str, number: int, after_us: int, timestamp: int, keyframe: bool) -> list[Any]:
    return [BEGIN + after_us, number, timestamp, f"{prefix}{number}", keyframe]


def _relayed(rows: list[list[Any]], passes: Callable[[list[Any]], bool]) -> list[list[Any]]:
    passed = [row for row in rows if passes(row)]
    return [
        [us + 3_000, 70_000 + number, timestamp + 77, digest, False]
        for number, (us, _, timestamp, digest, _) in enumerate(passed)
    ]


def test_an_exact_relay_has_no_fault() -> None:
    verdict = check_relay(exact())
    assert verdict.faults == []
    assert verdict.toggles == 4
    assert verdict.owed > 1600 and verdict.received >= verdict.owed
    assert verdict.slowest_us == 3_000


def lost(reports: Reports) -> None:
    """One packet is missing; the numbers were closed up behind it."""
    rows = reports[1]["received"]["0"]
    del rows[300]
    for number, row in enumerate(rows):
        row[1] = number


def twice(reports: Reports) -> None:
    reports[1]["received"]["0"].insert(301, reports[1]["received"]["0"][300])


def swapped(reports: Reports) -> None:
    rows = reports[1]["received"]["0"]
    rows[300], rows[301] = rows[301], rows[300]
    rows[300][0], rows[301][0] = rows[301][0], rows[300][0]


def changed(reports: Reports) -> None:
    reports[1]["received"]["0"][300][3] = "somebody else's"


def leaked(reports: Reports) -> None:
    """A packet sent half a second after the mute was acknowledged."""
    row = reports[0]["sent"]["sound"][530]
    assert MUTE[1] < row[0] < UNMUTE[0]
    _insert(reports, "0", row)


def late_leak(reports: Reports) -> None:
    """Within the mute's span, but behind a hole: two boundaries instead of one."""
    sound = reports[0]["sent"]["sound"]
    (row,) = [row for row in sound if row[0] == 20_040_000]
    reports[1]["received"]["0"] = [
        each for each in reports[1]["received"]["0"] if each[3] != _digest_at(sound, 20_000_000)
    ]
    _insert(reports, "0", row)


def _digest_at(rows: list[list[Any]], us: int) -> Any:
    (row,) = [row for row in rows if row[0] == us]
    return row[3]


def _insert(reports: Reports, mid: str, row: list[Any]) -> None:
    rows = reports[1]["received"][mid]
    rows.append([row[0] + 3_000, 0, row[2] + 77, row[3], False])
    rows.sort()
    for number, each in enumerate(rows):
        each[1] = number


def no_keyframe(reports: Reports) -> None:
    """After the unmute the picture begins one packet before the keyframe."""
    row = next(row for row in reports[0]["sent"]["picture"] if row[0] == 25_950_000)
    _insert(reports, "1", row)


def keyframe_never_asked(reports: Reports) -> None:
    """Nothing of the picture comes after the unmute, and no keyframe is sent any more."""
    for row in reports[0]["sent"]["picture"]:
        row[4] = row[4] and row[0] < UNMUTE[0]
    rows = reports[1]["received"]["1"]
    reports[1]["received"]["1"] = [row for row in rows if row[0] < UNMUTE[0]]


def number_skipped(reports: Reports) -> None:
    for row in reports[1]["received"]["1"][200:]:
        row[1] += 1


def time_jumps(reports: Reports) -> None:
    for row in reports[1]["received"]["1"][200:300]:
        row[2] += 1


def own_sound_back(reports: Reports) -> None:
    row = reports[0]["sent"]["sound"][300]
    reports[0]["received"]["0"] = [[row[0] + 3_000, 1, row[2], row[3], False]]
    reports[0]["streams"] = [{"us": 3, "version": 1, "streams": [{"mid": "0", "track": "sound"}]}]


def wrong_tile(reports: Reports) -> None:
    """The packets are right and the word about whose they are is wrong."""
    reports[1]["streams"].append(
        {"us": 12 * SECOND, "version": None, "streams": [{"mid": "0", "track": "picture"}]}
    )


def never_offered(reports: Reports) -> None:
    reports[1]["streams"] = []
    reports[1]["received"] = {}


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (lost, "owed are missing"),
        (twice, "twice"),
        (swapped, "after"),
        (changed, "nobody sent"),
        (leaked, "while closed"),
        (late_leak, "a hole"),
        (no_keyframe, "no keyframe"),
        (keyframe_never_asked, "no keyframe was asked for"),
        (number_skipped, "number"),
        (time_jumps, "ticks"),
        (own_sound_back, "its own"),
        (wrong_tile, "not announced"),
        (never_offered, "never offered"),
    ],
)
def test_each_fault_is_found(tamper: Callable[[Reports], None], words: str) -> None:
    reports = copy.deepcopy(exact())
    tamper(reports)
    faults = check_relay(reports).faults
    assert any(words in fault for fault in faults), faults


def test_a_prefix_inside_a_mutes_span_is_the_servers_choice() -> None:
    for boundary_us in (20_000_000, 20_020_000, 20_040_000):
        reports = exact()
        sound = reports[0]["sent"]["sound"]
        kept = _relayed(sound, lambda row, b=boundary_us: row[0] < b or row[0] > 25_030_000)  # type: ignore[misc]
        reports[1]["received"]["0"] = kept
        assert check_relay(reports).faults == [], boundary_us


def test_a_packet_missing_before_the_mutes_span_is_no_choice() -> None:
    reports = exact()
    kept = _relayed(
        reports[0]["sent"]["sound"], lambda row: row[0] < 19_980_000 or row[0] > 25_030_000
    )
    reports[1]["received"]["0"] = kept
    assert any("missing" in fault for fault in check_relay(reports).faults)


def test_arrival_times_tell_the_late_and_the_lost() -> None:
    reports = exact()
    reports[0]["requests"] = reports[0]["requests"][:1]  # nobody mutes
    sent = reports[0]["sent"]["sound"]
    rows = _relayed(sent, lambda row: row is not sent[700])
    late = next(row for row in rows if row[3] == "a800")
    late[0] += 2 * SECOND
    reports[1]["received"]["0"] = rows
    delays = arrival_times(reports, "audio")
    assert delays.count(None) == 1
    assert sorted(each for each in delays if each is not None)[-2:] == [3_000, 2_003_000]
    assert 1400 < len(delays) <= 1500
    sent_again = [[us + 3_000, n, ts, digest, True] for us, n, ts, digest, _ in sent[700:701]]
    reports[1]["received"]["0"] = rows + sent_again
    assert None not in arrival_times(reports, "audio")
