"""The packet cache: bounded in packets and in age."""

from conference.media import rtp
from conference.media.cache import PacketCache
from conference.media.rtp import RtpPacket
from tests.support.rtp_packets import rtp as write


def packet(index: int, arrival_us: int) -> RtpPacket:
    made = rtp.parse(write((96, index & 0xFFFF, 0, 1), b"x"), arrival_us)
    assert made is not None
    made.index = index
    return made


def test_what_was_put_is_there_until_it_is_too_old() -> None:
    cache, kept = PacketCache("video"), packet(70_000, 0)
    cache.put(kept)
    assert cache.get(70_000, 2_000_000) is kept
    assert cache.get(70_000, 2_000_001) is None
    assert cache.get(70_000 - 65_536, 0) is None  # the same number of another cycle
    assert cache.get(70_001, 0) is None


def test_the_ring_is_bounded() -> None:
    cache = PacketCache("audio")
    for index in range(1000):
        cache.put(packet(index, 0))
    assert [i for i in range(1000) if cache.get(i, 0) is not None] == list(range(744, 1000))


def test_clear() -> None:
    cache = PacketCache("audio")
    cache.put(packet(5, 0))
    cache.clear()
    assert cache.get(5, 0) is None
