"""Entries to and from canonical JSON (RFC 8785): the bytes that the hash chain covers.

What an older version wrote stays readable: a field that came later takes its default. What a
newer version wrote is read as far as it is understood: an unknown field is passed over, an
unknown kind or value is an `UnreadableEntry`, since nobody may rule over a session whose rules
he does not know.
"""

import json
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

import rfc8785
from pydantic import TypeAdapter, ValidationError

from conference.errors import Fault
from conference.events import access, archive, document, media, recording, room, server
from conference.events.base import Entry, Event
from conference.ids import CommandId, SeatId


@dataclass(frozen=True, slots=True)
class _Written:
    """An entry as it stands in the journal; the order of the fields means nothing."""

    stream: str
    seq: int
    epoch: str
    wall_us: int
    mono_us: int
    r_us: int | None
    actor: SeatId | None
    cause: CommandId | None
    kind: str
    data: dict[str, Any]


class UnreadableEntry(Fault):
    """These bytes are no entry that this version understands."""


def _kinds() -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for module in (access, archive, document, media, recording, room, server):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Event) and thing is not Event:
                found[thing.KIND] = thing
    return found


KINDS: dict[str, type[Event]] = _kinds()
"""Every kind of event by its name."""


def data_of(event: Event) -> dict[str, Any]:
    """The event's fields as plain JSON values."""
    plain = _plain(event)
    assert isinstance(plain, dict)
    return plain


def encode(entry: Entry) -> bytes:
    """The entry's canonical JSON: its envelope with `kind`, and the event's fields as `data`."""
    whole = {name: getattr(entry, name) for name in _ENVELOPE}
    return rfc8785.dumps({**whole, "kind": entry.kind, "data": data_of(entry.event)})


def decode(payload: bytes) -> Entry:
    """The entry whose canonical JSON this is; UnreadableEntry when it is none."""
    kind = "envelope"
    try:
        written: _Written = _adapter(kind).validate_json(payload, strict=True)
        kind = written.kind
        if kind not in KINDS:
            raise UnreadableEntry("a kind of event that this version does not know")
        event = _adapter(kind).validate_json(json.dumps(written.data), strict=True)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc']))} {e['type']}" for e in error.errors())
        raise UnreadableEntry(f"{kind}: {', '.join(faults)}") from None
    return Entry(**{name: getattr(written, name) for name in _ENVELOPE}, event=event)


_ENVELOPE = tuple(field.name for field in fields(Entry) if field.name != "event")


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_Written if kind == "envelope" else KINDS[kind])


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
