"""What all answers of the API have in common."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Exactly the fields that the schema names; made of values or of an object that has them."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class ErrorBody(Answer):
    """`message` is a sentence in the language of the request."""

    code: str
    message: str


class ErrorAnswer(Answer):
    """Every refusal of the API."""

    error: ErrorBody


def json_answer(answer: BaseModel, status: int = 200) -> web.Response:
    """The model as JSON."""
    text = answer.model_dump_json()
    return web.Response(text=text, content_type="application/json", status=status)
