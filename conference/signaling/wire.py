"""What the messages of the wire schema have in common. Strict and closed: no value is converted,
no unknown field is let through."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{8,64}$")]
Position = Annotated[int, Field(ge=0, le=2**53)]


class Wire(BaseModel):
    """What all messages have in common."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Done(Wire):
    """The answer to a message that has nothing to tell."""

    ok: Literal[True] = True


class Committed(Done):
    """The answer to a command: stored, and at this position of the own feed."""

    feed: Position
