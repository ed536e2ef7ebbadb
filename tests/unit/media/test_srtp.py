"""The door to libsrtp: our in-place use against pylibsrtp's own methods."""

import pytest
from pylibsrtp import Policy, Session

from conference.media.srtp import PROFILES, Refusal, Scratch, SrtpReceiver, SrtpSender
from tests.support.rtp_packets import pli, rtp

KEY = bytes(range(46))
SIZES = {"AEAD_AES_256_GCM": 44, "AEAD_AES_128_GCM": 28, "SRTP_AES128_CM_SHA1_80": 30}


@pytest.fixture(params=sorted(PROFILES))
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Pair:
    """A sender and a receiver with one key, each with a buffer of its own."""

    def __init__(self, profile: str) -> None:
        key = KEY[: SIZES[profile]]
        self.out, self.into = Scratch(), Scratch()
        self.sender = SrtpSender(profile, key, self.out)
        self.receiver = SrtpReceiver(profile, key, self.into)

    def protect(self, packet: bytes, is_rtcp: bool = False) -> bytes:
        self.out.view[: len(packet)] = packet
        size = (self.sender.rtcp if is_rtcp else self.sender.rtp)(len(packet))
        return bytes(self.out.view[:size])

    def unprotect(self, datagram: bytes, is_rtcp: bool = False) -> bytes | int:
        self.into.view[: len(datagram)] = datagram
        size = (self.receiver.rtcp if is_rtcp else self.receiver.rtp)(len(datagram))
        return bytes(self.into.view[:size]) if size > 0 else size


def packet(seq: int, ssrc: int = 7, size: int = 100) -> bytes:
    return rtp((96, seq, seq, ssrc), bytes(size))


def test_the_bytes_are_those_of_pylibsrtp(profile: str) -> None:
    policy = Policy(
        key=KEY[: SIZES[profile]],
        ssrc_type=Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=PROFILES[profile],
    )
    session, pair = Session(policy), Pair(profile)
    for seq in range(5):
        assert pair.protect(packet(seq)) == session.protect(packet(seq))
        assert pair.protect(pli(1), True) == session.protect_rtcp(pli(1))


def test_there_and_back(profile: str) -> None:
    pair = Pair(profile)
    for size in (0, 1, 1100, 1460):
        data = packet(size, size=size)
        assert pair.unprotect(pair.protect(data)) == data
    assert pair.unprotect(pair.protect(pli(1), True), True) == pli(1)


def test_replay_is_told_from_forgery(profile: str) -> None:
    pair = Pair(profile)
    first, second = pair.protect(packet(1)), pair.protect(packet(2))
    assert pair.unprotect(second[:-1] + bytes([second[-1] ^ 1])) == Refusal.AUTH
    pair.unprotect(first)
    assert pair.unprotect(first) == Refusal.REPLAY
    report = pair.protect(pli(1), True)
    pair.unprotect(report, True)
    assert pair.unprotect(report, True) == Refusal.REPLAY


def test_the_same_packet_may_be_sent_again_up_to_the_window(profile: str) -> None:
    pair = Pair(profile)
    first = pair.protect(packet(1))
    for seq in range(2, 1000):
        pair.protect(packet(seq))
    assert pair.protect(packet(1)) == first


def test_late_packets_are_taken_up_to_the_window(profile: str) -> None:
    pair = Pair(profile)
    datagrams = [pair.protect(packet(seq)) for seq in range(1, 1001)]
    pair.unprotect(datagrams[-1])
    assert pair.unprotect(datagrams[0]) == packet(1)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 15])
def test_too_short_to_be_srtp(profile: str, length: int) -> None:
    pair = Pair(profile)
    for is_rtcp in (False, True):
        assert pair.unprotect(bytes([128, 201, *bytes(20)])[:length], is_rtcp) == Refusal.AUTH


def test_forget_lets_go_of_a_stream(profile: str) -> None:
    pair = Pair(profile)
    datagram = pair.protect(packet(1))
    pair.unprotect(datagram)
    pair.receiver.forget(7)
    assert pair.unprotect(datagram) == packet(1)  # its replay window is gone too
    pair.receiver.forget(12345)


def test_made_up_rtcp_senders_do_not_pile_up(profile: str) -> None:
    pair = Pair(profile)
    reports = []
    for ssrc in range(1, 200):
        reports.append(pair.protect(b"\x80\xc9\x00\x01" + ssrc.to_bytes(4, "big"), True))
        assert pair.unprotect(reports[-1], True) != Refusal.AUTH
    assert pair.unprotect(reports[0], True) == Refusal.REPLAY  # known ones are kept
    assert isinstance(pair.unprotect(reports[-1], True), bytes)  # the others are not


def test_unknown_profile() -> None:
    with pytest.raises(KeyError):
        SrtpSender("NULL", KEY, Scratch())
