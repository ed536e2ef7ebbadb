"""Reads a page of docs/ as a test compares it: headings, and the tables under them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Table = dict[str, tuple[str, ...]]


def tables(name: str) -> dict[str, Table]:
    """Heading → first column (without backticks) → the other columns."""
    found: dict[str, Table] = {}
    heading = ""
    lines = (ROOT / "docs" / name).read_text("utf-8").splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
            found.setdefault(heading, {})
        elif line.startswith("|") and not line.startswith("|---") and not below.startswith("|---"):
            first, *others = (cell.strip() for cell in line.strip().strip("|").split("|"))
            found[heading][first.strip("`")] = tuple(others)
    return found


def codes(cell: str) -> list[str]:
    """What stands in backticks in a cell."""
    return cell.split("`")[1::2]
