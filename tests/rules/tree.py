"""The tracked files of the repository, and Python sources as syntax trees."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows and that exists, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    names = (Path(name) for name in listed.split("\0") if name)
    return tuple(name for name in names if (ROOT / name).is_file())


def text(name: Path) -> str:
    """A tracked file's text; bytes that are no UTF-8 become replacement characters."""
    return (ROOT / name).read_text("utf-8", errors="replace")


@dataclass(frozen=True)
class Source:
    """One Python file: its name relative to the root, its text and its syntax tree."""

    name: Path
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        """All functions and methods, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def imported(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything imported anywhere in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """(call, dotted name of what is called) for calls of plain dotted names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, ast.unparse(node.func)


@functools.cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The tracked Python files of these top-level folders or files, or of the whole tree."""
    names = (name for name in tracked() if name.suffix in (".py", ".pyi"))
    chosen = [name for name in names if not folders or name.parts[0] in folders]
    return tuple(Source(name, text(name), ast.parse(text(name), str(name))) for name in chosen)
