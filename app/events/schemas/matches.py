"""What events of matches say. Ids of startups, never their content: an event that was sent can't be taken back."""

from __future__ import annotations

import uuid
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from app.events.schemas.base import TENDER_EXAMPLE, EventData, TenderBrief

Grade = Literal["strong", "good", "possible"]
Side = Literal["startup", "tender"]

_STARTUP = "019ab1f0-0000-7000-8000-000000000002"
_MATCH = "019ab1f0-0000-7000-8000-000000000003"
_EXAMPLE: dict[str, JsonValue] = {
    "side": "startup",
    "match_id": _MATCH,
    "startup_id": _STARTUP,
    "lot_id": None,
    "score": 3.4,
    "grade": "strong",
    "tender": TENDER_EXAMPLE,
}


class _OfMatch(EventData):
    side: Side = Field(description="Which side of the match you hear this as.")
    match_id: uuid.UUID
    startup_id: uuid.UUID
    lot_id: str | None = Field(description="The lot that fits best; null where the tender as a whole does.")
    tender: TenderBrief


class _Standing(_OfMatch):
    score: float
    grade: Grade


class MatchCreated(_Standing):
    """A startup and a call fit, and the match is among the best of one of the two.

    The startup's own organisation and the one that registered it hear of it; the buyer that posted or imported the call
    does as well once the startup is listed. Calls collected from portals have no buyer here that could hear of it.
    """

    type: ClassVar[str] = "match.created"
    example: ClassVar[dict[str, JsonValue]] = _EXAMPLE


class MatchUpdated(_Standing):
    """The grade of a match changed. A new ranking that leaves the grade as it was makes no event."""

    type: ClassVar[str] = "match.updated"
    example: ClassVar[dict[str, JsonValue]] = {**_EXAMPLE, "old_grade": "good"}

    old_grade: Grade


class MatchWithdrawn(_OfMatch):
    """A match that you were told of holds no more."""

    type: ClassVar[str] = "match.withdrawn"
    example: ClassVar[dict[str, JsonValue]] = {
        name: value for name, value in _EXAMPLE.items() if name not in {"score", "grade"}
    } | {"old_grade": "strong", "because": "reranked"}

    old_grade: Grade
    because: Literal["reranked", "deadline_passed", "startup_hidden"] = Field(
        description="`reranked`: one of the two changed or ended, or better ones took the place; `deadline_passed`; "
        "`startup_hidden`: the startup is listed no more."
    )


class DeadlineSoon(_Standing):
    """The deadline of a call that a startup has a match with is near: `SAFQA_DEADLINE_LEAD_HOURS`, three days at first.

    The startup's side hears of it, once per deadline: one that moves is told of again when it is near. For a call that
    it dismissed, it does not come.
    """

    type: ClassVar[str] = "deadline.soon"
    example: ClassVar[dict[str, JsonValue]] = _EXAMPLE


class ShortlistInvited(EventData):
    """A buyer invited a startup to answer its call. The invitation's note is read from the startup's invitations."""

    type: ClassVar[str] = "shortlist.invited"
    example: ClassVar[dict[str, JsonValue]] = {"startup_id": _STARTUP, "tender": TENDER_EXAMPLE}

    startup_id: uuid.UUID
    tender: TenderBrief
