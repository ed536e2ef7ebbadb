"""docs/configuration.md names every key and flag, its default and its meaning."""

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from conference.config import Configuration, from_arguments, server_parser
from conference.events.room import SeatRole
from tests.docs.markdown import ROOT, codes, tables

PAGE = tables("configuration.md")


def keys(model: type[BaseModel], prefix: str = "") -> dict[str, tuple[Any, str | None]]:
    """Key → default and description, sections opened."""
    found: dict[str, tuple[Any, str | None]] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            found |= keys(type(field.default), f"{name}.")
        else:
            found[prefix + name] = (field.default, field.description)
    return found


def test_every_key_has_its_default_and_meaning() -> None:
    known = keys(Configuration)
    told = PAGE["Keys"]
    assert list(told) == list(known)
    for key, (default, meaning) in known.items():
        assert told[key] == (shown(default), meaning), key


def shown(default: object) -> str:
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default.as_posix() if isinstance(default, Path) else default}`"


def test_every_flag_leads_to_a_key() -> None:
    flags = {
        option
        for action in server_parser()._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
    told = PAGE["Flags of run_server.py"]
    assert set(told) == flags
    assert {codes(cells[0])[0] for cells in told.values() if codes(cells[0])} <= set(
        keys(Configuration)
    )


def test_the_example_and_the_roles_are_real(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    file = tmp_path / "example.toml"
    file.write_text(example, encoding="utf-8")
    assert from_arguments(["--config", str(file)]).media.advertise == "203.0.113.7:8081"
    for role in get_args(SeatRole):
        assert f"`{role}`" in text
