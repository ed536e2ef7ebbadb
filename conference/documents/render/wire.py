"""How the server and the renderer's process speak: frames of a length (4 bytes, big-endian) and as
many bytes. In goes a pickled RenderJob; out comes PDF and the file, or FAILED and one line for the
log, which quotes at most one character of the text."""

import struct

LENGTH = struct.Struct(">I")
PDF, FAILED = b"P", b"F"


def frame(content: bytes) -> bytes:
    """The bytes of a frame."""
    return LENGTH.pack(len(content)) + content
