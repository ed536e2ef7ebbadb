"""What is said to publishers and subscribers."""

import re
from collections.abc import Mapping

import pytest

from conference.errors import ProtocolViolation, Refused
from conference.events.media import Source
from conference.media import negotiation, sdp
from conference.media.forwarder.api import ABS_SEND_TIME, AUDIO_LEVEL, MID
from conference.media.ice import Credentials
from conference.media.negotiation import LocalTransport, OfferedLine
from conference.media.sdp import Fingerprint
from tests.support.sdp_samples import CHROMIUM_ANSWER, CHROMIUM_OFFER, FIREFOX_OFFER, sample

BOTH: Mapping[str, Source] = {"0": "microphone", "1": "camera"}
LOCAL = LocalTransport(
    Credentials("tTID1vHY", "3Yx7h2nY1wvjEl3WiZfAiEKv"),
    Fingerprint("sha-256", "67:86"),
    (("10.77.0.1", 40000), ("2001:db8::7", 40000)),
)
TRANSPORT = [
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:tTID1vHY",
    "a=ice-pwd:3Yx7h2nY1wvjEl3WiZfAiEKv",
    "a=fingerprint:sha-256 67:86",
]
CANDIDATES = [
    "a=candidate:1 1 udp 2130706431 10.77.0.1 40000 typ host",
    "a=candidate:2 1 udp 2130706175 2001:db8::7 40000 typ host",
    "a=end-of-candidates",
]


def test_the_answer_to_chromium() -> None:
    plan = negotiation.read_publish(CHROMIUM_OFFER, BOTH)
    assert negotiation.answer_publish(plan, LOCAL, 4612) == sample(
        "v=0",
        "o=- 4612 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=ice-lite",
        "a=msid-semantic: WMS *",
        "a=extmap-allow-mixed",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        *TRANSPORT,
        "a=setup:passive",
        "a=rtcp-mux",
        *CANDIDATES,
        "a=mid:0",
        "a=recvonly",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1;stereo=0;usedtx=0",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        *TRANSPORT,
        "a=setup:passive",
        "a=rtcp-mux",
        "a=mid:1",
        "a=recvonly",
        "a=rtcp-rsize",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 goog-remb",
        "a=rtcp-fb:96 ccm fir",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    )


def test_what_was_agreed_with_firefox() -> None:
    plan = negotiation.read_publish(FIREFOX_OFFER, BOTH)
    audio, video = plan.tracks
    assert (audio.pt, audio.rtx_pt, audio.ssrc, audio.rtx_ssrc) == (109, None, 3047261915, None)
    assert (video.pt, video.rtx_pt) == (120, 124)
    assert (video.ssrc, video.rtx_ssrc) == (2894015537, 419873362)
    assert audio.extensions == {AUDIO_LEVEL: 1, MID: 3}
    assert video.extensions == {MID: 3, ABS_SEND_TIME: 4}
    answer = negotiation.answer_publish(plan, LOCAL, 1)
    assert "m=video 9 UDP/TLS/RTP/SAVPF 120 124\r\n" in answer, "the port says accepted"


def test_we_are_active_only_for_a_passive_offer() -> None:
    for setup, role, answered in (
        ("actpass", "server", "passive"),
        ("active", "server", "passive"),
        ("passive", "client", "active"),
    ):
        offer = CHROMIUM_OFFER.replace("a=setup:actpass", f"a=setup:{setup}")
        plan = negotiation.read_publish(offer, BOTH)
        assert plan.role == role
        assert f"a=setup:{answered}\r\n" in negotiation.answer_publish(plan, LOCAL, 1)


@pytest.mark.parametrize(
    "sources",
    [
        {},
        {"0": "microphone"},
        {"0": "microphone", "1": "camera", "2": "camera"},
        {"0": "camera", "1": "microphone"},
        {"0": "microphone", "7": "camera"},
    ],
)
def test_sources_must_fit_the_offer(sources: dict[str, Source]) -> None:
    with pytest.raises(Refused, match="sources_mismatch"):
        negotiation.read_publish(CHROMIUM_OFFER, sources)


def test_what_is_not_sent_cannot_be_published() -> None:
    received = CHROMIUM_OFFER.replace("a=sendonly", "a=recvonly")
    rejected = CHROMIUM_OFFER.replace("m=video 9", "m=video 0")
    for offer in (received, rejected):
        with pytest.raises(Refused, match="sources_mismatch"):
            negotiation.read_publish(offer, BOTH)


@pytest.mark.parametrize(
    ("drop", "kind"), [("a=rtpmap:96 VP8/90000", "video"), ("a=rtpmap:111 opus/48000/2", "audio")]
)
def test_an_offer_with_other_codecs_only_is_refused(drop: str, kind: str) -> None:
    with pytest.raises(Refused) as caught:
        negotiation.read_publish(CHROMIUM_OFFER.replace(f"{drop}\n", ""), BOTH)
    assert (caught.value.code, caught.value.params) == ("codec_unsupported", {"kind": kind})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
        ("a=rtcp-mux\n", ""),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
    ],
)
def test_an_offer_for_several_sockets_is_a_violation(old: str, new: str) -> None:
    with pytest.raises(ProtocolViolation):
        negotiation.read_publish(CHROMIUM_OFFER.replace(old, new), BOTH)


