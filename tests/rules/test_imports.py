"""Importing a module of the project only defines things: it opens, starts and writes nothing."""

import subprocess
import sys

from tests.rules.tree import ROOT, sources

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
        if name.startswith("<frozen importlib"):
            return False
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
    names = [source.name.with_suffix("") for source in sources("conference", "run_server.py")]
    modules = [".".join(name.parts).removesuffix(".__init__") for name in names]
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
