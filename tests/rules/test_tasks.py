"""Every task is owned: what lint cannot see (`loop.create_task`) is seen here."""

from pathlib import Path

from tests.rules.tree import sources


def test_only_the_task_owner_creates_tasks() -> None:
    faults = [
        f"{source.name}:{call.lineno} {name}"
        for source in sources("conference", "run_server.py")
        if source.name != Path("conference/tasks.py")
        for call, name in source.calls()
        if name.split(".")[-1] in ("create_task", "ensure_future", "run_coroutine_threadsafe")
    ]
    assert not faults, "\n".join(faults)
