"""What events of calls say. Calls are public: whoever has a key hears of them."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, JsonValue

from app.events.schemas.base import TENDER_EXAMPLE, EventData, FieldChange, TenderBrief


class TenderPublished(EventData):
    """A call was published and can still be answered.

    It comes once for a call, when it is entered, imported or collected as published, or when its draft or its
    announcement becomes a call. One whose deadline had passed by then makes no event.
    """

    type: ClassVar[str] = "tender.published"
    example: ClassVar[dict[str, JsonValue]] = {"tender": {**TENDER_EXAMPLE, "version": 1}}

    tender: TenderBrief


class _Changed(EventData):
    tender: TenderBrief = Field(description="The call as it stands now.")
    changes: dict[str, FieldChange] = Field(description="Fields of its record by name, 15 at most.")
    more_changes: int = Field(description="How many other fields changed: read the versions of the call.")


class TenderUpdated(_Changed):
    """A published call was amended, closed or opened again.

    There is one event per version: one that says something else besides is a `tender.deadline_moved`,
    `tender.cancelled` or `tender.awarded`, with all its changes, and no `tender.updated` comes beside it. Content that
    stays the same makes no version, and so no event.
    """

    type: ClassVar[str] = "tender.updated"
    example: ClassVar[dict[str, JsonValue]] = {
        "tender": TENDER_EXAMPLE,
        "changes": {"place": {"old": None, "new": "Aïn Lilia", "abridged": False}},
        "more_changes": 0,
    }


class TenderDeadlineMoved(_Changed):
    """The deadline of a call moved, to either side; whatever else this version changed stands in `changes` too."""

    type: ClassVar[str] = "tender.deadline_moved"
    example: ClassVar[dict[str, JsonValue]] = {
        "tender": TENDER_EXAMPLE,
        "changes": {
            "deadline": {"old": "2026-12-11T11:00:00+01:00", "new": "2026-12-18T11:00:00+01:00", "abridged": False}
        },
        "more_changes": 0,
    }


class TenderCancelled(_Changed):
    """A call was cancelled or withdrawn, here or on another portal that published it: `tender.status` says which."""

    type: ClassVar[str] = "tender.cancelled"
    example: ClassVar[dict[str, JsonValue]] = {
        "tender": {**TENDER_EXAMPLE, "status": "cancelled"},
        "changes": {"status": {"old": "published", "new": "cancelled", "abridged": False}},
        "more_changes": 0,
    }


class TenderAwarded(_Changed):
    """A call was awarded, or is first heard of with its award."""

    type: ClassVar[str] = "tender.awarded"
    example: ClassVar[dict[str, JsonValue]] = {
        "tender": {**TENDER_EXAMPLE, "status": "awarded", "version": 3},
        "changes": {"status": {"old": "closed", "new": "awarded", "abridged": False}},
        "more_changes": 0,
    }


class TenderSimplifiedAccess(EventData):
    """A call that can still be answered is known to be open to a young firm without references.

    It comes once for a call: when it is published, or later, when its documents were read or it was amended. `grounds`
    says why (docs/eligibility.md). It is no legal advice, and no promise that the buyer asks nothing else.
    """

    type: ClassVar[str] = "tender.simplified_access"
    example: ClassVar[dict[str, JsonValue]] = {
        "tender": TENDER_EXAMPLE,
        "grounds": ["simplified_call", "reserved_sme"],
    }

    tender: TenderBrief
    grounds: list[str] = Field(description="`simplified_call`, `purchase_order`, `no_references`, `reserved_sme` ...")
