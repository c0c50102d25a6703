"""The OpenAPI document, completed with what FastAPI can't know: our problem documents instead of its own errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.api.problems import Problem, describe_problems
from app.kit.errors import (
    AppError,
    BadRequest,
    Forbidden,
    InvalidCursor,
    PayloadTooLarge,
    TooManyRequests,
    Unauthenticated,
    ValidationFailed,
)

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})
_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "The id of this request: yours if you sent a well-formed one.",
        "schema": {"type": "string"},
    },
    "RateLimit-Limit": {"description": "Requests per window for this key.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "Requests left now.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "Seconds until all are back.", "schema": {"type": "integer"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}


def operation_id(route: APIRoute) -> str:
    """The function's own name (``list_tenders``), for generated clients; FastAPI warns of a clash."""
    return route.name


def complete_openapi(app: FastAPI, *, bodies: Sequence[type[BaseModel]] = ()) -> None:
    """Make ``app.openapi()`` give the completed document, made once.

    ``bodies``: schemas of bodies that routes read by themselves, which refer to them by name.
    """
    make = app.openapi

    def completed() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(make(), bodies)
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]


def _complete(document: dict[str, Any], bodies: Sequence[type[BaseModel]]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for body in bodies:
        made = body.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(made.pop("$defs", {}) | {body.__name__: made})
    components["schemas"] = dict(sorted(schemas.items()))
    components.setdefault("headers", {}).update(_HEADERS)
    for operation in _operations(document):
        _complete_operation(operation)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document.get("paths", {}).values():
        yield from (operation for method, operation in path.items() if method in _METHODS)


def _complete_operation(operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    by_status: dict[int, list[type[AppError]]] = {}
    for problem in _common_problems(operation):
        by_status.setdefault(problem.status, []).append(problem)
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]  # FastAPI's own error shape, which is never sent
    for status, classes in by_status.items():
        described = describe_problems(status, classes)
        if (own := responses.get(str(status))) is None:
            responses[str(status)] = described
        else:
            own["description"] = f"{own['description']}\n\n{described['description']}"
    for status, response in responses.items():
        response.setdefault("headers", {}).update(
            {name: {"$ref": f"#/components/headers/{name}"} for name in _header_names(operation, status)}
        )
    operation["responses"] = dict(sorted(responses.items()))


def _header_names(operation: dict[str, Any], status: str) -> Iterator[str]:
    yield "X-Request-Id"
    if operation.get("security") and status != "401":
        yield from ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    if status in ("429", "503"):
        yield "Retry-After"


def _common_problems(operation: dict[str, Any]) -> Iterator[type[AppError]]:
    """What any operation like this one may answer, so that routes need to name their own problems only."""
    parameters = {parameter.get("name") for parameter in operation.get("parameters", [])}
    if operation.get("security"):
        yield from (Unauthenticated, Forbidden, TooManyRequests)
    if "requestBody" in operation:
        yield from (BadRequest, PayloadTooLarge)
    if parameters or "requestBody" in operation or operation.get("security"):  # a parameter that is none, at least
        yield ValidationFailed
    if "cursor" in parameters:
        yield InvalidCursor
