"""What all tests share: fixtures of tests/support, markers, and a loud word about skips."""

import os
from collections import Counter

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

pytest_plugins = ["tests.support.browser", "tests.support.server"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that uses Chromium is a browser test, whether or not it says so."""
    for item in items:
        if "chromium_path" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs root without root; the summary says so."""
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("needs root")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not tested, and why, where nobody overlooks it."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[-1]) for report in skipped if report.longrepr)
    for reason, count in sorted(reasons.items()):
        words = f"NOT TESTED on this machine: {count} tests, {reason.removeprefix('Skipped: ')}"
        terminalreporter.write_line(words, yellow=True, bold=True)
