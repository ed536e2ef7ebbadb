"""What may come over a socket before Socket.IO sees it.

python-socketio 5.18 raises on a malformed packet, takes a client's event named `connect` or
`disconnect` for its own, accepts a second CONNECT and calls whatever stands under acknowledgement
0. This guard reads each frame with the same packet classes and lets only the sound ones through:
text, namespace `/`, one CONNECT, then events, acknowledgements and DISCONNECT."""

from typing import Any

from engineio import packet as engine_packet
from socketio import packet

from conference.errors import ProtocolViolation

_PASSED_ON = (engine_packet.PONG, engine_packet.CLOSE)
_RESERVED = ("connect", "disconnect", "connect_error", "*", "__disconnect_final")


class FrameGuard:
    """One socket's frames, in order."""

    def __init__(self) -> None:
        self._greeted = False
        self.violations = 0

    def check(self, frame: str | bytes) -> None:
        """A ProtocolViolation for a frame that must not be passed on."""
        if not isinstance(frame, str):
            raise ProtocolViolation("bad_frame", "binary")
        try:
            outer = engine_packet.Packet(encoded_packet=frame)
            if outer.packet_type in _PASSED_ON:
                return
            if outer.packet_type != engine_packet.MESSAGE:
                raise ProtocolViolation("bad_frame", "Engine.IO packet type")
            inner = packet.Packet(encoded_packet=outer.data)
        except (ValueError, TypeError, IndexError, AttributeError, RecursionError) as error:
            raise ProtocolViolation("bad_frame", type(error).__name__) from None
        self._check_packet(inner)

    def _check_packet(self, inner: Any) -> None:
        if inner.namespace not in (None, "/") or inner.attachment_count:
            raise ProtocolViolation("bad_frame", "namespace or attachment")
        if inner.packet_type == packet.CONNECT:
            if self._greeted or not isinstance(inner.data, dict):
                raise ProtocolViolation("bad_frame", "CONNECT")
            self._greeted = True
        elif inner.packet_type == packet.EVENT:
            _check_event(inner.data)
        elif inner.packet_type == packet.ACK:
            _check_ack(inner.id, inner.data)
        elif inner.packet_type != packet.DISCONNECT:
            raise ProtocolViolation("bad_frame", "Socket.IO packet type")


def _check_event(data: Any) -> None:
    named = isinstance(data, list) and data and isinstance(data[0], str)
    if not named or data[0] in _RESERVED:
        raise ProtocolViolation("bad_frame", "event name")


def _check_ack(number: Any, data: Any) -> None:
    if not number or not isinstance(data, list):
        raise ProtocolViolation("bad_frame", "acknowledgement")
