"""Importing a module of the project only defines things, and never leads back to itself."""

import graphlib
import subprocess
import sys
from collections.abc import Set
from pathlib import Path

from tests.rules.tree import ROOT, Source, sources

# Runs in a fresh interpreter: an audit hook notes what a module of ours does while it is imported.
# What importing somebody else's package does has import machinery between it and our line.
WATCH = """
import importlib, sys, threading
root, modules = sys.argv[1], sys.argv[2:]
noted = []
EVENTS = ("open", "os.mkdir", "os.remove", "socket.bind", "socket.connect", "subprocess.Popen")

def ours():
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib") or "/pydantic/plugin/" in name:
            return False  # pydantic looks for plugins where the first model is defined
        if name.startswith(root) and "/.venv/" not in name:
            return True
        frame = frame.f_back
    return False

def watch(event, arguments):
    if "/zoneinfo/" in str(arguments[:1]):
        return  # a constant of the time zone is a constant
    if event in EVENTS and ours():
        noted.append(f"{event} {arguments[0]!r}")

sys.addaudithook(watch)
for module in modules:
    threads = threading.active_count()
    importlib.import_module(module)
    if threading.active_count() != threads:
        noted.append("a thread was started")
    while noted:
        print(f"import of {module}: {noted.pop()}")
"""


def test_importing_does_nothing() -> None:
    modules = [module(source.name) for source in sources("conference", "run_server.py")]
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCH, str(ROOT), *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stdout, done.stdout


def test_no_import_cycle() -> None:
    ours = {module(source.name): source for source in sources("conference", "run_server.py")}
    graph = {name: needed(source, ours.keys()) - {name} for name, source in ours.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        raise AssertionError(" → ".join(error.args[1])) from None


def module(name: Path) -> str:
    """The dotted name of a file's module."""
    return ".".join(name.with_suffix("").parts).removesuffix(".__init__")


def needed(source: Source, known: Set[str]) -> set[str]:
    """Which of the known modules a file imports: of `a.b.c` the longest part that is one."""
    found = set()
    for _, name in source.imported():
        while name and name not in known:
            name = name.rpartition(".")[0]
        found.add(name)
    return found - {""}
