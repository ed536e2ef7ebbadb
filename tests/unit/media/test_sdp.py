"""SDP as text and structure."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.errors import ProtocolViolation
from conference.media import sdp
from conference.media.forwarder.api import ABS_SEND_TIME, MID
from conference.media.sdp import Attribute, Description, Section
from tests.support.sdp_samples import CHROMIUM_OFFER, FIREFOX_OFFER, sample

NAMES = st.text(string.ascii_lowercase + "-", min_size=1, max_size=12)
VALUES = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)
ATTRIBUTES: st.SearchStrategy[list[Attribute]] = st.lists(
    st.tuples(NAMES.filter(lambda name: name != "mid"), VALUES), max_size=6
)
MIDS = st.lists(
    st.text(string.ascii_letters + string.digits, min_size=1, max_size=16),
    unique=True,
    max_size=5,
)


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    """Any description that can be written."""
    sections = tuple(
        Section(
            draw(st.sampled_from(["audio", "video", "application"])),
            draw(st.integers(0, 65535)),
            draw(st.sampled_from(sdp.PROTOCOLS)),
            tuple(draw(st.lists(st.integers(0, 127).map(str), min_size=1, max_size=4))),
            (("mid", mid), *draw(ATTRIBUTES)),
        )
        for mid in draw(MIDS)
    )
    numbers = st.integers(0, 2**63)
    return Description(draw(numbers), draw(numbers), tuple(draw(ATTRIBUTES)), sections)


@given(descriptions())
def test_what_is_written_is_read_back(description: Description) -> None:
    assert sdp.parse(sdp.render(description)) == description


@given(st.text(max_size=400))
def test_garbage_is_a_violation(text: str) -> None:
    with pytest.raises(ProtocolViolation):
        sdp.parse(text)


def test_a_violation_never_quotes_what_was_said() -> None:
    for text in (
        "v=0\nsecret",
        "v=0\no=secret",
        CHROMIUM_OFFER.replace("a=mid:0", "a=mid:(secret)"),
    ):
        with pytest.raises(ProtocolViolation) as caught:
            sdp.parse(text)
        assert "secret" not in str(caught.value)
        assert caught.value.code == "sdp_invalid"


@given(st.data())
def test_a_damaged_offer_is_read_or_a_violation(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from([CHROMIUM_OFFER, FIREFOX_OFFER])).split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        cut = data.draw(st.integers(0, len(lines[at])))
        lines[at] = lines[at][:cut] + data.draw(st.text(max_size=5)) + lines[at][cut + 1 :]
    try:
        offer = sdp.parse("\n".join(lines))
        for section in offer.sections:
            sdp.codecs(section)
            sdp.ssrcs(section)
            sdp.extensions(section, [MID])
            sdp.transport(offer, section)
    except ProtocolViolation:
        pass


def test_chromium_offer() -> None:
    offer = sdp.parse(CHROMIUM_OFFER)
    audio, video = offer.sections
    assert offer.bundled() == ("0", "1")
    assert sdp.codec(audio, "opus", 48000) == sdp.Codec(
        111, "opus", 48000, "minptime=10;useinbandfec=1"
    )
    vp8 = sdp.codec(video, "vp8", 90000)
    assert vp8 is not None and (vp8.pt, sdp.rtx_of(video, vp8.pt)) == (96, 97)
    assert sdp.ssrcs(audio) == (2415288678, None)
    assert sdp.ssrcs(video) == (2203837333, 998874603)
    assert sdp.extensions(video, [MID, ABS_SEND_TIME]) == {MID: 4, ABS_SEND_TIME: 2}


def test_firefox_offer() -> None:
    offer = sdp.parse(FIREFOX_OFFER)
    audio, video = offer.sections
    assert not video.rejected, "port 0 with a=bundle-only waits for its bundle"
    assert offer.direction(video) == "sendonly"
    remote = sdp.transport(offer, video)
    assert remote.fingerprints[0].value.startswith("3A:5C:0B"), "from the session's level"
    assert remote.setup == "actpass"
    assert sdp.rtx_of(video, 120) == 124
    assert sdp.ssrcs(video) == (2894015537, 419873362)
    only_received = "urn:ietf:params:rtp-hdrext:csrc-audio-level"
    assert sdp.extensions(audio, [MID, only_received]) == {MID: 3}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=ice-pwd:RkYukMgarVyujPspCin5kE8O", "a=ice-pwd:short"),
        ("a=ice-ufrag:iZJY", "a=ice-ufrag:a b"),
        ("a=fingerprint:sha-256 BD", "a=fingerprint:md5 BD"),
        ("a=setup:actpass", "a=setup:holdconn"),
    ],
)
def test_a_transport_that_cannot_be_used_is_a_violation(old: str, new: str) -> None:
    offer = sdp.parse(CHROMIUM_OFFER.replace(old, new))
    with pytest.raises(ProtocolViolation):
        sdp.transport(offer, offer.sections[0])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], (None, None)),
        (["a=ssrc:5 cname:x"], (5, None)),
        (["a=ssrc:5 cname:x", "a=ssrc:5 msid:a b"], (5, None)),
        (["a=ssrc:5 cname:x", "a=ssrc:6 cname:x"], (None, None)),
        (["a=ssrc-group:FID 5 6", "a=ssrc:5 cname:x", "a=ssrc:6 cname:x"], (5, 6)),
        (["a=ssrc-group:SIM 5 6 7", "a=ssrc:5 cname:x", "a=ssrc:6 cname:x"], (None, None)),
        (["a=ssrc-group:FID 5 5", "a=ssrc:5 cname:x"], (5, None)),
    ],
)
def test_ssrcs(lines: list[str], expected: tuple[int | None, int | None]) -> None:
    assert sdp.ssrcs(_video(*lines)) == expected


@pytest.mark.parametrize("line", ["a=ssrc:4294967296 x", "a=ssrc:-1 x", "a=ssrc-group:FID a b"])
def test_an_ssrc_that_cannot_be_is_a_violation(line: str) -> None:
    with pytest.raises(ProtocolViolation):
        sdp.ssrcs(_video(line))


def test_codecs_that_cannot_be_used_are_left_out() -> None:
    section = _video("a=rtpmap:72 VP8/90000", "a=rtpmap:200 VP8/90000", formats="72 200 96")
    assert sdp.codecs(section) == []


def test_only_ids_of_one_byte_headers_and_each_once() -> None:
    section = _video(f"a=extmap:15 {MID}", f"a=extmap:3 {ABS_SEND_TIME}", f"a=extmap:3 {MID}")
    assert sdp.extensions(section, [MID, ABS_SEND_TIME]) == {ABS_SEND_TIME: 3}


def test_limits() -> None:
    many = "".join(f"m=audio 9 RTP/SAVPF 0\na=mid:{number}\n" for number in range(257))
    for text in ("v=0\n" + "a=x\n" * 100_000, "v=0\no=- 1 1 IN IP4 0.0.0.0\n" + many):
        with pytest.raises(ProtocolViolation):
            sdp.parse(text)
    with pytest.raises(ProtocolViolation):
        sdp.parse(CHROMIUM_OFFER.replace("a=mid:1", "a=mid:0"))


def _video(*lines: str, formats: str = "96") -> Section:
    head = sample("v=0", "o=- 1 1 IN IP4 0.0.0.0", f"m=video 9 RTP/SAVPF {formats}", "a=mid:0")
    return sdp.parse(head + sample(*lines)).sections[0]
