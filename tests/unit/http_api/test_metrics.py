"""The Prometheus text format."""

from conference.http_api.metrics import Metric, counter, exposition, gauge


def test_a_family_has_help_type_and_samples() -> None:
    dropped = Metric("x_total", "counter", "why", {"late": 3, 'a"\\b\n': 1}, "reason")
    text = exposition([gauge("up", "whether", 1), counter("seen", "how many", 7), dropped])
    assert text.splitlines() == [
        "# HELP up whether",
        "# TYPE up gauge",
        "up 1",
        "# HELP seen_total how many",
        "# TYPE seen_total counter",
        "seen_total 7",
        "# HELP x_total why",
        "# TYPE x_total counter",
        'x_total{reason="late"} 3',
        'x_total{reason="a\\"\\\\b\\n"} 1',
    ]
    assert text.endswith("\n")
