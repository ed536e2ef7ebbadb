"""Nonsense from a seed: datagrams, signaling messages, requests. Some of it is nearly right, since
what is wholly wrong is refused at the first byte."""

import json
from collections.abc import Sequence
from random import Random
from struct import pack
from typing import Any

STUN_COOKIE = 0x2112A442


def datagram(random: Random, real: Sequence[bytes]) -> bytes:
    """One datagram for the media port. `real` are datagrams that participants sent: they come
    changed by some bits, or cut, or as they were, from an address that has no right to them."""
    makers = [_noise, _stun, _dtls, _rtp, _rtcp]
    if real and random.random() < 0.5:
        original = random.choice(real)
        return _bent(random, original)
    return random.choice(makers)(random)


def _noise(random: Random) -> bytes:
    return random.randbytes(random.choice((0, 1, 2, 3, 11, 12, 19, 20, 100, 1400)))


def _stun(random: Random) -> bytes:
    """A binding request with attributes whose lengths need not be true."""
    attributes = b""
    for _ in range(random.randrange(6)):
        value = random.randbytes(random.randrange(24))
        kind = random.choice((0x0006, 0x0008, 0x0020, 0x0024, 0x0025, 0x8028, 0x802A, 0x7777))
        length = random.choice((len(value), len(value) + 4, 0xFFFF, 0))
        attributes += pack("!HH", kind, length) + value
    length = random.choice((len(attributes), len(attributes) + 1, 0xFFFF))
    method = random.choice((0x0001, 0x0101, 0x0111, 0x0011, 0x3FFF))
    return pack("!HHL", method, length, STUN_COOKIE) + random.randbytes(12) + attributes


def _dtls(random: Random) -> bytes:
    """A DTLS record (RFC 6347): content type, version, epoch, number, length, anything."""
    body = random.randbytes(random.randrange(300))
    length = random.choice((len(body), len(body) + 100, 0))
    head = pack("!BH", random.choice((20, 21, 22, 23, 25, 63)), random.choice((0xFEFD, 0xFEFF, 0)))
    return head + random.randbytes(8) + pack("!H", length) + body


def _rtp(random: Random) -> bytes:
    """An SRTP header with a source that a browser might use, and extensions without an end."""
    first = random.choice((0x80, 0x90, 0xA0, 0xBF))
    ssrc = random.choice((1, 4195875351, random.getrandbits(32)))
    head = pack("!BBHLL", first, random.choice((111, 96, 97, 0xEF)), 7, 7, ssrc)
    return head + random.randbytes(random.choice((0, 3, 4, 16, 30, 1200)))


def _rtcp(random: Random) -> bytes:
    length = random.choice((0, 1, 6, 0xFFFF))
    head = pack("!BBHL", 0x80 | random.randrange(32), random.randrange(192, 224), length, 1)
    return head + random.randbytes(random.choice((0, 4, 10, 24, 60)))


def _bent(random: Random, original: bytes) -> bytes:
    if random.random() < 0.3:
        return original
    bent = bytearray(original[: random.randrange(1, len(original) + 1)])
    for _ in range(random.randrange(1, 4)):
        bent[random.randrange(len(bent))] ^= 1 << random.randrange(8)
    # The first bits say what a datagram is: with them kept it goes deeper.
    bent[0] = original[0]
    return bytes(bent) if bytes(bent) != original else bytes(bent) + b"\0"


def value(random: Random, depth: int = 0) -> Any:
    """Any JSON value, seldom what a field wants."""
    plain: list[Any] = [None, True, 0, -1, 2**70, 0.5, "", "microphone", "\u0000", "调" * 300]
    if depth > 2 or random.random() < 0.7:
        return random.choice(plain)
    if random.random() < 0.5:
        return [value(random, depth + 1) for _ in range(random.randrange(4))]
    return {str(random.choice(plain)): value(random, depth + 1) for _ in range(3)}


FIELDS = {
    "join": ("command_id", "device", "muted"),
    "resume": ("endpoint", "key", "epoch", "last"),
    "mute": ("command_id", "source", "muted"),
    "layout": ("command_id", "layout", "focus"),
    "record": ("command_id", "action"),
    "session": ("command_id", "action"),
    "publish": ("sdp", "sources"),
    "subscribe": ("tracks",),
    "subscribe_answer": ("version", "sdp"),
    "nonsense": ("x",),
    "__proto__": (),
}


