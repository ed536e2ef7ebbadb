"""SDP as text and as structure (RFC 8866), as far as WebRTC needs it (RFC 8829).

What is not understood is kept as an attribute and ignored.  Garbage is a ProtocolViolation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from conference.errors import ProtocolViolation
from conference.media.ice import Credentials

MAX_CHARS = 256 * 1024
MAX_SECTIONS = 256
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "RTP/SAVPF")
DtlsRole = Literal["client", "server"]
Attribute = tuple[str, str | None]
"""("rtcp-mux", None) for a=rtcp-mux, ("mid", "0") for a=mid:0."""

_LINE = re.compile(r"([a-z])=(.*)")
_ORIGIN = re.compile(r"\S+ (\d{1,20}) (\d{1,20}) IN IP[46] \S+")
_MEDIA = re.compile(r"(audio|video|application|text|message) (\d{1,5})(?:/\d+)? (\S+) (\S.*)")
_RTPMAP = re.compile(r"(\d{1,3}) ([\w.+-]+)/(\d{1,6})(?:/(\d{1,2}))?")
_EXTMAP = re.compile(r"(\d{1,5})(?:/(\w+))? (\S+)(?: .*)?")
_FINGERPRINT = re.compile(r"(sha-(?:256|384|512)) ((?:[0-9a-f]{2}:){31,63}[0-9a-f]{2})", re.I)
_ICE = re.compile(r"[A-Za-z0-9+/]{4,256}")


def broken(detail: str) -> ProtocolViolation:
    """The answer to an SDP that cannot be used; `detail` never quotes it."""
    return ProtocolViolation("sdp_invalid", detail)


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type of an m-line; `name` in lower case, `fmtp` as written."""

    pt: int
    name: str
    clock_rate: int
    fmtp: str


@dataclass(frozen=True, slots=True)
class Section:
    """One m-line and its attributes."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    attributes: tuple[Attribute, ...]

    def every(self, name: str) -> Iterator[str]:
        """The values of all attributes of this name."""
        return (value or "" for key, value in self.attributes if key == name)

    def first(self, name: str) -> str | None:
        """The value of the first attribute of this name, "" when it has none."""
        return next(self.every(name), None)

    @property
    def mid(self) -> str:
        return self.first("mid") or ""

    @property
    def rejected(self) -> bool:
        """Port 0 means rejected, unless the m-line only waits for its bundle (RFC 9143 §6)."""
        return self.port == 0 and self.first("bundle-only") is None


@dataclass(frozen=True, slots=True)
class Description:
    """A whole SDP; `version` counts the offers and answers of one connection."""

    session: int
    version: int
    attributes: tuple[Attribute, ...]
    sections: tuple[Section, ...]

    def first(self, section: Section, name: str) -> str | None:
        """The attribute of the m-line, or else of the session."""
        found = section.first(name)
        if found is not None:
            return found
        return next((value or "" for key, value in self.attributes if key == name), None)

    def direction(self, section: Section) -> str:
        """sendrecv when nothing is said (RFC 8866 §6.7)."""
        for attributes in (section.attributes, self.attributes):
            for key, _ in attributes:
                if key in DIRECTIONS:
                    return key
        return "sendrecv"

    def bundled(self) -> tuple[str, ...]:
        """The MIDs of the first bundle group (RFC 9143)."""
        for key, value in self.attributes:
            if key == "group" and value is not None and value.startswith("BUNDLE"):
                return tuple(value.split()[1:])
        return ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One a=fingerprint line (RFC 8122 §5): "sha-256" and upper-case hex pairs with colons."""

    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class RemoteTransport:
    """The other side's half of ICE and DTLS; `setup` is its a=setup (RFC 8842 §5)."""

    ice: Credentials
    fingerprints: tuple[Fingerprint, ...]
    setup: str = field(compare=False)


# --- text to structure -------------------------------------------------------------------------


def parse(text: str) -> Description:
    """Read an SDP; ProtocolViolation `sdp_invalid` when it is none."""
    if len(text) > MAX_CHARS:
        raise broken("too long")
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    if not lines or lines[0] != "v=0":
        raise broken("no v=0")
    parts: list[list[tuple[str, str]]] = [[]]
    for line in lines[1:]:
        match = _LINE.fullmatch(line)
        if match is None:
            raise broken("a line without a type")
        if match[1] == "m":
            parts.append([])
        parts[-1].append((match[1], match[2]))
    if len(parts) - 1 > MAX_SECTIONS:
        raise broken("too many m-lines")
    origin = next((_ORIGIN.fullmatch(value) for key, value in parts[0] if key == "o"), None)
    if origin is None:
        raise broken("no o=")
    sections = tuple(_section(part) for part in parts[1:])
    _check_mids(sections)
    return Description(int(origin[1]), int(origin[2]), _attributes(parts[0]), sections)