def test_one_track_alone_and_one_without_rtx() -> None:
    lines = CHROMIUM_OFFER.replace("BUNDLE 0 1", "BUNDLE 0").split("m=video")[0]
    assert len(negotiation.read_publish(lines, {"0": "microphone"}).tracks) == 1
    no_rtx = re.sub(r"a=fmtp:97 apt=96\n", "", CHROMIUM_OFFER)
    video = negotiation.read_publish(no_rtx, BOTH).tracks[1]
    assert (video.rtx_pt, video.rtx_ssrc) == (None, None)


# --- subscriber ---------------------------------------------------------------------------------

AUDIO = OfferedLine("0", "audio", 111222, None, "c0", "s0", active=True)
VIDEO = OfferedLine("1", "video", 137879011, 1823983271, "c0", "s0", active=True)


OFFER = sample(
    "v=0",
    "o=- 99 3 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "a=ice-lite",
    "a=msid-semantic: WMS *",
    "a=extmap-allow-mixed",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    *TRANSPORT,
    "a=setup:actpass",
    "a=rtcp-mux",
    *CANDIDATES,
    "a=mid:0",
    "a=sendonly",
    "a=msid:s0 s0a0",
    "a=rtcp-rsize",
    "a=rtpmap:111 opus/48000/2",
    "a=rtcp-fb:111 nack",
    "a=fmtp:111 minptime=10;useinbandfec=1;stereo=0;usedtx=0",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=ssrc:111222 cname:c0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    *TRANSPORT,
    "a=setup:actpass",
    "a=rtcp-mux",
    "a=mid:1",
    "a=sendonly",
    "a=msid:s0 s0v1",
    "a=rtcp-rsize",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 goog-remb",
    "a=rtcp-fb:96 ccm fir",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "a=ssrc-group:FID 137879011 1823983271",
    "a=ssrc:137879011 cname:c0",
    "a=ssrc:1823983271 cname:c0",
)


def test_the_offer_to_a_subscriber() -> None:
    assert negotiation.offer_subscribe([AUDIO, VIDEO], LOCAL, 99, 3) == OFFER


def test_the_answer_of_chromium() -> None:
    answer = negotiation.read_answer(CHROMIUM_ANSWER, [AUDIO, VIDEO])
    assert answer.role == "server"
    assert answer.remote.ice.ufrag == "lvDa"
    assert answer.accepted["1"].rtx
    assert answer.accepted["1"].extensions == {MID: 1, ABS_SEND_TIME: 2}
    assert answer.accepted["0"].extensions == {MID: 1, AUDIO_LEVEL: 3}


def test_what_an_answer_leaves_out_is_not_used() -> None:
    no_rtx = CHROMIUM_ANSWER.replace("SAVPF 96 97", "SAVPF 96")
    assert not negotiation.read_answer(no_rtx, [AUDIO, VIDEO]).accepted["1"].rtx
    other_id = CHROMIUM_ANSWER.replace(f"a=extmap:2 {ABS_SEND_TIME}", f"a=extmap:9 {ABS_SEND_TIME}")
    assert negotiation.read_answer(other_id, [AUDIO, VIDEO]).accepted["1"].extensions == {MID: 1}
    no_vp8 = CHROMIUM_ANSWER.replace("SAVPF 96 97", "SAVPF 98")
    assert set(negotiation.read_answer(no_vp8, [AUDIO, VIDEO]).accepted) == {"0"}
    for refused in (
        CHROMIUM_ANSWER.replace("m=video 9", "m=video 0"),
        "a=inactive".join(CHROMIUM_ANSWER.rsplit("a=recvonly", 1)),
    ):
        assert set(negotiation.read_answer(refused, [AUDIO, VIDEO]).accepted) == {"0"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("a=setup:active", "a=setup:actpass"), ("m=video", "m=audio"), ("a=mid:1", "a=mid:5")],
)
def test_what_is_no_answer_to_this_offer_is_a_violation(old: str, new: str) -> None:
    with pytest.raises(ProtocolViolation):
        negotiation.read_answer(CHROMIUM_ANSWER.replace(old, new), [AUDIO, VIDEO])


def test_inactive_lines_keep_their_sources() -> None:
    idle = OfferedLine("1", "video", 137879011, 1823983271, "c0", "s0", active=False)
    text = negotiation.offer_subscribe([AUDIO, idle], LOCAL, 99, 4)
    video = sdp.parse(text).sections[1]
    assert video.port == 9
    assert sdp.parse(text).direction(video) == "inactive"
    assert sdp.ssrcs(video) == (137879011, 1823983271)
    assert video.first("msid") == "s0 s0v1"
