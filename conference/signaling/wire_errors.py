"""Errors become words here, in the language of the connection."""

import logging
import secrets
from collections.abc import Callable, Mapping

from conference.errors import ProtocolViolation, Refused
from conference.signaling.messages import ErrorDetail, Failure

_log = logging.getLogger(__name__)

Words = Callable[[str, str, Mapping[str, str | int] | None], str]
"""(locale, code, params) -> sentence; the wiring hands in the catalogue's."""


def failure(words: Words, locale: str, error: Exception) -> Failure:
    """What the client is told. An error nobody expected goes to the log under a number."""
    if isinstance(error, Refused):
        return _failure(words, locale, error.code, error.params)
    if isinstance(error, ProtocolViolation):
        _log.info("a message was refused: %s", error)
        return _failure(words, locale, error.code, {})
    incident = secrets.token_hex(4)
    _log.error("incident %s", incident, exc_info=error)
    return _failure(words, locale, "internal", {"incident": incident})


def _failure(words: Words, locale: str, code: str, params: Mapping[str, str | int]) -> Failure:
    detail = ErrorDetail(code=code, message=words(locale, code, params), params=dict(params))
    return Failure(error=detail)
