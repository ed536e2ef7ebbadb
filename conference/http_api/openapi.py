"""The API's description, made from its models."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from conference.http_api.answers import ErrorAnswer
from conference.http_api.api import HealthAnswer, Me
from conference.http_api.recording_answers import Packaging, Recordings, ReplayAnswer
from conference.http_api.recordings import Filters

_LOGIN = {
    "name": "login",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "made by pressing the button of a personal link",
}
_SESSION = {"name": "session", "in": "path", "required": True, "schema": {"type": "string"}}


def document(version: str) -> str:
    """OpenAPI 3.1 as JSON text."""
    models: list[type[BaseModel]] = [ErrorAnswer, HealthAnswer, Me]
    models += [Packaging, Recordings, ReplayAnswer]
    _, schema = models_json_schema(
        [(model, "serialization") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    described = {
        "openapi": "3.1.0",
        "info": {"title": "conference", "version": version},
        "paths": {
            "/healthz": _get("Whether the server can serve", HealthAnswer, 503, HealthAnswer),
            "/u/{login}/api/me": {
                "parameters": [_LOGIN],
                **_get("Person, session and seat of a login", Me, 401, ErrorAnswer),
            },
            **_recordings(),
            "/metrics": {
                "get": {
                    "summary": "Counters as Prometheus text, for this machine or a token",
                    "responses": {"200": {"description": "text", "content": {"text/plain": {}}}},
                }
            },
            "/api/openapi.json": {
                "get": {
                    "summary": "This description",
                    "responses": {"200": {"description": "OpenAPI 3.1"}},
                }
            },
        },
        "components": {"schemas": schema.get("$defs", {})},
    }
    return json.dumps(described, ensure_ascii=False)


def _recordings() -> dict[str, Any]:
    one = [_LOGIN, _SESSION]
    listed = _get("Sessions whose recordings one may open", Recordings, 403, ErrorAnswer)
    opened = _get("One recording; opening it is written down", ReplayAnswer, 403, ErrorAnswer)
    made = {
        "summary": "Make the files of a recording again",
        "responses": {"202": _response("begun", Packaging), "403": _response("no", ErrorAnswer)},
    }
    file = {"name": "file", "in": "path", "required": True, "schema": {"type": "string"}}
    video = {"description": "WebM, whole or in part", "content": {"video/webm": {}}}
    played = {"summary": "A file", "responses": {"200": video, "206": video}}
    return {
        "/u/{login}/api/recordings": {"parameters": [_LOGIN, *_filters()], **listed},
        "/u/{login}/api/recordings/{session}": {"parameters": one, **opened},
        "/u/{login}/api/recordings/{session}/package": {"parameters": one, "post": made},
        "/u/{login}/media/{session}/{file}": {"parameters": [*one, file], "get": played},
    }


def _filters() -> list[dict[str, Any]]:
    shapes = Filters.model_json_schema()["properties"]
    return [{"name": name, "in": "query", "schema": shape} for name, shape in shapes.items()]


def _get(
    summary: str, answer: type[BaseModel], failed: int, failure: type[BaseModel]
) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "responses": {
                "200": _response("done", answer),
                str(failed): _response("refused", failure),
            },
        }
    }


def _response(description: str, model: type[BaseModel]) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {
        "description": description,
        "content": {"application/json": {"schema": reference}},
    }
