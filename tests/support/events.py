"""Looking into the event log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from jsonschema import Draft202012Validator

from app.events.catalogue import json_schema_of
from tests.support.api import Api


@dataclass(frozen=True)
class Told:
    """A row of the log."""

    type: str
    audience: str
    organisation: str | None
    data: dict[str, Any]


async def log_of(api: Api, *types: str) -> list[Told]:
    """The events of these types (or of all), in the order they were written; each checked against its schema."""
    rows = await api.runtime.hot.fetch(
        "SELECT id::text, sequence, type, audience, organisation_id::text AS organisation, occurred_at, payload::text "
        "FROM event WHERE $1::text[] = '{}' OR type = ANY($1::text[]) ORDER BY sequence",
        list(types),
    )
    told = []
    for row in rows:
        data = orjson.loads(row["payload"])
        whole = {
            "id": row["id"],
            "sequence": row["sequence"],
            "type": row["type"],
            "timestamp": row["occurred_at"].isoformat(),
            "data": data,
        }
        schema = json_schema_of(row["type"])
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(whole)
        told.append(Told(row["type"], row["audience"], row["organisation"], data))
    return told


async def types_of(api: Api, *types: str) -> list[str]:
    """The types alone."""
    return [each.type for each in await log_of(api, *types)]
