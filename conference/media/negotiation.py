"""What is said in SDP: the answer to a publisher, the offer to a subscriber (RFC 8829).

Pure.  VP8 and Opus; one bundle; the candidate stands in the first m-line only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conference.errors import Refused
from conference.events.media import Source
from conference.media import sdp
from conference.media.forwarder.api import ABS_SEND_TIME, AUDIO_LEVEL, MID, Address, Kind
from conference.media.ice import Credentials
from conference.media.sdp import (
    Attribute,
    Description,
    DtlsRole,
    Fingerprint,
    RemoteTransport,
    Section,
    broken,
)

KIND_OF_SOURCE: Mapping[Source, Kind] = {"microphone": "audio", "camera": "video"}
CODEC_OF_KIND: Mapping[Kind, tuple[str, int]] = {"audio": ("opus", 48000), "video": ("vp8", 90000)}
EXTENSIONS_OF_KIND: Mapping[Kind, tuple[str, ...]] = {
    "audio": (AUDIO_LEVEL, MID),
    "video": (ABS_SEND_TIME, MID),
}
OPUS_FMTP = "minptime=10;useinbandfec=1;stereo=0;usedtx=0"
VIDEO_FEEDBACK = ("goog-remb", "ccm fir", "nack", "nack pli")

OPUS_PT, VP8_PT, VP8_RTX_PT = 111, 96, 97
"""What subscribers are offered; the ids of the extensions hold for every m-line."""
OFFERED_EXTENSIONS: Mapping[str, int] = {MID: 1, ABS_SEND_TIME: 2, AUDIO_LEVEL: 3}


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Our half of ICE and DTLS for one peer; candidates best first."""

    ice: Credentials
    fingerprint: Fingerprint
    candidates: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    """One m-line of a publisher as it was agreed."""

    mid: str
    source: Source
    kind: Kind
    ssrc: int | None
    rtx_ssrc: int | None
    pt: int
    rtx_pt: int | None
    clock_rate: int
    extensions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """What a publisher's offer asks for, checked."""

    offer: Description
    tracks: tuple[PlannedTrack, ...]
    remote: RemoteTransport
    role: DtlsRole


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """One m-line of a subscriber.  Everything but `active` stays as it is for life."""

    mid: str
    kind: Kind
    ssrc: int
    rtx_ssrc: int | None
    cname: str
    stream: str
    """First half of the msid: the same for the sound and the picture of one person, which is how
    browsers know what to keep in step."""
    active: bool


@dataclass(frozen=True, slots=True)
class AcceptedLine:
    """What the subscriber's answer makes of an m-line."""

    mid: str
    rtx: bool
    extensions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SubscriberAnswer:
    remote: RemoteTransport
    role: DtlsRole
    accepted: Mapping[str, AcceptedLine]
    """By MID: the m-lines on which the subscriber receives."""


# --- publisher ---------------------------------------------------------------------------------


def read_publish(text: str, sources: Mapping[str, Source]) -> PublishPlan:
    """Check an offer against what it is said to carry, MID → source.

    Refused `sources_mismatch` when they do not fit, `codec_unsupported` without VP8 or Opus;
    ProtocolViolation `sdp_invalid` when the offer cannot be used at all.
    """
    offer = sdp.parse(text)
    _check_sources(offer, sources)
    _check_shared(offer)
    tracks = tuple(_planned(section, sources[section.mid]) for section in offer.sections)
    remote = sdp.transport(offer, _tagged(offer))
    return PublishPlan(offer, tracks, remote, "client" if remote.setup == "passive" else "server")


def answer_publish(plan: PublishPlan, local: LocalTransport, session: int) -> str:
    """The answer: every m-line of the offer is received."""
    setup = "active" if plan.role == "client" else "passive"
    sections = tuple(
        _answered(section, track, _transport_lines(local, setup, first=index == 0))
        for index, (section, track) in enumerate(zip(plan.offer.sections, plan.tracks, strict=True))
    )
    mixed: list[Attribute] = [a for a in plan.offer.attributes if a[0] == "extmap-allow-mixed"]
    head = _head([track.mid for track in plan.tracks], mixed[:1])
    return sdp.render(Description(session, plan.offer.version, head, sections))


