"""Parameters of a query that a route does not have are refused: a misspelt filter would be answered unfiltered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.api.problems import MAX_FIELD_ERRORS
from app.kit.errors import FieldError, ValidationFailed

_LONGEST_NAME: Final = 100


async def only_known_parameters(request: Request) -> None:
    """The dependency of every route of the API.

    Raises:
        ValidationFailed: the query names parameters that the route does not have; each error tells those it has.

    """
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    known = known_parameters(route)
    unknown = [name for name in dict.fromkeys(request.query_params.keys()) if name not in known]
    if unknown:
        raise ValidationFailed(*(_refusal(name, known) for name in unknown[:MAX_FIELD_ERRORS]))


def _refusal(name: str, known: frozenset[str]) -> FieldError:
    place = name[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1")
    if not known:
        return FieldError(f"#/{place}", "no-parameters", "query")
    return FieldError(f"#/{place}", "unknown-parameter", "query", {"known": ", ".join(sorted(known))})


def known_parameters(route: APIRoute) -> frozenset[str]:
    """The names of a route's parameters and of those that its dependencies read, as the reference has them."""
    return frozenset(_names(route.dependant))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _names(needed)
