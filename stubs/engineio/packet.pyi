from typing import Any

CLOSE: int
PONG: int
MESSAGE: int

class Packet:
    packet_type: int
    data: Any
    def __init__(self, *, encoded_packet: str) -> None: ...
