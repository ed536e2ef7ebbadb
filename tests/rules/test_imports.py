"""Importing a module of the project only defines things: it opens, starts and writes nothing."""

import subprocess
import sys

from tests.rules.tree import ROOT, sources

# Runs in a fresh interpreter: an audit hook notes what an import does to the world.
WATCH = """
import importlib, os, sys, threading
root, modules = sys.argv[1], sys.argv[2:]
noted = []
QUIET = (".py", ".pyc", ".so")

def watch(event, arguments):
    if event in ("socket.bind", "socket.connect", "subprocess.Popen", "os.mkdir", "os.remove"):
        noted.append(f"{event} {arguments[0]!r}")
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        path, mode, flags = os.fsdecode(arguments[0]), arguments[1] or "r", arguments[2]
        writes = set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR)
        ours = os.path.abspath(path).startswith(root + os.sep) and "/.venv/" not in path
        if writes or (ours and not path.endswith(QUIET)):
            noted.append(f"open {path}")

sys.addaudithook(watch)
for module in modules:
    before = len(noted), threading.active_count()
    importlib.import_module(module)
    if threading.active_count() != before[1]:
        noted.append("a thread")
    for what in noted[before[0]:]:
        print(f"import of {module}: {what}")
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
