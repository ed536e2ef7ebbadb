"""What server and writer say to each other over the SEQPACKET socket, one message per send.

The first byte says what a message is. Packets come in batches: for each track a section whose body
already has the form of a block's payload, so that the writer appends it without looking inside.
Everything else is a control message, a JSON object with `type`. Both sides run the same version
of this file, for the server starts the writer.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any

from conference.recording.packet_journal import RECORD

BATCH_BYTES = 32_768
"""A batch is sent when the next packet would make it longer."""
MAX_MESSAGE = 262_144
"""Longer than any message: a batch holds at most one packet of 64 kB."""
MAX_PACKET = 65_535

PACKETS = 1
CONTROL = 2
SECTION = struct.Struct(">IIIQQ")
"""track number, packets, bytes, first and last arrival µs."""

Control = dict[str, Any]


Section = tuple[int, int, int, int, memoryview]
"""track number, packets, first and last arrival µs, records as in the payload of a block; a plain
tuple, since there are thousands each second."""


class BadMessage(ValueError):
    """A message that the other side cannot have meant."""


def control(message: Control) -> bytes:
    """Encode one control message."""
    return bytes((CONTROL,)) + json.dumps(message, separators=(",", ":")).encode()


def read_control(message: bytes | memoryview) -> Control:
    """Decode one control message; BadMessage if it is none."""
    if message[0] != CONTROL:
        raise BadMessage(f"message of kind {message[0]} where a control message was due")
    decoded = json.loads(bytes(message[1:]))
    if not isinstance(decoded, dict) or "type" not in decoded:
        raise BadMessage("a control message without a type")
    return decoded


def sections(message: memoryview) -> Iterator[Section]:
    """The sections of a batch; BadMessage if lengths do not add up. Views into `message`."""
    position, end = 1, len(message)
    unpack, head = SECTION.unpack_from, SECTION.size
    while position < end:
        body = position + head
        if body > end:
            raise BadMessage("a section is cut")
        track, packets, length, first_us, last_us = unpack(message, position)
        position = body + length
        if position > end or length < packets * RECORD.size:
            raise BadMessage("the length of a section is wrong")
        yield track, packets, first_us, last_us, message[body:position]
