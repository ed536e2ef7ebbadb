"""The other side of ICE, as a browser plays it: signed checks out, answers to our checks back."""

from aioice import stun as wire

from conference.media.ice import Credentials

Address = tuple[str, int]


class StunPeer:
    """`local` are its own credentials, `remote` those of the server it talks to."""

    def __init__(self, local: Credentials, remote: Credentials) -> None:
        self.local = local
        self.remote = remote

    def check(self, *, nominate: bool = False, role: str = "ICE-CONTROLLING") -> bytes:
        """A binding request as it goes over the wire."""
        message = wire.Message(wire.Method.BINDING, wire.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.remote.ufrag}:{self.local.ufrag}"
        message.attributes["PRIORITY"] = 1
        message.attributes[role] = 1
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(self.remote.pwd.encode())
        return bytes(message)

    def answer(self, datagram: bytes, source: Address) -> bytes:
        """Answer a check of the server as a browser does: success when it is meant for this peer
        and signed with its password, 401 otherwise."""
        request = wire.parse_message(datagram)
        mine = request.attributes["USERNAME"] == f"{self.local.ufrag}:{self.remote.ufrag}"
        valid = mine and request.check_message_integrity(self.local.pwd.encode())
        kind = wire.Class.RESPONSE if valid else wire.Class.ERROR
        answer = wire.Message(wire.Method.BINDING, kind, request.transaction_id)
        if valid:
            answer.attributes["XOR-MAPPED-ADDRESS"] = source
        else:
            answer.attributes["ERROR-CODE"] = (401, "Unauthorized")
        answer.add_message_integrity(self.local.pwd.encode())
        return bytes(answer)


def is_request(datagram: bytes) -> bool:
    """Whether this is a binding request."""
    return wire.parse_message(datagram).message_class == wire.Class.REQUEST


def error_of(datagram: bytes) -> int | None:
    """The code of an error answer, None for a success."""
    return wire.parse_message(datagram).error_code
