"""The SDP of a test participant: an offer as Chromium writes it, an answer to the server's offer.

Small templates on purpose: the server must work with text that none of its own code wrote."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["audio", "video"]

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"


@dataclass(frozen=True, slots=True)
class Transport:
    """One side's ICE credentials and certificate, and where it can be reached (server only)."""

    ufrag: str
    pwd: str
    fingerprint: str  # sha-256, upper-case hex with colons
    address: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line, as far as a participant needs it."""

    kind: Kind
    mid: str
    pt: int
    rtx_pt: int | None
    ssrc: int
    rtx_ssrc: int | None
    extensions: Mapping[str, int]
    direction: str = "sendonly"

    @property
    def clock_rate(self) -> int:
        """RTP ticks per second: Opus 48 kHz (RFC 7587), VP8 90 kHz (RFC 7741)."""
        return 48_000 if self.kind == "audio" else 90_000


@dataclass(frozen=True, slots=True)
class Description:
    """A parsed offer or answer."""

    transport: Transport
    media: tuple[Media, ...]


def offer(transport: Transport, media: Iterable[Media], cname: str) -> str:
    """The publisher's offer: DTLS role open, every m-line sends only."""
    sections = list(media)
    lines = [*_head(sections), "a=extmap-allow-mixed", f"a=msid-semantic: WMS {cname}"]
    for section in sections:
        lines += _section(section, transport, "actpass")
        lines += _codec(section, ("goog-remb", "ccm fir", "nack", "nack pli"))
        lines.append(f"a=msid:{cname} {cname}-{section.mid}")
        lines += _sources(section, cname)
    return "\r\n".join(lines) + "\r\n"


def answer(transport: Transport, offered: Description) -> str:
    """The subscriber's answer: DTLS client, every m-line receives or rests as it was offered."""
    lines = _head(offered.media)
    for section in offered.media:
        resting = section.direction == "inactive"
        mirrored = Media(
            section.kind,
            section.mid,
            section.pt,
            section.rtx_pt,
            section.ssrc,
            section.rtx_ssrc,
            section.extensions,
            "inactive" if resting else "recvonly",
        )
        lines += _section(mirrored, transport, "active")
        lines += _codec(mirrored, ("goog-remb", "ccm fir", "nack", "nack pli"))
    return "\r\n".join(lines) + "\r\n"


def _head(sections: Iterable[Media]) -> list[str]:
    bundle = " ".join(section.mid for section in sections)
    return [
        "v=0",
        "o=- 4611733054762223410 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {bundle}",
    ]


