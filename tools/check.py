"""Run every linter and type checker, and say what each found and how long it took.

    python tools/check.py            all of them; exit 1 when one found something
    python tools/check.py mypy eslint   only these

Needs `python3 tools/setup.py linters` before (make check does both). A tool that fails does not
keep the others from running.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = [str(BIN / "python"), "-m"]
# What is Python here; a part that does not exist yet is left out.
SOURCES = [
    name
    for name in ("conference", "run_server.py", "tests", "bench", "tools", "stubs")
    if (ROOT / name).exists()
]
TYPED = [name for name in SOURCES if name != "stubs"]

TOOLS: dict[str, tuple[str, list[str]]] = {
    "ruff": (".", [*PYTHON, "ruff", "check", "--quiet", *SOURCES]),
    "ruff-format": (".", [*PYTHON, "ruff", "format", "--check", "--quiet", *SOURCES]),
    "mypy": (".", [*PYTHON, "mypy", "--no-error-summary", *TYPED]),
    "imports": (
        ".",
        [str(BIN / "python"), str(BIN / "lint-imports"), "--cache-dir", ".build/imports"],
    ),
    "vue-tsc": ("web", ["npm", "run", "--silent", "typecheck"]),
    "eslint": ("web", ["npm", "run", "--silent", "lint"]),
    "stylelint": ("web", ["npm", "run", "--silent", "lint:css"]),
    "vitest": ("web", ["npm", "run", "--silent", "test"]),
}


def main(names: list[str]) -> int:
    """Run the tools of these names, or all; 0 when all are content, 2 for an unknown name."""
    unknown = [name for name in names if name not in TOOLS]
    if unknown:
        print(f"check: unknown {', '.join(unknown)}; known are {', '.join(TOOLS)}", file=sys.stderr)
        return 2
    failed = [name for name in names or TOOLS if not content(name)]
    print(f"check: {'failed: ' + ', '.join(failed) if failed else 'all content'}", flush=True)
    return 1 if failed else 0


def content(name: str) -> bool:
    """Run one tool; show what it says only when it is not content."""
    folder, command = TOOLS[name]
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT / folder,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    verdict = "ok" if done.returncode == 0 else f"FAILED (exit {done.returncode})"
    print(f"{name:<12} {time.monotonic() - began:5.1f} s  {verdict}", flush=True)
    if done.returncode != 0:
        print(done.stdout.rstrip(), flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
