"""The ICE-lite agent, read as dialogues with browsers; the clock is turned by hand."""

from dataclasses import dataclass, field
from random import Random

import pytest
from aioice import stun as wire
from hypothesis import given
from hypothesis import strategies as st

from conference.media import ice
from conference.media.forwarder.api import Datagram, PeerId
from conference.media.ice import Credentials, IceAgent, PathChosen
from tests.support.stun_peer import Address, StunPeer, error_of, is_request
from tests.support.virtual_clock import VirtualClock

HOME = ("192.0.2.7", 40001)
ELSEWHERE = ("192.0.2.7", 52002)
SECOND = ("198.51.100.9", 40001)
ATTACKER = ("203.0.113.66", 6666)
ANNA, BERT, CARL = PeerId(1), PeerId(2), PeerId(3)
SECOND_US = 1_000_000


@dataclass
class Stage:
    """The agent, its clock, what it sent, and when media of a peer was last heard."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    sent: list[tuple[bytes, Address]] = field(default_factory=list)
    heard: dict[PeerId, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agent = IceAgent(Random(7), self._send, lambda peer: self.heard.get(peer))

    def _send(self, datagram: Datagram, address: Address) -> bool:
        self.sent.append((bytes(datagram), address))
        return True

    def enter(self, peer: PeerId, *, remote_known: bool = True) -> StunPeer:
        local = self.agent.open(peer, self.clock.mono_us())
        browser = Credentials(f"frag{peer}", f"password of peer number {peer}")
        if remote_known:
            self.agent.set_remote(peer, browser)
        return StunPeer(browser, local)

    def receive(self, datagram: bytes, address: Address) -> list[PathChosen]:
        return self.agent.receive(datagram, address, self.clock.mono_us())

    def connect(self, peer: PeerId, address: Address) -> StunPeer:
        browser = self.enter(peer)
        self.receive(browser.check(nominate=True), address)
        return browser

    def media(self, peer: PeerId) -> None:
        self.heard[peer] = self.clock.mono_us()

    def unknown(self, address: Address, *likely: PeerId) -> None:
        self.agent.unknown_source(address, likely, self.clock.mono_us())

    def wait(self, us: int, step_us: int = 20_000) -> list[PeerId]:
        gone: list[PeerId] = []
        for _ in range(us // step_us):
            self.clock.advance(step_us)
            gone += self.agent.tick(self.clock.mono_us())
        return gone

    def confirms(self, browser: StunPeer, address: Address) -> list[PathChosen]:
        """The browser answers what it was asked last at this address."""
        return self.receive(browser.answer(self.asked(address)[-1], address), address)

    def asked(self, address: Address) -> list[bytes]:
        return [each for each, to in self.sent if to == address and is_request(each)]


@pytest.fixture
def stage() -> Stage:
    return Stage()


# --- checks of the client -----------------------------------------------------------------------


def test_the_first_valid_check_is_answered_and_makes_the_path(stage: Stage) -> None:
    browser = stage.enter(ANNA)
    assert stage.receive(browser.check(), HOME) == [PathChosen(ANNA, HOME, first=True)]
    answer = wire.parse_message(stage.sent[-1][0])
    assert stage.sent[-1][1] == HOME
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == HOME
    assert answer.check_message_integrity(browser.remote.pwd.encode())
    assert stage.agent.peer_at(HOME) == ANNA


def test_a_check_is_answered_before_the_client_s_sdp_is_known(stage: Stage) -> None:
    browser = stage.enter(ANNA, remote_known=False)
    assert stage.receive(browser.check(nominate=True), HOME)
    assert error_of(stage.sent[-1][0]) is None


def test_a_wrong_password_is_refused_and_makes_no_path(stage: Stage) -> None:
    browser = stage.enter(ANNA)
    liar = StunPeer(browser.local, Credentials(browser.remote.ufrag, "a password that is wrong"))
    assert stage.receive(liar.check(nominate=True), ATTACKER) == []
    assert error_of(stage.sent[-1][0]) == 401
    assert stage.agent.path(ANNA) is None
    assert stage.agent.last_heard_us(ANNA) is None


def test_an_unknown_ufrag_gets_no_answer(stage: Stage) -> None:
    stage.enter(ANNA)
    stranger = StunPeer(Credentials("xxxx", "y" * 22), Credentials("nobody", "z" * 22))
    assert stage.receive(stranger.check(), ATTACKER) == []
    assert stage.sent == []


def test_a_client_that_wants_to_be_controlled_is_told_of_the_conflict(stage: Stage) -> None:
    browser = stage.enter(ANNA)
    assert stage.receive(browser.check(role="ICE-CONTROLLED"), HOME) == []
    assert error_of(stage.sent[-1][0]) == 487
    assert stage.receive(browser.check(), HOME)  # it changed its role


def test_nomination_moves_the_path_when_the_client_confirms_it(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    stage.media(ANNA)
    assert stage.receive(browser.check(nominate=True), SECOND) == []
    assert stage.confirms(browser, SECOND) == [PathChosen(ANNA, SECOND, False)]


def test_a_recorded_check_sent_again_from_elsewhere_moves_nothing(stage: Stage) -> None:
    browser = stage.enter(ANNA)
    recorded = browser.check(nominate=True)
    stage.receive(recorded, HOME)
    stage.wait(400_000)
    for _ in range(10):
        assert stage.receive(recorded, ATTACKER) == []
        stage.wait(400_000)
        stage.media(ANNA)
    assert stage.agent.path(ANNA) == HOME


def test_a_check_from_a_new_port_moves_a_silent_path(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    stage.wait(320_000)
    assert stage.receive(browser.check(), ELSEWHERE) == []
    assert stage.confirms(browser, ELSEWHERE) == [PathChosen(ANNA, ELSEWHERE, False)]


def test_a_check_from_a_new_port_does_not_move_a_path_that_talks(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    stage.wait(320_000)
    stage.media(ANNA)
    stage.wait(280_000)
    assert stage.receive(browser.check(), ELSEWHERE) == []
    assert error_of(stage.sent[-1][0]) is None, "it is answered all the same"
    assert stage.asked(ELSEWHERE) == []
    assert stage.agent.path(ANNA) == HOME


def test_two_interfaces_of_one_client_do_not_take_turns(stage: Stage) -> None:
    browser = stage.enter(ANNA)
    stage.receive(browser.check(), HOME)
    stage.receive(browser.check(), SECOND)
    stage.receive(browser.check(nominate=True), HOME)
    for _ in range(10):  # both are kept alive, the path is quiet in between
        stage.wait(1_000_000)
        assert stage.receive(browser.check(), SECOND) == []
        assert stage.receive(browser.check(), HOME) == []
        assert stage.asked(SECOND) == []
    stage.wait(ice.PATH_DEAD_US + 20_000)
    assert stage.receive(browser.check(), SECOND) == [PathChosen(ANNA, SECOND, False)]


def test_an_address_belongs_to_whoever_checked_it_last(stage: Stage) -> None:
    stage.connect(ANNA, HOME)
    stage.connect(BERT, HOME)
    assert stage.agent.peer_at(HOME) == BERT
    stage.agent.close(ANNA)
    assert stage.agent.peer_at(HOME) == BERT
    stage.agent.close(BERT)
    assert stage.agent.peer_at(HOME) is None


def test_addresses_are_forgotten_oldest_first_but_never_the_path(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    ports = range(50_000, 50_000 + 3 * ice.MAX_PATHS)
    for port in ports:
        stage.clock.advance(1000)
        stage.media(ANNA)
        stage.receive(browser.check(), ("192.0.2.7", port))
    known = [port for port in ports if stage.agent.peer_at(("192.0.2.7", port)) == ANNA]
    assert known == list(ports)[-ice.MAX_PATHS + 1 :]
    assert stage.agent.peer_at(HOME) == ANNA


# --- our own checks -----------------------------------------------------------------------------


def test_an_unknown_source_is_asked_and_adopted_when_it_answers(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    stage.unknown(ELSEWHERE, ANNA)
    (request,) = stage.asked(ELSEWHERE)
    message = wire.parse_message(request)
    assert message.attributes["USERNAME"] == f"{browser.local.ufrag}:{browser.remote.ufrag}"
    assert "ICE-CONTROLLED" in message.attributes
    assert message.check_message_integrity(browser.local.pwd.encode())
    answer = browser.answer(request, ELSEWHERE)
    assert stage.receive(answer, ELSEWHERE) == [PathChosen(ANNA, ELSEWHERE, False)]
    assert stage.agent.peer_at(ELSEWHERE) == ANNA
    assert stage.receive(answer, ELSEWHERE) == [], "an answer counts once"


def test_media_alone_moves_nothing(stage: Stage) -> None:
    stage.connect(ANNA, HOME)
    stage.unknown(ATTACKER, ANNA)
    stage.wait(2 * SECOND_US)
    assert stage.agent.path(ANNA) == HOME
    assert len(stage.asked(ATTACKER)) == len(ice.CHECK_RETRY_US), "asked a few times, no more"


def test_an_answer_of_a_stranger_moves_nothing(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    stage.unknown(ATTACKER, ANNA)
    (request,) = stage.asked(ATTACKER)
    forger = StunPeer(Credentials(browser.local.ufrag, "not the right password"), browser.remote)
    transaction = wire.parse_message(request).transaction_id
    forged = wire.Message(wire.Method.BINDING, wire.Class.RESPONSE, transaction)
    forged.attributes["XOR-MAPPED-ADDRESS"] = ATTACKER
    forged.add_message_integrity(forger.local.pwd.encode())
    assert stage.receive(bytes(forged), ATTACKER) == []
    right = browser.answer(request, ATTACKER)
    assert stage.receive(right, ELSEWHERE) == [], "nor a right one from elsewhere"
    assert stage.agent.path(ANNA) == HOME


def test_a_lost_check_is_sent_again(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    stage.unknown(ELSEWHERE, ANNA)
    stage.wait(60_000)
    first, second = stage.asked(ELSEWHERE)
    assert first == second, "the same transaction"
    assert stage.receive(browser.answer(second, ELSEWHERE), ELSEWHERE)
    stage.wait(SECOND_US)
    assert len(stage.asked(ELSEWHERE)) == 2


def test_without_a_known_ssrc_every_silent_peer_is_asked(stage: Stage) -> None:
    """All Chromium subscribers use the same RTCP SSRCs: only the answers tell who it is."""
    browsers = {peer: stage.connect(peer, (HOME[0], 40_000 + peer)) for peer in (ANNA, BERT, CARL)}
    stage.wait(400_000)
    stage.media(CARL)
    stage.unknown(ELSEWHERE)
    requests = stage.asked(ELSEWHERE)
    assert len(requests) == 2, "not the one that talks"
    chosen = [
        choice
        for request in requests
        for choice in stage.receive(browsers[BERT].answer(request, ELSEWHERE), ELSEWHERE)
    ]
    assert chosen == [PathChosen(BERT, ELSEWHERE, False)]
    stage.wait(SECOND_US)
    assert len(stage.asked(ELSEWHERE)) == 2, "the others are not asked again"


def test_a_peer_without_known_credentials_is_not_asked(stage: Stage) -> None:
    browser = stage.enter(ANNA, remote_known=False)
    stage.receive(browser.check(), HOME)
    stage.unknown(ELSEWHERE, ANNA)
    assert stage.asked(ELSEWHERE) == []


def test_a_flood_of_unknown_sources_stays_bounded(stage: Stage) -> None:
    for number in range(40):
        stage.connect(PeerId(number), ("192.0.2.7", 41_000 + number))
    stage.wait(400_000)
    stage.sent.clear()
    for port in range(1000):
        stage.unknown(("203.0.113.66", 1000 + port))
    assert len(stage.sent) <= ice.MAX_CHECKS
    assert max(len(stage.asked(to)) for to in {to for _, to in stage.sent}) <= ice.MAX_GUESSES
    stage.sent.clear()
    stage.wait(SECOND_US)
    assert len(stage.sent) <= 2 * ice.MAX_CHECKS
    stage.sent.clear()
    stage.wait(SECOND_US)
    assert stage.sent == []


# --- consent ------------------------------------------------------------------------------------


def test_a_peer_that_says_nothing_for_30_s_is_gone(stage: Stage) -> None:
    stage.connect(ANNA, HOME)
    assert stage.wait(29 * SECOND_US, SECOND_US) == []
    assert stage.wait(3 * SECOND_US, SECOND_US) == [ANNA]
    assert stage.agent.peer_at(HOME) is None
    assert stage.agent.path(ANNA) is None


def test_media_alone_keeps_consent(stage: Stage) -> None:
    stage.connect(ANNA, HOME)
    for _ in range(60):
        assert stage.wait(SECOND_US, SECOND_US) == []
        stage.media(ANNA)
    assert stage.agent.last_heard_us(ANNA) == stage.clock.mono_us()


def test_stun_alone_keeps_consent(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    for _ in range(12):
        assert stage.wait(6 * SECOND_US, SECOND_US) == []
        stage.receive(browser.check(), HOME)


def test_a_peer_that_never_came_is_gone_too(stage: Stage) -> None:
    stage.enter(ANNA)
    assert stage.wait(32 * SECOND_US, SECOND_US) == [ANNA]


def test_nothing_of_a_closed_peer_is_left(stage: Stage) -> None:
    browser = stage.connect(ANNA, HOME)
    stage.unknown(ELSEWHERE, ANNA)
    stage.agent.close(ANNA)
    stage.agent.close(ANNA)
    stage.sent.clear()
    assert stage.receive(browser.check(nominate=True), HOME) == []
    stage.wait(SECOND_US)
    assert stage.sent == []
    for table in ("_peers", "_by_ufrag", "_by_address", "_checks"):
        assert not getattr(stage.agent, table), table


# --- garbage ------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_garbage_is_dropped(datagram: bytes) -> None:
    stage = Stage()
    stage.connect(ANNA, HOME)
    stage.sent.clear()
    assert stage.receive(datagram, ATTACKER) == []
    assert stage.sent == []


@given(st.data())
def test_a_check_with_a_changed_byte_never_makes_a_path(data: st.DataObject) -> None:
    stage = Stage()
    browser = stage.enter(ANNA)
    check = bytearray(browser.check(nominate=True))
    fingerprint = 8  # the last attribute, which only tells STUN from other protocols
    at = data.draw(st.integers(0, len(check) - 1 - fingerprint))
    check[at] ^= data.draw(st.integers(1, 255))
    assert stage.receive(bytes(check), ATTACKER) == []
    assert stage.agent.path(ANNA) is None
