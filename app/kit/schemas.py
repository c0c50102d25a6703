"""Bases of the wire schemas: strict on what comes in, complete on what goes out."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, field_validator, model_validator
from pydantic_core import PydanticCustomError

MAX_DEPTH = 100
"""How deep a body may be nested: no contract of ours comes near it, and Python's stack ends at a thousand."""


def clean_text(text: str) -> str:
    """The text as it came; an error for what PostgreSQL can't store: NUL, and halves of surrogate pairs."""
    if "\0" in text or (not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)):
        raise PydanticCustomError("unstorable_text", "contains NUL or half of a surrogate pair")
    return text


def check_strings(value: object, depth: int = 0) -> None:
    """Refuse what :func:`clean_text` does, wherever it stands in a JSON value, and what is nested too deeply."""
    if depth > MAX_DEPTH:
        raise PydanticCustomError("too_deep", "is nested too deeply")
    if isinstance(value, str):
        clean_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_strings(key, depth + 1)
            check_strings(item, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            check_strings(item, depth + 1)


def _to_utc(value: dt.datetime) -> dt.datetime:
    try:
        return value.astimezone(dt.UTC)
    except OverflowError as error:
        raise PydanticCustomError("instant_out_of_range", "is outside the years 1 to 9999 in UTC") from error


CleanStr = Annotated[str, AfterValidator(clean_text)]
"""A string of a path or a query that reaches the database."""

UtcDatetime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An instant; an input without a zone is refused, any zone is brought to UTC."""


class Schema(BaseModel):
    """Base of request bodies: unknown fields are refused, and so are characters that the database can't keep."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", from_attributes=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        check_strings(value)
        return value


class OpenSchema(Schema):
    """Base of the bulk and flat formats: unknown fields are kept in ``model_extra``, not dropped and not refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", from_attributes=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _storable_extra(self) -> Self:
        check_strings(self.model_extra)
        return self


class OutSchema(BaseModel):
    """Base of answers: read from rows or dataclasses, every field always present (so it is ``required`` in OpenAPI)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        from_attributes=True, json_schema_serialization_defaults_required=True
    )
