"""What an administrator may set: flags of run_server.py over a TOML file over the defaults.

Every key stands in docs/configuration.md. An unknown key is an error, told in one sentence;
nothing is read from the environment, so that what a server does can be seen in one file."""

import argparse
import ipaddress
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class ConfigurationError(Exception):
    """One sentence for the person at the terminal."""


def _host(host: str) -> str:
    try:
        return "127.0.0.1" if host == "localhost" else str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        raise ValueError("is not an address of this machine") from None


def _base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        (parts.hostname or "").encode("idna")
    except ValueError:
        fit = False
    if not fit or "?" in url or "#" in url or "@" in url:
        raise ValueError("is not like https://video.example.org")
    return url.rstrip("/")


def _endpoint(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("is not like 203.0.113.7:8081")
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise ValueError("needs an IP address before the port") from None
    return value


Port = Annotated[int, Field(ge=0, le=65535)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TlsSection(_Section):
    """What is shown on addresses that other machines reach."""

    certificate: Path | None = Field(
        default=None, description="PEM file with the certificate and those that lead to its root"
    )
    key: Path | None = Field(default=None, description="PEM file with the certificate's key")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.certificate is None) is not (self.key is None):
            raise ValueError("needs both certificate and key, or neither")
        return self


class MediaSection(_Section):
    """The one UDP port of all media."""

    port: Port = Field(default=8081, description="UDP port of all media; 0 takes a free one")
    advertise: Annotated[str, AfterValidator(_endpoint)] | None = Field(
        default=None,
        description="address and port told to browsers, when a NAT or a proxy stands between",
    )
    video_cap_bps: int = Field(
        default=1_500_000,
        ge=100_000,
        le=20_000_000,
        description="bits per second one camera may send",
    )


class RecordingSection(_Section):
    """The recorder process."""

    reserve_bytes: int = Field(
        default=256 * 1024 * 1024,
        ge=0,
        description="free bytes at which the recorder stops writing",
    )


class DocumentsSection(_Section):
    """The papers that sessions make."""

    fonts: Path | None = Field(
        default=None,
        description="folder with more fonts for documents: 仿宋, 楷体, rare characters",
    )


class LinksSection(_Section):
    """Personal links."""

    lifetime_days: int = Field(
        default=30, ge=1, le=3650, description="days a new link can be opened"
    )


class MetricsSection(_Section):
    """Who may read /metrics besides this machine."""

    token: SecretStr | None = Field(
        default=None, description="bearer token that opens /metrics from other machines"
    )


class LogSection(_Section):
    """What goes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least severe line that is written"
    )


class Configuration(BaseSettings):
    """Everything that is set; frozen, so that nobody changes it while the server runs."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", validate_default=False)

    data: Path = Field(default=Path("data"), description="directory of everything the server keeps")
    host: Annotated[str, AfterValidator(_host)] = Field(
        default="127.0.0.1", description="address of this machine that is served"
    )
    port: Port = Field(
        default=8080, description="TCP port of pages and signaling; 0 takes a free one"
    )
    base_url: Annotated[str, AfterValidator(_base_url)] | None = Field(
        default=None, description="what links begin with; without it made from host and port"
    )
    demo: bool = Field(default=False, description="keep a demo session open and print its links")
    bare_demo: bool = Field(
        default=False, description="let the demo begin without a finished session"
    )
    simulate: bool = Field(
        default=False, description="let test participants take seats of the demo"
    )
    tls: TlsSection = TlsSection()
    media: MediaSection = MediaSection()
    recording: RecordingSection = RecordingSection()
    documents: DocumentsSection = DocumentsSection()
    links: LinksSection = LinksSection()
    metrics: MetricsSection = MetricsSection()
    log: LogSection = LogSection()

    @property
    def secure(self) -> bool:
        """Whether https is served: always where other machines come in, since browsers give no
        camera to a page that came over plain http from another machine."""
        return self.tls.certificate is not None or not ipaddress.ip_address(self.host).is_loopback

    @model_validator(mode="after")
    def _secure_links(self) -> Self:
        if self.secure and (self.base_url or "").startswith("http://"):
            raise ValueError("base_url must begin with https:// where https is served")
        return self

    @model_validator(mode="after")
    def _simulation_is_of_the_demo(self) -> Self:
        if self.simulate and not self.demo:
            raise ValueError("simulate needs demo")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, TomlConfigSettingsSource(settings_cls))


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as every other start-up error."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(message)


def add_common(parser: argparse.ArgumentParser) -> None:
    """The flags that run_server.py and `python -m conference` share."""
    parser.add_argument("--data", metavar="DIR", help="directory of everything the server keeps")
    parser.add_argument("--base-url", metavar="URL", help="what links begin with")
    parser.add_argument("--config", metavar="FILE", help="TOML file, see docs/configuration.md")


def server_parser() -> argparse.ArgumentParser:
    """The flags of run_server.py."""
    parser = _Parser(prog="run_server.py", description="Video mediation server")
    parser.add_argument("--demo", action="store_true", help="keep a demo session open")
    parser.add_argument("--bare-demo", action="store_true", help="no finished session in it")
    parser.add_argument("--simulate", action="store_true", help="test participants in the demo")
    parser.add_argument("--host", metavar="H", help="address that is served")
    parser.add_argument("--port", metavar="P", type=int, help="TCP port")
    parser.add_argument("--media-port", metavar="U", type=int, help="UDP port")
    parser.add_argument("--media-advertise", metavar="HOST:PORT", help="media address for NAT")
    add_common(parser)
    return parser


def from_arguments(arguments: Sequence[str]) -> Configuration:
    """Flags over file over defaults; a ConfigurationError says what is wrong."""
    return from_flags(vars(server_parser().parse_args(arguments)))


def from_flags(flags: dict[str, Any]) -> Configuration:
    """The same from parsed flags; a flag that was not given (None, False) decides nothing."""
    given = {key: value for key, value in flags.items() if value is not None and value is not False}
    file = given.pop("config", None)
    media = {
        key.removeprefix("media_"): given.pop(key)
        for key in ("media_port", "media_advertise")
        if key in given
    }
    if media:
        given["media"] = media
    return _load(Path(file) if file else None, given)


def _load(file: Path | None, given: dict[str, Any]) -> Configuration:
    if file is not None and not file.is_file():
        raise ConfigurationError(f"the configuration file {file} does not exist")

    class FromFile(Configuration):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        loaded = FromFile(**given)
    except ValidationError as error:
        raise ConfigurationError(_sentence(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the configuration file {file} is not TOML: {error}") from None
    return Configuration.model_construct(**{name: getattr(loaded, name) for name in KEYS})


def _sentence(error: ValidationError) -> str:
    return "; ".join(_fault(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors())


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    if not place:
        return message.removeprefix("Value error, ")
    key = ".".join(str(part) for part in place)
    if kind == "extra_forbidden":
        return f"the key {key} is unknown"
    return f"the value of {key} {message.removeprefix('Value error, ')}"


KEYS = tuple(Configuration.model_fields)
