"""Canonical JSON (RFC 8785) and the hash of it: what a signature is bound to."""

import hashlib
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value; UTF-8."""
    return rfc8785.dumps(value)


def sha256(content: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def hash_of(value: Any) -> str:
    """Hex SHA-256 of the value's canonical JSON."""
    return sha256(canonical(value))