def _check_sources(offer: Description, sources: Mapping[str, Source]) -> None:
    offered = {s.mid: s.kind for s in offer.sections if not s.rejected}
    named = {mid: str(KIND_OF_SOURCE[source]) for mid, source in sources.items()}
    once = len(set(sources.values())) == len(sources)
    whole = len(offered) == len(offer.sections) > 0
    sends = all("send" in offer.direction(section) for section in offer.sections)
    if not (offered == named and once and whole and sends):
        raise Refused("sources_mismatch")


def _check_shared(offer: Description) -> None:
    """One transport for all, RTP and RTCP on one port: there is only one socket."""
    if set(offer.bundled()) != {section.mid for section in offer.sections}:
        raise broken("not one bundle")
    for section in offer.sections:
        if section.protocol not in sdp.PROTOCOLS:
            raise broken("not SRTP over DTLS")
        if section.first("rtcp-mux") is None and section.first("bundle-only") is None:
            raise broken("no rtcp-mux")


def _tagged(offer: Description) -> Section:
    """The m-line whose transport the bundle uses (RFC 9143 §7.2.1)."""
    first = offer.bundled()[0]
    return next(section for section in offer.sections if section.mid == first)


def _planned(section: Section, source: Source) -> PlannedTrack:
    kind = KIND_OF_SOURCE[source]
    codec = sdp.codec(section, *CODEC_OF_KIND[kind])
    if codec is None:
        raise Refused("codec_unsupported", kind=kind)
    ssrc, rtx_ssrc = sdp.ssrcs(section)
    rtx_pt = sdp.rtx_of(section, codec.pt) if kind == "video" else None
    return PlannedTrack(
        mid=section.mid,
        source=source,
        kind=kind,
        ssrc=ssrc,
        rtx_ssrc=rtx_ssrc if rtx_pt is not None else None,
        pt=codec.pt,
        rtx_pt=rtx_pt,
        clock_rate=codec.clock_rate,
        extensions=sdp.extensions(section, EXTENSIONS_OF_KIND[kind]),
    )


def _answered(section: Section, track: PlannedTrack, transport: list[Attribute]) -> Section:
    """An answer may hold only what the offer has: feedback, RTX and extensions of the offer."""
    offered = {value.partition(" ")[2] for value in section.every("rtcp-fb")}
    feedback = [fb for fb in VIDEO_FEEDBACK if fb in offered] if track.kind == "video" else []
    lines: list[Attribute] = [*transport, ("mid", track.mid), ("recvonly", None)]
    if section.first("rtcp-rsize") is not None:
        lines.append(("rtcp-rsize", None))
    lines += _codec_lines(track.kind, track.pt, track.rtx_pt, feedback)
    lines += _extension_lines(track.extensions)
    formats = [str(pt) for pt in (track.pt, track.rtx_pt) if pt is not None]
    return Section(section.kind, 9, section.protocol, tuple(formats), tuple(lines))


# --- subscriber --------------------------------------------------------------------------------


def offer_subscribe(
    lines: Sequence[OfferedLine], local: LocalTransport, session: int, version: int
) -> str:
    """The offer: all m-lines that ever were, in their order; those without a use are inactive
    and keep their a=ssrc and a=msid, or else Chromium shows nothing when they come back."""
    sections = tuple(
        _offered(line, _transport_lines(local, "actpass", first=index == 0))
        for index, line in enumerate(lines)
    )
    head = _head([line.mid for line in lines], [("extmap-allow-mixed", None)])
    return sdp.render(Description(session, version, head, sections))


def read_answer(text: str, lines: Sequence[OfferedLine]) -> SubscriberAnswer:
    """Check the answer to an offer of these lines; ProtocolViolation `sdp_invalid` when it is
    not one."""
    answer = sdp.parse(text)
    if [(s.mid, s.kind) for s in answer.sections] != [(line.mid, line.kind) for line in lines]:
        raise broken("m-lines that were not offered")
    remote = sdp.transport(answer, answer.sections[0])
    if remote.setup == "actpass":
        raise broken("an answer must choose the DTLS role")
    accepted = [
        _accepted(line, section)
        for line, section in zip(lines, answer.sections, strict=True)
        if line.active and "recv" in answer.direction(section) and not section.rejected
    ]
    role: DtlsRole = "client" if remote.setup == "passive" else "server"
    return SubscriberAnswer(remote, role, {each.mid: each for each in accepted if each})


