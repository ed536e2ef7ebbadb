"""docs/protocol.md says what the code does: messages, fields, kinds of event, limits, errors."""

import re
import types
import typing
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from conference.documents.agreement import AgreementFields
from conference.documents.strokes import Strokes
from conference.events.codec import KINDS
from conference.http_api.catalogue import Catalogue
from conference.rooms.audience import EVERYONE, OWN_SEAT, OWN_SEAT_AND_HOST
from conference.signaling import connection, limits, presence, socket_io, watch
from conference.signaling import document_messages as d
from conference.signaling import messages as m
from tests.docs.markdown import ROOT, codes, tables

PAGE = tables("protocol.md")
TEXT = (ROOT / "docs" / "protocol.md").read_text("utf-8")
MODELS: dict[str, type[BaseModel]] = {
    "auth": m.Auth,
    "failure": m.Failure,
    "error": m.ErrorDetail,
    **m.CLIENT_MESSAGES,
    "Done": m.Done,
    "Committed": m.Committed,
    "Published": m.Published,
    "Welcome": m.Welcome,
    "snapshot": m.Snapshot,
    "session view": m.SessionView,
    "recording view": m.RecordingView,
    "seat": m.SeatView,
    "endpoint": m.EndpointView,
    "you": m.You,
    **m.SERVER_MESSAGES,
    "stream": m.Stream,
    "Drafted": d.Drafted,
    "Signed": d.Signed,
    "CompanionTicket": d.CompanionTicket,
    "CompanionWelcome": m.CompanionWelcome,
    "document": d.DocumentView,
    "signer": d.SignerView,
    "strokes": Strokes,
    "agreement fields": AgreementFields,
}


@pytest.mark.parametrize("heading", MODELS)
def test_every_message_has_its_fields(heading: str) -> None:
    wanted = MODELS[heading].model_fields
    if not wanted:
        assert "No fields." in TEXT.split(f"### {heading}\n")[1][:40]
        return
    told = PAGE[heading]
    assert list(told) == list(wanted)
    for name, field in wanted.items():
        options = literals(field.annotation)
        if options:
            assert set(codes(told[name][0])) == options - {None, True, False}, f"{heading}.{name}"
        assert ("null" in told[name][0]) == (type(None) in get_args(field.annotation)), name


def literals(annotation: Any) -> set[Any]:
    """The values of a Literal, or of one in a union."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return set().union(*(literals(each) for each in get_args(annotation)))
    return set()


def test_every_message_is_in_the_list_with_its_answer() -> None:
    listed = PAGE["Messages of the client"]
    names = {re.sub(r"[\[\]`]|\(.*\)", "", name): cells[0] for name, cells in listed.items()}
    assert set(names) == set(m.CLIENT_MESSAGES)
    for name, model in m.ACKNOWLEDGEMENTS.items():
        assert names[name].startswith(f"[{model.__name__}]"), name


def test_every_kind_of_event_that_a_seat_learns_is_told_with_its_data() -> None:
    told = PAGE["Kinds"]
    seen = EVERYONE | OWN_SEAT | OWN_SEAT_AND_HOST
    known = {kind: model for kind, model in KINDS.items() if model in seen}
    assert set(told) == set(known)
    for kind, model in known.items():
        data = told[kind][0]
        named = [word for word in codes(re.sub(r": `[^;]*", "", data)) if word]
        assert set(named) == set(data_names(model)), kind
        for name, hint in typing.get_type_hints(model).items():
            options = {value for value in literals(hint) if isinstance(value, str)}
            if name == "reason" and options:
                assert options <= set(codes(data)), kind


def data_names(model: Any) -> list[str]:
    return [field.name for field in fields(model)]


def test_the_limits_are_the_ones_in_the_code() -> None:
    for limit in (
        f"{limits.BURST} messages at once and {limits.MESSAGES_PER_SECOND} per second",
        f"After {limits.MOST_VIOLATIONS} messages",
        f"at most {m.MAX_MESSAGE_BYTES // 1024} kB",
        f"{socket_io.MOST_SOCKETS} sockets open",
        f"when {connection.OUTBOX} messages wait",
        f"{watch.MOST_UNANSWERED} heartbeats",
        f"heard for {presence.SILENCE_US / 1e6:g} s",
        f"lost after {presence.SOCKET_ALONE_US // 1_000_000} s",
        f"{presence.RESTART_US // 1_000_000} s to resume",
        f"{watch.EXPIRY_US // 60_000_000} minutes",
        f"version {m.PROTOCOL_VERSION}",
    ):
        assert limit in " ".join(TEXT.split()), limit


def test_every_error_that_can_come_is_listed_and_has_its_words() -> None:
    listed = {code for cell in PAGE["Errors"] for code in [cell.split("`")[0], *codes(f"`{cell}`")]}
    listed = {code for code in listed if re.fullmatch(r"[a-z_]+", code)}
    raised = set()
    for package in ("rooms", "documents", "media", "signaling"):
        for file in (ROOT / "conference" / package).rglob("*.py"):
            raised |= set(re.findall(r'Refused\("([a-z_]+)"', file.read_text("utf-8")))
            raised |= set(re.findall(r'ProtocolViolation\(\s*"([a-z_]+)"', file.read_text("utf-8")))
    inner = {"bad_frame", "bad_request", "too_many_sockets", "session_exists", "beside_unknown"}
    inner |= {"host_role", "seats_not_distinct", "not_found"}
    raised -= {code for code in raised if code.startswith("link_")}
    assert raised - inner <= listed, "raised, but not on the page"
    catalogue = Catalogue()
    for code in listed | (raised - {"bad_frame"}):
        assert f"error.{code}" in catalogue.keys("en"), code