def _section(part: list[tuple[str, str]]) -> Section:
    match = _MEDIA.fullmatch(part[0][1])
    if match is None or int(match[2]) > 65535:
        raise broken("an m-line that cannot be read")
    return Section(match[1], int(match[2]), match[3], tuple(match[4].split()), _attributes(part))


def _attributes(part: list[tuple[str, str]]) -> tuple[Attribute, ...]:
    pairs = (value.partition(":") for key, value in part if key == "a")
    return tuple((name, value if colon else None) for name, colon, value in pairs)


def _check_mids(sections: tuple[Section, ...]) -> None:
    mids = [section.mid for section in sections]
    if not all(re.fullmatch(r"[A-Za-z0-9]{1,16}", mid) for mid in mids):
        raise broken("an m-line without a usable mid")
    if len(set(mids)) != len(mids):
        raise broken("a mid twice")


def codecs(section: Section) -> list[Codec]:
    """The codecs in order of preference; PTs that collide with RTCP are none (RFC 5761 §4)."""
    maps = [match for value in section.every("rtpmap") if (match := _RTPMAP.fullmatch(value))]
    by_pt = {match[1]: match for match in maps}
    fmtps = dict(value.partition(" ")[::2] for value in section.every("fmtp"))
    return [
        Codec(int(pt), by_pt[pt][2].lower(), int(by_pt[pt][3]), fmtps.get(pt, ""))
        for pt in section.formats
        if pt in by_pt and (int(pt) < 64 or 96 <= int(pt) <= 127)
    ]


def codec(section: Section, name: str, clock_rate: int) -> Codec | None:
    """The first codec of this name."""
    for each in codecs(section):
        if each.name == name and each.clock_rate == clock_rate:
            return each
    return None


def rtx_of(section: Section, pt: int) -> int | None:
    """The PT that repeats this one (RFC 4588 §8.6)."""
    for each in codecs(section):
        if each.name == "rtx" and f"apt={pt}" in re.split(r"[;\s]+", each.fmtp):
            return each.pt
    return None


def extensions(section: Section, wanted: Collection[str]) -> dict[str, int]:
    """URI → id of the wanted header extensions which the other side would send; only ids that
    fit one-byte headers (RFC 8285 §4.2)."""
    found: dict[str, int] = {}
    for value in section.every("extmap"):
        match = _EXTMAP.fullmatch(value)
        if match is None or match[3] not in wanted or match[2] in ("recvonly", "inactive"):
            continue
        if 1 <= int(match[1]) <= 14 and int(match[1]) not in found.values():
            found.setdefault(match[3], int(match[1]))
    return found


def ssrcs(section: Section) -> tuple[int | None, int | None]:
    """(media SSRC, RTX SSRC) as announced; None: to be learnt from the packets' MID."""
    for value in section.every("ssrc-group"):
        words = value.split()
        if len(words) == 3 and words[0] == "FID":
            first, second = _ssrc(words[1]), _ssrc(words[2])
            if first != second:
                return first, second
    named = {_ssrc(value.split()[0]) for value in section.every("ssrc") if value.strip()}
    return (named.pop(), None) if len(named) == 1 else (None, None)


def _ssrc(word: str) -> int:
    if not re.fullmatch(r"\d{1,10}", word) or int(word) >= 2**32:
        raise broken("an SSRC that cannot be read")
    return int(word)


def transport(description: Description, section: Section) -> RemoteTransport:
    """ICE and DTLS parameters that hold for this m-line."""
    ufrag = description.first(section, "ice-ufrag") or ""
    pwd = description.first(section, "ice-pwd") or ""
    if not (_ICE.fullmatch(ufrag) and _ICE.fullmatch(pwd) and len(pwd) >= 22):
        raise broken("no usable ICE credentials")
    values = list(section.every("fingerprint")) or [
        value or "" for key, value in description.attributes if key == "fingerprint"
    ]
    matches = [match for value in values if (match := _FINGERPRINT.fullmatch(value))]
    if not matches:
        raise broken("no usable fingerprint")
    prints = tuple(Fingerprint(match[1].lower(), match[2].upper()) for match in matches)
    setup = description.first(section, "setup") or ""
    if setup not in ("actpass", "active", "passive"):
        raise broken("no usable a=setup")
    return RemoteTransport(Credentials(ufrag, pwd), prints, setup)


# --- structure to text -------------------------------------------------------------------------


def render(description: Description) -> str:
    """Write an SDP, lines ended by CR LF."""
    lines = [
        "v=0",
        f"o=- {description.session} {description.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *map(_written, description.attributes),
    ]
    for section in description.sections:
        formats = " ".join(section.formats)
        lines.append(f"m={section.kind} {section.port} {section.protocol} {formats}")
        lines.append("c=IN IP4 0.0.0.0")
        lines += map(_written, section.attributes)
    return "\r\n".join([*lines, ""])


def _written(attribute: Attribute) -> str:
    name, value = attribute
    return f"a={name}" if value is None else f"a={name}:{value}"