def _section(media: Media, transport: Transport, setup: str) -> list[str]:
    payload_types = f"{media.pt}" if media.rtx_pt is None else f"{media.pt} {media.rtx_pt}"
    return [
        f"m={media.kind} 9 UDP/TLS/RTP/SAVPF {payload_types}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.pwd}",
        "a=ice-options:trickle",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        f"a=setup:{setup}",
        f"a=mid:{media.mid}",
        *(f"a=extmap:{number} {uri}" for uri, number in media.extensions.items()),
        f"a={media.direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]


def _codec(media: Media, video_feedback: Iterable[str]) -> list[str]:
    if media.kind == "audio":
        return [
            f"a=rtpmap:{media.pt} opus/48000/2",
            f"a=fmtp:{media.pt} minptime=10;useinbandfec=1",
        ]
    lines = [f"a=rtpmap:{media.pt} VP8/90000"]
    lines += [f"a=rtcp-fb:{media.pt} {feedback}" for feedback in video_feedback]
    if media.rtx_pt is not None:
        lines += [f"a=rtpmap:{media.rtx_pt} rtx/90000", f"a=fmtp:{media.rtx_pt} apt={media.pt}"]
    return lines


def _sources(media: Media, cname: str) -> list[str]:
    if media.rtx_ssrc is None:
        return [f"a=ssrc:{media.ssrc} cname:{cname}"]
    return [
        f"a=ssrc-group:FID {media.ssrc} {media.rtx_ssrc}",
        f"a=ssrc:{media.ssrc} cname:{cname}",
        f"a=ssrc:{media.rtx_ssrc} cname:{cname}",
    ]


@dataclass(slots=True)
class _Section:
    """An m-line being read."""

    kind: Kind
    payload_types: list[int]
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def first(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


def parse(text: str) -> Description:
    """Read the server's offer or answer. ValueError says which needed line is missing."""
    common: list[tuple[str, str]] = []
    sections: list[_Section] = []
    for line in text.splitlines():
        if line.startswith("m="):
            kind, _, _, *formats = line[2:].split()
            if kind not in ("audio", "video"):
                raise ValueError(f"an m-line of kind {kind}")
            media_kind: Kind = "audio" if kind == "audio" else "video"
            sections.append(_Section(media_kind, [int(pt) for pt in formats]))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            (sections[-1].attributes if sections else common).append((name, value))
    if not sections:
        raise ValueError("no m-line")
    return Description(_transport(common, sections), tuple(_media(each) for each in sections))


def _transport(common: list[tuple[str, str]], sections: list[_Section]) -> Transport:
    """BUNDLE: the first section that has a line speaks for all."""

    def needed(name: str) -> str:
        values = [value for key, value in common if key == name]
        for section in sections:
            values += section.all(name)
        if not values:
            raise ValueError(f"no a={name}")
        return values[0]

    digest, _, fingerprint = needed("fingerprint").partition(" ")
    if digest.lower() != "sha-256":
        raise ValueError(f"a fingerprint of {digest}")
    _, _, protocol, _, host, port, *_ = needed("candidate").split()
    if protocol.lower() != "udp":
        raise ValueError(f"a first candidate over {protocol}")
    return Transport(needed("ice-ufrag"), needed("ice-pwd"), fingerprint.upper(), (host, int(port)))


def _media(section: _Section) -> Media:
    mid = section.first("mid")
    if mid is None:
        raise ValueError("an m-line without a=mid")
    codec = "opus" if section.kind == "audio" else "VP8"
    pt = _payload_type(section, codec)
    if pt is None:
        raise ValueError(f"m-line {mid} without {codec}")
    ssrc, rtx_ssrc = _ssrcs(section)
    return Media(
        kind=section.kind,
        mid=mid,
        pt=pt,
        rtx_pt=_rtx_payload_type(section, pt),
        ssrc=ssrc,
        rtx_ssrc=rtx_ssrc,
        extensions=_extensions(section),
        direction=_direction(section),
    )


def _payload_type(section: _Section, codec: str) -> int | None:
    for value in section.all("rtpmap"):
        number, _, encoding = value.partition(" ")
        if encoding.split("/")[0].lower() == codec.lower():
            return int(number)
    return None


def _rtx_payload_type(section: _Section, pt: int) -> int | None:
    for value in section.all("fmtp"):
        number, _, parameters = value.partition(" ")
        if parameters.replace(" ", "") == f"apt={pt}":
            return int(number)
    return None


def _ssrcs(section: _Section) -> tuple[int, int | None]:
    """An answer to a publisher has none: 0."""
    for group in section.all("ssrc-group"):
        name, *numbers = group.split()
        if name == "FID":
            return int(numbers[0]), int(numbers[1])
    numbers = [value.split()[0] for value in section.all("ssrc")]
    return (int(numbers[0]) if numbers else 0), None


def _extensions(section: _Section) -> dict[str, int]:
    found = {}
    for value in section.all("extmap"):
        number, uri, *_ = value.split()
        found[uri] = int(number.partition("/")[0])
    return found


def _direction(section: _Section) -> str:
    for direction in ("sendonly", "recvonly", "inactive"):
        if section.first(direction) is not None:
            return direction
    return "sendrecv"
