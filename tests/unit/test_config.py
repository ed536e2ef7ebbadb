"""Configuration: defaults, file, flags, and one sentence for whatever is wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from conference.config import ConfigurationError, from_arguments


def written(folder: Path, text: str) -> list[str]:
    file = folder / "server.toml"
    file.write_text(text, encoding="utf-8")
    return ["--config", str(file)]


def test_defaults_need_no_file() -> None:
    config = from_arguments([])
    assert (config.host, config.port, config.media.port) == ("127.0.0.1", 8080, 8081)
    assert (config.data, config.demo, config.base_url) == (Path("data"), False, None)


def test_a_partial_file_keeps_the_other_defaults(tmp_path: Path) -> None:
    config = from_arguments(written(tmp_path, "port = 1\n[media]\nvideo_cap_bps = 200000\n"))
    assert (config.port, config.media.video_cap_bps, config.media.port) == (1, 200_000, 8081)


def test_flags_go_over_the_file_even_inside_a_section(tmp_path: Path) -> None:
    arguments = written(tmp_path, "port = 1\n[media]\nport = 2\nvideo_cap_bps = 200000\n")
    config = from_arguments([*arguments, "--port", "3", "--media-port", "4"])
    assert (config.port, config.media.port, config.media.video_cap_bps) == (3, 4, 200_000)


def test_port_zero_takes_a_free_one() -> None:
    config = from_arguments(["--port", "0", "--media-port", "0"])
    assert (config.port, config.media.port) == (0, 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "the key colour is unknown"),
        ("[media]\ncolour = 1", "the key media.colour is unknown"),
        ("port = 70000", "the value of port"),
        ("port = ", "is not TOML"),
        ("[links]\nlifetime_days = 0", "the value of links.lifetime_days"),
        ('[media]\nadvertise = "here:1"', "the value of media.advertise needs an IP address"),
        ('[log]\nlevel = "loud"', "the value of log.level"),
        ('base_url = "video.example.org"', "the value of base_url is not like"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as error:
        from_arguments(written(tmp_path, text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "x"],
        ["--colour"],
        ["--host", "nowhere"],
        ["--config", "-"],
        ["--simulate"],
    ],
)
def test_bad_flags_are_told_in_one_sentence(arguments: list[str]) -> None:
    with pytest.raises(ConfigurationError) as error:
        from_arguments(arguments)
    assert "\n" not in str(error.value)


def test_nothing_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    assert from_arguments([]).port == 8080


def test_it_is_frozen_and_hides_its_secret(tmp_path: Path) -> None:
    config = from_arguments(written(tmp_path, '[metrics]\ntoken = "let-me-in"'))
    with pytest.raises(ValidationError):
        config.port = 1
    assert "let-me-in" not in repr(config)
