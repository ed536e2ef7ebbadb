"""The API's description, made from its models."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from conference.http_api.api import ErrorAnswer, HealthAnswer, Me

_LOGIN = {
    "name": "login",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "made by pressing the button of a personal link",
}


def document(version: str) -> str:
    """OpenAPI 3.1 as JSON text."""
    models: list[type[BaseModel]] = [ErrorAnswer, HealthAnswer, Me]
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
