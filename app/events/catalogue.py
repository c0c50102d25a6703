"""Every type of event, and its JSON Schema."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from pydantic import Field, JsonValue

from app.events.schemas.base import EventData
from app.events.schemas.matches import DeadlineSoon, MatchCreated, MatchUpdated, MatchWithdrawn, ShortlistInvited
from app.events.schemas.operations import ImportFinished, SourceDrifting, SourceRecovered
from app.events.schemas.tenders import (
    TenderAwarded,
    TenderCancelled,
    TenderDeadlineMoved,
    TenderPublished,
    TenderSimplifiedAccess,
    TenderUpdated,
)
from app.kit.schemas import OutSchema

EventType: TypeAlias = Literal[
    "match.created",
    "match.updated",
    "match.withdrawn",
    "tender.published",
    "tender.updated",
    "tender.deadline_moved",
    "tender.cancelled",
    "tender.awarded",
    "tender.simplified_access",
    "deadline.soon",
    "shortlist.invited",
    "source.drifting",
    "source.recovered",
    "import.finished",
]
_MODELS: Final[tuple[type[EventData], ...]] = (
    MatchCreated,
    MatchUpdated,
    MatchWithdrawn,
    TenderPublished,
    TenderUpdated,
    TenderDeadlineMoved,
    TenderCancelled,
    TenderAwarded,
    TenderSimplifiedAccess,
    DeadlineSoon,
    ShortlistInvited,
    SourceDrifting,
    SourceRecovered,
    ImportFinished,
)
CATALOGUE: Final[Mapping[str, type[EventData]]] = MappingProxyType({model.type: model for model in _MODELS})
"""What the ``data`` of each type holds, in the order of the pages."""

EVENT_TYPES: Final[tuple[EventType, ...]] = get_args(EventType)
MAX_PAYLOAD_BYTES: Final = 19_000
"""The ``data`` of an event stays under this, so that a whole delivery stays under the 20 kB of Standard Webhooks."""


class Envelope(OutSchema):
    """An event as it goes out, by whichever channel; `type` says what `data` holds."""

    id: uuid.UUID = Field(description="The same however often and by whichever way an event is told to you.")
    sequence: int = Field(
        description="Of two events of one thing, the larger is the later; most numbers are not yours to see."
    )
    type: EventType
    timestamp: dt.datetime = Field(description="When it happened.")
    data: dict[str, JsonValue] = Field(description="See docs/webhooks.md and the JSON Schema of the type.")


def json_schema_of(kind: str) -> dict[str, JsonValue]:
    """The JSON Schema (2020-12) of a whole event of one type."""
    model = CATALOGUE[kind]
    whole = Envelope.model_json_schema(mode="serialization")
    data = model.model_json_schema(mode="serialization")
    definitions = data.pop("$defs", {})
    data.pop("title", None)
    whole["properties"]["type"] = {"const": kind}
    whole["properties"]["data"] = data
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **whole,
        "title": kind,
        "description": (model.__doc__ or "").strip().partition("\n")[0],
        "$defs": definitions,
    }


def example_of(kind: str) -> dict[str, JsonValue]:
    """A whole event of one type, as it goes out."""
    return {
        "id": "019ab1f0-0000-7000-8000-00000000000e",
        "sequence": 4711,
        "type": kind,
        "timestamp": "2026-11-22T08:30:00Z",
        "data": CATALOGUE[kind].example,
    }
