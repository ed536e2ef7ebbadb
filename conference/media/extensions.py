"""RTP header extensions (RFC 8285): read in both forms, written in the one-byte form."""

from __future__ import annotations

ONE_BYTE = 0xBEDE
TWO_BYTE = 0x1000


def parse(data: bytes, profile: int, start: int, end: int) -> list[tuple[int, bytes]]:
    """The elements between `start` and `end` as (id, value); stops where they make no sense."""
    if profile == ONE_BYTE:
        return _parse_one_byte(data, start, end)
    if profile & 0xFFF0 == TWO_BYTE:
        return _parse_two_byte(data, start, end)
    return []


def _parse_one_byte(data: bytes, at: int, end: int) -> list[tuple[int, bytes]]:
    elements = []
    while at < end:
        head = data[at]
        at += 1
        if head == 0:
            continue
        number, length = head >> 4, (head & 0x0F) + 1
        if number == 15 or at + length > end:
            break
        elements.append((number, data[at : at + length]))
        at += length
    return elements


def _parse_two_byte(data: bytes, at: int, end: int) -> list[tuple[int, bytes]]:
    elements = []
    while at < end:
        number = data[at]
        at += 1
        if number == 0:
            continue
        if at >= end or at + 1 + data[at] > end:
            break
        length = data[at]
        elements.append((number, data[at + 1 : at + 1 + length]))
        at += 1 + length
    return elements


def element(number: int, value: bytes) -> bytes:
    """One element in the one-byte form; empty when it does not fit that form (RFC 8285 §4.2)."""
    if not 1 <= number <= 14 or not 1 <= len(value) <= 16:
        return b""
    return bytes((number << 4 | len(value) - 1,)) + value
