"""Kept searches on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.kit.schemas import OutSchema, Schema
from app.models.saved_search import SearchList
from app.searches.asked import Asked

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class SearchIn(Schema):
    """A search to be kept."""

    name: Name
    list: SearchList = Field(description="`tenders`: all calls; `matches`: those that fit one of your startups.")
    startup_id: uuid.UUID | None = Field(default=None, description="For `matches` alone.")
    asked: Asked = Asked()

    @model_validator(mode="after")
    def _one_startup(self) -> Self:
        if (self.list is SearchList.MATCHES) != (self.startup_id is not None):
            raise PydanticCustomError("search_startup", "needs `startup_id` for a search of matches, and for no other")
        return self


class SearchRename(Schema):
    """Another name."""

    name: Name


class SearchKept(OutSchema):
    """A kept search."""

    id: uuid.UUID
    name: str
    list: SearchList
    startup_id: uuid.UUID | None
    asked: Asked
    opened_at: dt.datetime
    created_at: dt.datetime


class SearchOut(SearchKept):
    """A kept search in the list of all."""

    startup: str | None = Field(description="The startup's name.")
    new: int = Field(description="How many calls came in since it was last opened; counted to 100.")
