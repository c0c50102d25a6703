"""What events of running the installation say: sources that drift, imports that end."""

from __future__ import annotations

import uuid
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from app.events.schemas.base import EventData
from app.kit.schemas import OutSchema

_SOURCE: dict[str, JsonValue] = {"source": "fictional_portal", "title": "Portail fictif"}


class DriftingField(OutSchema):
    """A field that a portal fills less than it used to; `yield` stands for the number of its notices."""

    field: str
    before: float = Field(description="Part of the notices that had it; for `yield`, notices per run.")
    now: float


class SourceDrifting(EventData):
    """What a portal sends is not what it used to be: its pages may have changed. Operators hear of it.

    It comes when a field begins to drift, not with every run that finds it drifting still.
    """

    type: ClassVar[str] = "source.drifting"
    example: ClassVar[dict[str, JsonValue]] = {
        **_SOURCE,
        "drift": [{"field": "deadline", "before": 0.98, "now": 0.11}],
    }

    source: str
    title: str
    drift: list[DriftingField] = Field(description="All fields that drift now.")


class SourceRecovered(EventData):
    """A portal that drifted does so no more, or a person has taken what it sends for usual. Operators hear of it."""

    type: ClassVar[str] = "source.recovered"
    example: ClassVar[dict[str, JsonValue]] = {**_SOURCE, "accepted": False}

    source: str
    title: str
    accepted: bool = Field(description="A person restarted the source and took what changed for usual.")


class ImportFinished(EventData):
    """A bulk import ended, well or with a problem. The organisation that started it hears of it."""

    type: ClassVar[str] = "import.finished"
    example: ClassVar[dict[str, JsonValue]] = {
        "import_id": "019ab1f0-0000-7000-8000-000000000004",
        "kind": "startups",
        "state": "finished",
        "seen": 1200,
        "created": 1100,
        "updated": 60,
        "unchanged": 38,
        "rejected": 2,
        "problem_code": None,
    }

    import_id: uuid.UUID
    kind: Literal["startups", "tenders"]
    state: Literal["finished", "failed"]
    seen: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    problem_code: str | None = Field(description="Why the file as a whole was given up, as a stable code.")