# What a field wants, or nearly.
RIGHT: dict[str, tuple[Any, ...]] = {
    "command_id": ("0192f0c1-0000-7000-8000-000000000000", "short", "x" * 64),
    "device": ("participant", "browser", "fridge"),
    "muted": (True, False, {"microphone": True, "camera": False}, {"microphone": 1}),
    "source": ("microphone", "camera", "screen"),
    "layout": ("grid", "focus", "cinema"),
    "focus": (None, "no-such-seat-anywhere"),
    "action": ("start", "stop", "pause", "resume", "explode"),
    "endpoint": ("0192f0c1-0000-7000-8000-00000000000e",),
    "key": ("A" * 43,),
    "epoch": ("0192f0c1-0000-7000-8000-0000000000ee",),
    "last": (0, 1, 2**53, 2**54),
    "sources": ({"0": "microphone"}, {"0": "microphone", "1": "camera"}, {"9": "camera"}),
    "tracks": (None, [], ["no-such-track-anywhere"]),
    "version": (0, 1, 2, 10**9),
    "sdp": (
        "v=0",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=setup:actpass\r\n"
        "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=sendonly\r\na=rtcp-mux\r\n"
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=rtpmap:111 opus/48000/2\r\n"
        "a=ssrc:1 cname:x\r\n",
    ),
}


def join(number: int) -> str:
    """A frame that takes the seat in good order, so that the nonsense after it goes deeper."""
    muted = {"microphone": False, "camera": False}
    command = f"0192f0c1-0000-7000-8000-{number:012x}"
    body = {"command_id": command, "device": "participant", "muted": muted}
    return f"421{json.dumps(['join', body])}"


def _field(random: Random, name: str) -> Any:
    if name in RIGHT and random.random() < 0.8:
        return random.choice(RIGHT[name])
    return value(random)


def message(random: Random) -> tuple[str, Any]:
    """An event name and a payload: some fields missing, some too many, few of the right type."""
    name = random.choice(list(FIELDS))
    if random.random() < 0.1:
        return name, value(random)
    payload = {field: _field(random, field) for field in FIELDS[name] if random.random() < 0.95}
    if random.random() < 0.1:
        payload["extra"] = value(random)
    return name, payload


def frame(random: Random) -> str:
    """An Engine.IO text frame that may or may not be a Socket.IO packet."""
    name, payload = message(random)
    event = json.dumps([name, payload])
    if random.random() < 0.8:
        return f"42{random.randrange(10**6)}{event}"
    return random.choice(
        (
            f"42{event}",
            f"42{random.randrange(10**6)}{event}",
            f"4{random.randrange(10)}{event}",
            f"42{event[: random.randrange(len(event))]}",
            f"451-{event}",
            "4" * random.randrange(1, 300),
            "42" + "[" * 5000,
            f"43{random.randrange(3)}[{random.randrange(9)}]",
            "40/other,{}",
            "3",
            str(random.randrange(10)),
        )
    )


PATHS = (
    "/", "/healthz", "/j/", "/j/unknown", "/u//", "/u/unknown/", "/u/unknown/api/me",
    "/u/unknown/socket.io/?EIO=4&transport=websocket", "/static/../../etc/passwd",
    "/static/%2e%2e/%2e%2e/secret.key", "/static/%00", "/api/openapi.json?lang=%ff", "/metrics",
    "/%E8%B0%83%E8%A7%A3", "/j/%2F%2F?lang=en&lang=zh", "//healthz", "/healthz/../j/x",
)  # fmt: skip
METHODS = ("GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW")


def request(random: Random) -> bytes:
    """An HTTP/1.1 request as bytes: most have a sound form and no sense, some no form either."""
    body = random.randbytes(random.randrange(200))
    broken = random.random() < 0.2
    path = random.choice((*PATHS, "/j/" + "a" * random.randrange(4000)))
    headers = [
        f'Cookie: login={"x" * random.randrange(100)}; login; =; "',
        f"Accept-Language: {random.choice(('zh', 'en', ';;;q=9', ''))}",
        f"Content-Type: {random.choice(('multipart/form-data; boundary=', 'text/html', '/'))}",
        f"X-Forwarded-For: {'1' * random.randrange(200)}",
        "Origin: null",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ?",
    ]
    lines = [f"{random.choice(METHODS)} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [header for header in headers if random.random() < 0.3]
    lines.append(f"Content-Length: {len(body)}")
    if broken:
        lines[random.randrange(len(lines))] = random.choice(
            ("G\0T / HTTP/1.1", "Content-Length: -1", "Content-Length: 99999999999", "no colon",
             "Transfer-Encoding: chunked", "GET \u8c03 HTTP/9", "X-Long: " + "y" * 9000, "")
        )  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
