"""The guard in front of Socket.IO: every frame is passed on sound or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio import packet

from conference.errors import ProtocolViolation
from conference.signaling.frames import FrameGuard

CONNECT = '40{"protocol":1,"locale":"en"}'


@pytest.mark.parametrize(
    "frame",
    [CONNECT, "3", "1", "41", '42["join",{}]', '427["join",{}]', "437[]", '42["no such",1,2,3]'],
)
def test_sound_frames_pass(frame: str) -> None:
    FrameGuard().check(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b"binary",
        "",
        "x",
        "4",
        "²",
        "0{}",
        "2probe",
        "5",
        "40",
        "40[]",
        '40/admin,{"a":1}',
        "42",
        "42{}",
        "42[]",
        "42[1]",
        '42["connect",{}]',
        '42["disconnect"]',
        '42["*"]',
        "43[]",
        "430[]",
        "431{}",
        "44{}",
        '451-["x",{"_placeholder":true,"num":0}]',
        '4299999-["x"]',
        "42" + "[" * 100_000,
        '42["join",' + "9" * 5000 + "]",
        "42²[]",
        "4{}",
        "b4AAAA",
    ],
)
def test_unsound_frames_are_dropped(frame: str | bytes) -> None:
    with pytest.raises(ProtocolViolation):
        FrameGuard().check(frame)


def test_only_one_greeting() -> None:
    guard = FrameGuard()
    guard.check(CONNECT)
    with pytest.raises(ProtocolViolation):
        guard.check(CONNECT)


@given(st.text(max_size=40) | st.text("0123456789[]{}\"',:-/abn", max_size=40) | st.binary())
def test_whatever_comes_is_a_violation_or_a_packet_the_library_takes(frame: str | bytes) -> None:
    try:
        FrameGuard().check(frame)
    except ProtocolViolation:
        return
    assert isinstance(frame, str)
    if frame[0] == "4":
        taken = packet.Packet(encoded_packet=frame[1:])
        assert taken.packet_type in (packet.CONNECT, packet.DISCONNECT, packet.EVENT, packet.ACK)
