"""STUN messages through the one door."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media import stun

PASSWORD = "a password of at least 22 characters"
TRANSACTION = bytes(range(12))
ADDRESSES = st.tuples(
    st.ip_addresses().map(str),
    st.integers(0, 65535),
)


@given(st.text("abcdefghij/+", min_size=4, max_size=40), ADDRESSES, st.integers(0, 2**64 - 1))
def test_a_check_and_its_answers_come_back_as_they_were_said(
    ufrag: str, address: tuple[str, int], tie_breaker: int
) -> None:
    check = stun.parse(stun.check(f"{ufrag}:mine", PASSWORD, TRANSACTION, tie_breaker))
    assert check is not None
    assert (check.kind, check.transaction, check.username) == (
        "request",
        TRANSACTION,
        (ufrag, "mine"),
    )
    assert check.controlled and not check.use_candidate
    assert check.signed_with(PASSWORD) and not check.signed_with(PASSWORD + "x")
    answer = stun.parse(stun.success(check, address, PASSWORD))
    assert answer is not None and answer.kind == "response"
    assert answer.transaction == TRANSACTION and answer.signed_with(PASSWORD)
    assert answer.message.attributes["XOR-MAPPED-ADDRESS"] == address


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_a_refusal_names_its_code(password: str | None) -> None:
    check = stun.parse(stun.check("a:b", PASSWORD, TRANSACTION, 1))
    assert check is not None
    refusal = stun.parse(stun.refusal(check, stun.ROLE_CONFLICT, password))
    assert refusal is not None and refusal.kind == "error"
    assert refusal.message.error_code == 487
    assert refusal.signed_with(PASSWORD) == (password is not None)


@given(st.binary(max_size=120))
def test_garbage_is_no_message(datagram: bytes) -> None:
    assert stun.parse(datagram) is None


@given(st.data())
def test_a_broken_message_never_raises(data: st.DataObject) -> None:
    message = bytearray(stun.check("abcd:efgh", PASSWORD, TRANSACTION, 1))
    for _ in range(data.draw(st.integers(1, 6))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(message)))
    stun.parse(bytes(message[:cut]))
    stun.parse(bytes(message))


def test_without_the_cookie_it_is_not_stun() -> None:
    check = stun.check("abcd:efgh", PASSWORD, TRANSACTION, 1)
    assert stun.parse(check[:4] + bytes(4) + check[8:]) is None


def test_other_methods_and_indications_mean_nothing_here() -> None:
    header = b"\x21\x12\xa4\x42" + TRANSACTION
    assert stun.parse(b"\x00\x11\x00\x00" + header) is None  # binding indication
    assert stun.parse(b"\x00\x03\x00\x00" + header) is None  # allocate request
    plain = stun.parse(b"\x00\x01\x00\x00" + header)
    assert plain is not None and plain.username is None and not plain.signed_with("")