def _offered(line: OfferedLine, transport: list[Attribute]) -> Section:
    audio = line.kind == "audio"
    pt, rtx_pt = (OPUS_PT, None) if audio else (VP8_PT, VP8_RTX_PT)
    # Chromium asks for lost sound only when the offer says so; its answer leaves the line out.
    feedback = ["nack"] if audio else VIDEO_FEEDBACK
    track = f"{line.stream}{'a' if audio else 'v'}{line.mid}"
    lines: list[Attribute] = [
        *transport,
        ("mid", line.mid),
        ("sendonly" if line.active else "inactive", None),
        ("msid", f"{line.stream} {track}"),
        ("rtcp-rsize", None),
        *_codec_lines(line.kind, pt, rtx_pt, feedback),
        *_extension_lines({uri: OFFERED_EXTENSIONS[uri] for uri in EXTENSIONS_OF_KIND[line.kind]}),
    ]
    if line.rtx_ssrc is not None:
        lines.append(("ssrc-group", f"FID {line.ssrc} {line.rtx_ssrc}"))
    sources = [ssrc for ssrc in (line.ssrc, line.rtx_ssrc) if ssrc is not None]
    lines += [("ssrc", f"{ssrc} cname:{line.cname}") for ssrc in sources]
    formats = tuple(str(each) for each in (pt, rtx_pt) if each is not None)
    return Section(line.kind, 9, sdp.PROTOCOLS[0], formats, tuple(lines))


def _accepted(line: OfferedLine, section: Section) -> AcceptedLine | None:
    pt = str(OPUS_PT if line.kind == "audio" else VP8_PT)
    if pt not in section.formats:
        return None
    chosen = sdp.extensions(section, EXTENSIONS_OF_KIND[line.kind])
    # An answer must not give an extension another id (RFC 8285 §5); one that does has not got it.
    kept = {uri: id_ for uri, id_ in chosen.items() if OFFERED_EXTENSIONS[uri] == id_}
    return AcceptedLine(line.mid, str(VP8_RTX_PT) in section.formats, kept)


# --- both --------------------------------------------------------------------------------------


def _head(mids: list[str], more: list[Attribute]) -> tuple[Attribute, ...]:
    return (
        ("group", " ".join(["BUNDLE", *mids])),
        ("ice-lite", None),
        ("msid-semantic", " WMS *"),
        *more,
    )


def _transport_lines(local: LocalTransport, setup: str, *, first: bool) -> list[Attribute]:
    lines: list[Attribute] = [
        ("ice-ufrag", local.ice.ufrag),
        ("ice-pwd", local.ice.pwd),
        ("fingerprint", f"{local.fingerprint.algorithm} {local.fingerprint.value}"),
        ("setup", setup),
        ("rtcp-mux", None),
    ]
    if first:
        lines += [
            ("candidate", f"{index + 1} 1 udp {_priority(index)} {host} {port} typ host")
            for index, (host, port) in enumerate(local.candidates)
        ]
        lines.append(("end-of-candidates", None))
    return lines


def _priority(index: int) -> int:
    """Of a host candidate, the first one best (RFC 8445 §5.1.2.1)."""
    return 126 << 24 | (65535 - index) << 8 | 255


def _codec_lines(
    kind: Kind, pt: int, rtx_pt: int | None, feedback: Sequence[str]
) -> list[Attribute]:
    lines: list[Attribute] = [
        ("rtpmap", f"{pt} opus/48000/2" if kind == "audio" else f"{pt} VP8/90000")
    ]
    lines += [("rtcp-fb", f"{pt} {each}") for each in feedback]
    if kind == "audio":
        lines.append(("fmtp", f"{pt} {OPUS_FMTP}"))
    if rtx_pt is not None:
        lines += [("rtpmap", f"{rtx_pt} rtx/90000"), ("fmtp", f"{rtx_pt} apt={pt}")]
    return lines


def _extension_lines(extensions: Mapping[str, int]) -> list[Attribute]:
    by_id = sorted(extensions.items(), key=lambda item: item[1])
    return [("extmap", f"{id_} {uri}") for uri, id_ in by_id]
