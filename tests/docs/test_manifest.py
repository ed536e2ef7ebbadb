"""The manifest of the packaged files is described as it is."""

import re
from dataclasses import fields

import pytest

from conference.recording.packager.manifest import (
    FORMAT,
    FlawFound,
    Manifest,
    PackagedFile,
    Stretch,
)
from tests.rules.tree import ROOT

pytestmark = pytest.mark.docs
TEXT = (ROOT / "docs" / "recording-format.md").read_text("utf-8").partition("`manifest.json`:")[2]


def test_every_field_is_named() -> None:
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", TEXT))))
    wanted = {f.name for kind in (Manifest, PackagedFile, Stretch, FlawFound) for f in fields(kind)}
    assert wanted - {"endpoint", "flaws"} <= named
    assert FORMAT in TEXT


def test_every_word_of_the_code_is_explained() -> None:
    """What the code can call a flaw or a stretch."""
    sources = (ROOT / "conference" / "recording").rglob("*.py")
    code = "\n".join(source.read_text("utf-8") for source in sources)
    words = set(re.findall(r'(?:_broke\("|found\.append\(\(")(\w+)"', code))
    words |= set(re.findall(r'Reason\("(\w+)"', code)) | {"absent", "missing", "muted"}
    assert len(words) >= 8
    assert {word for word in words if f"`{word}`" not in TEXT} == set()
