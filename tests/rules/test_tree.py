"""What the repository may hold: no trace of one machine or one registry, locked packages."""

import json
import re
from pathlib import Path

import pytest

from tests.rules.tree import ROOT, text, tracked

# Written in two halves, so that this file itself passes.
FORBIDDEN = [
    "/" + "work/",
    "/" + "root/",
    "/" + "home/",
    "/opt" + "/wheels",
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "mirror",
    "--index" + "-url",
    "--extra-index" + "-url",
    "--find" + "-links",
    "shared" + "/design",
    "shared" + "/research",
]
SUBMISSION_MIB = 8


def test_no_machine_path_and_no_registry_is_named() -> None:
    faults = [
        f"{name}:{number} {word}"
        for name in tracked()
        for number, line in enumerate(text(name).splitlines(), start=1)
        for word in FORBIDDEN
        if word in line
    ]
    assert not faults, "\n".join(faults)


def test_no_built_or_large_file_is_tracked() -> None:
    built = [str(name) for name in tracked() if {"node_modules", "dist", ".venv"} & {*name.parts}]
    large = [str(name) for name in tracked() if (ROOT / name).stat().st_size > SUBMISSION_MIB << 20]
    assert not built + large


def test_every_python_package_is_locked_by_hash() -> None:
    locks = [name for name in tracked() if name.match("requirements*.lock")]
    assert len(locks) == 3
    for lock in locks:
        blocks = re.split(r"\n(?=\S)", text(lock).strip())
        packages = [block for block in blocks if not block.startswith("#")]
        unlocked = [block for block in packages if not pinned(block)]
        assert packages and not unlocked, f"{lock}: {unlocked}"
        asked = names_in(text(lock.with_suffix(".in")))
        assert asked <= {normal(block) for block in packages}, f"{lock} is older than its .in file"


def pinned(block: str) -> bool:
    """One requirement of a lock file: an exact version and at least one hash."""
    return bool(re.match(r"[\w.-]+==\S+", block)) and "--hash=sha256:" in block


def names_in(requirements: str) -> set[str]:
    """The package names that a requirements.in file asks for."""
    lines = (line.strip() for line in requirements.splitlines())
    return {normal(line) for line in lines if line and not line.startswith(("#", "-"))}


def normal(requirement: str) -> str:
    """The name of a requirement as package indexes compare it."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].replace("_", "-").lower()


def test_every_node_package_is_locked_without_an_address() -> None:
    packages = json.loads(text(Path("web/package-lock.json")))["packages"]
    assert len(packages) > 10
    assert not [name for name, facts in packages.items() if "resolved" in facts]
    assert not [name for name, facts in packages.items() if name and "integrity" not in facts]


def test_the_licence_is_apache_2() -> None:
    licence = text(Path("LICENSE"))
    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert 'license = "Apache-2.0"' in text(Path("pyproject.toml"))


@pytest.mark.docs
def test_the_readme_is_short_and_names_the_two_commands() -> None:
    readme = text(Path("README.md"))
    assert len(readme.splitlines()) <= 100
    assert "make run" in readme and "make test" in readme
