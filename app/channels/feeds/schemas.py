"""Feeds on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.i18n import Lang
from app.kit.schemas import OutSchema, Schema
from app.models.feed import FeedSelection


class FeedIn(Schema):
    """A new feed."""

    selection: FeedSelection = Field(
        description="`startup`: the matches of one startup. `cohort`: those of every startup that your organisation "
        "brought in or owns. `simplified_access`: every call of that lane, whomever it fits. `search`: what a kept "
        "search finds (`/v1/searches`), but for its filter of eligibility."
    )
    startup_id: uuid.UUID | None = Field(default=None, description="For `startup` alone.")
    search_id: uuid.UUID | None = Field(default=None, description="For `search` alone.")
    language: Lang = Field(description="What the feed is written in; calls stay in their own language.")

    @model_validator(mode="after")
    def _one_startup(self) -> Self:
        if (self.selection is FeedSelection.STARTUP) != (self.startup_id is not None):
            raise PydanticCustomError("feed_startup", "needs `startup_id` for a startup's feed, and for no other")
        return self

    @model_validator(mode="after")
    def _one_search(self) -> Self:
        if (self.selection is FeedSelection.SEARCH) != (self.search_id is not None):
            raise PydanticCustomError("feed_search", "needs `search_id` for a search's feed, and for no other")
        return self


class FeedOut(OutSchema):
    """A feed, without its address."""

    id: uuid.UUID
    selection: FeedSelection
    startup_id: uuid.UUID | None
    search_id: uuid.UUID | None
    language: Lang
    hint: str = Field(description="How its token begins, to tell its address from others.")
    created_at: dt.datetime


class FeedWithAddress(FeedOut):
    """A feed just made. Whoever has its address reads it: it is shown this once."""

    atom: str = Field(description="For feed readers.")
    calendar: str = Field(description="For calendars (iCalendar): the deadlines alone.")
