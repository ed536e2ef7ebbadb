"""What signers of story A do over the socket, for integration tests."""

from collections.abc import Mapping
from typing import Any

from tests.support.guest import Guest

SIGNERS = ("王建国", "艾合买提·吐尔逊", "马晓燕")


def handwriting(points: int = 40, strokes: int = 3) -> dict[str, Any]:
    """A synthetic signature."""
    lines = [
        [[8 * n, 20 + 5 * n, 40 + 30 * line + n % 7, 0.5] for n in range(points)]
        for line in range(strokes)
    ]
    pad = {"width": 548, "height": 226, "dpr": 2, "pointer_type": "touch"}
    return {**pad, "strokes": lines}


async def document_of(guest: Guest) -> Mapping[str, Any]:
    """The session's document as the guest's page would see it after a resume."""
    answer = await guest.resume()
    assert answer["ok"], answer
    documents: list[Mapping[str, Any]] = answer["snapshot"]["documents"]
    return documents[-1]


async def frozen(mediator: Guest) -> Mapping[str, Any]:
    """The mediator makes the agreement of the story and freezes it."""
    drafted = await mediator.command("document_draft", fields={})
    named = {key: drafted[key] for key in ("document", "version")}
    await mediator.command("document_freeze", **named)
    return await document_of(mediator)


def named(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("document", "version", "hash")}


async def acknowledge_all(guest: Guest, document: Mapping[str, Any]) -> None:
    for clause in document["content"]["clauses"]:
        await guest.command("document_acknowledge", **named(document), clause=clause["n"])


async def sign(guest: Guest, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, which must be that of a stored signature."""
    return await guest.command("document_sign", **named(document), strokes=handwriting())
