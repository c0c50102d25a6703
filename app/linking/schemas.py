"""Links on the wire."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import Field

from app.kit.schemas import OutSchema
from app.models.tender import TenderStatus
from app.models.tender_link import LinkState, LinkStrength


class LinkedTender(OutSchema):
    """The other tender of a link."""

    id: uuid.UUID
    title: str
    status: TenderStatus
    url: str | None
    source: str | None
    source_title: str | None
    attribution: str | None = Field(description="Show it wherever you show the notice.")


class LinkOut(OutSchema):
    """That two tenders (may) be one call, and what says so."""

    strength: LinkStrength = Field(
        description="`exact` joins two tenders; `strong` and `possible` are for a person to look at."
    )
    rule: str
    evidence: dict[str, str] = Field(description="What agreed, as it is written; two wordings are joined by ` = `.")
    state: LinkState
    decided_at: dt.datetime | None
    tender: LinkedTender


class LinksOut(OutSchema):
    """What is known of a tender elsewhere."""

    duplicate_of: uuid.UUID | None = Field(description="The tender that stands for this call in lists and matches.")
    cancelled_by: uuid.UUID | None = Field(description="The tender whose publisher says that the call was cancelled.")
    items: list[LinkOut]


class ReviewedLink(OutSchema):
    """A link for a person to look at."""

    one_id: uuid.UUID
    one_title: str
    other_id: uuid.UUID
    other_title: str
    strength: LinkStrength
    rule: str
    evidence: dict[str, str]
    state: LinkState
    decided_at: dt.datetime | None
