"""No test sleeps: it turns a virtual clock, or waits by tests/support/wait.py."""

import ast
from pathlib import Path

from tests.rules.tree import sources

SLEEPS = ("asyncio.sleep", "time.sleep", "sleep", "wait_for_timeout")
THE_HELPER = Path("tests/support/wait.py")


def test_no_test_sleeps() -> None:
    faults = [
        f"{source.name}:{call.lineno} {name}"
        for source in sources("tests")
        if source.name != THE_HELPER
        for call, name in source.calls()
        if name.endswith(SLEEPS) and not gives_way(call)
    ]
    assert not faults, "\n".join(faults)


def gives_way(call: ast.Call) -> bool:
    """`asyncio.sleep(0)` waits for nothing: it lets the other tasks of the loop run once."""
    return (
        len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
    )
