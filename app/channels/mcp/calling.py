"""Asking the API on a tool's behalf: its routes decide, and what they refuse is told to the model as they tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

import httpx
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

LONGEST_TEXT: Final = 4_000
"""Characters of one text in an answer."""
MOST_ITEMS: Final = 50
"""Entries of one list in an answer."""
_MOST_ERRORS: Final = 10

T = TypeVar("T", bound=BaseModel)
Parameter: TypeAlias = str | int | float | bool | Sequence[str] | None


class _Problem(BaseModel):
    """What a problem document (RFC 9457) says, as far as a model can use it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, JsonValue]] | None = None


class Calls:
    """The API behind a client that carries the caller's key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, parameters: Mapping[str, Parameter], answer: type[T]) -> T:
        """The answer to a GET, cut to size. Parameters that are ``None`` or empty are left out.

        Raises:
            ToolError: the API refused, with its problem's title and detail; or it can't be reached.
        """
        given = {name: value for name, value in parameters.items() if value is not None and value != ()}
        return await self._ask(self._client.build_request("GET", path, params=given), answer)

    async def post(self, path: str, body: Mapping[str, JsonValue], answer: type[T]) -> T:
        """The answer to a POST that only asks; otherwise as :meth:`get`."""
        return await self._ask(self._client.build_request("POST", path, json=dict(body)), answer)

    async def _ask(self, request: httpx.Request, answer: type[T]) -> T:
        try:
            got = await self._client.send(request)
        except httpx.HTTPError as failed:
            raise ToolError(f"Safqa can't be reached ({type(failed).__name__})") from failed
        if not got.is_success:
            raise ToolError(_told(got))
        try:
            return answer.model_validate(_cut(_JSON.validate_json(got.content)))
        except ValidationError as other:
            raise ToolError("Safqa answered in a way that this version does not know") from other


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def _told(got: httpx.Response) -> str:
    try:
        problem = _Problem.model_validate_json(got.content)
    except ValidationError:
        return f"Safqa answered with status {got.status_code}"
    lines = [f"{problem.title}: {problem.detail} ({problem.status}, {problem.type})"]
    lines += [f"- {wrong.get('pointer')}: {wrong.get('detail')}" for wrong in (problem.errors or [])[:_MOST_ERRORS]]
    return "\n".join(line[:LONGEST_TEXT] for line in lines)


def _cut(value: JsonValue) -> JsonValue:
    match value:
        case str() if len(value) > LONGEST_TEXT:
            return value[:LONGEST_TEXT] + "…"
        case list():
            return [_cut(one) for one in value[:MOST_ITEMS]]
        case dict():
            return {name: _cut(one) for name, one in value.items()}
        case _:
            return value
