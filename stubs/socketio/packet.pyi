from typing import Any

CONNECT: int
DISCONNECT: int
EVENT: int
ACK: int

class Packet:
    packet_type: int
    namespace: str | None
    id: int | None
    data: Any
    attachment_count: int
    def __init__(self, *, encoded_packet: str) -> None: ...
