"""The OpenAPI document: as committed, complete, and usable by a generator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from app.api.parameters import known_parameters
from app.config import Settings
from app.main import ROUTERS, create_app
from tests.support.api import KEYLESS

SNAPSHOT = Path(__file__).resolve().parents[2] / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = create_app(Settings()).openapi()
    return made


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def test_the_committed_document_is_that_of_the_routes(document: dict[str, Any]) -> None:
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == json.loads(json.dumps(document)), (
        "the routes changed: look at the difference, then run `make openapi`"
    )


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")


def test_every_operation_has_a_name_a_summary_and_a_description(document: dict[str, Any]) -> None:
    found = operations(document)
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names))
    for path, method, operation in found:
        assert operation.get("summary"), (method, path)
        assert operation.get("description"), (method, path)


def test_every_error_is_a_problem_document(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) < 400 or path == "/readyz":
                continue
            assert list(response["content"]) == ["application/problem+json"], (method, path, status)


def test_the_parameters_that_a_route_takes_are_those_that_are_documented(document: dict[str, Any]) -> None:
    routes = {
        (f"/v1{route.path_format}", method.lower()): route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods
    }
    documented = {
        (path, method): {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
        for path, method, operation in operations(document)
        if (path, method) in routes
    }
    assert len(documented) > 100
    for place, names in documented.items():
        assert (place, known_parameters(routes[place])) == (place, names)


def test_every_v1_route_asks_for_a_key(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if path.startswith("/v1/") and path not in KEYLESS:
            assert operation.get("security"), (method, path)
            assert "401" in operation["responses"], (method, path)


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return here + [reference for value in node.values() for reference in references(value)]
        if isinstance(node, list):
            return [reference for value in node for reference in references(value)]
        return []

    for reference in references(document):
        where: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part.replace("~1", "/").replace("~0", "~") in where, reference
            where = where[part.replace("~1", "/").replace("~0", "~")]
