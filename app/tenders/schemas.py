"""Tenders on the wire."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.kit.schemas import OutSchema, clean_text
from app.models.tender import TenderStatus
from scrapers.records import TenderRecord

SERVER_FIELDS = frozenset({
    "external_id", "ocid", "status", "version", "region", "published_at", "deadline_at", "source", "created_at",
    "updated_at", "simplified_access", "simplified_grounds",
})  # fmt: skip
"""Fields of an answer that come from columns; a field of the record with such a name is kept, but not shown."""

_DEEPEST = 20
_LONGEST_INTEGER_BITS = 63
Category = Literal["works", "goods", "services"]
Sector = Literal["public", "private"]


def check_json(value: object, depth: int = 0) -> None:
    """Refuse what PostgreSQL or a JSON reader could not take back: NUL, huge numbers, infinities, deep nesting."""
    if depth > _DEEPEST:
        raise PydanticCustomError("too_deep", "is nested deeper than 20 levels")
    match value:
        case str():
            clean_text(value)
        case bool() | None:
            pass
        case int() if value.bit_length() > _LONGEST_INTEGER_BITS:
            raise PydanticCustomError("unstorable_number", "is a whole number of more than 63 bits")
        case float() if not math.isfinite(value):
            raise PydanticCustomError("unstorable_number", "is not a finite number")
        case dict():
            for key, item in value.items():
                check_json(key, depth + 1)
                check_json(item, depth + 1)
        case list() | tuple():
            for item in value:
                check_json(item, depth + 1)
        case _:
            pass


class TenderBody(TenderRecord):
    """A call as its owner writes it: the flat tender contract. ``id`` is the owner's own reference of it.

    Unknown fields are kept. A date without a time is the end (``deadline``) or the start (``published``) of that day
    in the zone of ``country``. What only the server writes (``version``, ``ocid`` ...) is ignored, so that an answer
    may be changed and sent back.
    """

    @model_validator(mode="before")
    @classmethod
    def _own(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if name in cls.model_fields or name not in SERVER_FIELDS}

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        check_json(value)
        return value

    @model_validator(mode="after")
    def _storable_extra(self) -> Self:
        check_json(self.model_extra)
        return self

    @model_validator(mode="after")
    def _private_if_a_part(self) -> Self:
        if self.part_of is not None and self.sector != "private":
            raise PydanticCustomError("subcontract_private", "invites subcontractors: its sector must be `private`")
        return self


class NewTender(TenderBody):
    """A call to be entered."""

    status: Literal["draft", "published"] = Field(
        default="draft", description="`draft` is seen by its owner only until it is published."
    )


class _Part(OutSchema):
    """A nested object; what is unknown of it is left out."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        from_attributes=True, extra="allow", json_schema_serialization_defaults_required=False
    )


class MoneyOut(_Part):
    """An amount of money."""

    amount: float | str = Field(description="A number; digits as text where a number would lose some.")
    currency: str = Field(description="ISO 4217.")


class BuyerOut(_Part):
    """Who buys."""

    id: str | None = None
    name: str | None = None


class LotOut(_Part):
    """A part that can be bid for alone."""

    id: str
    title: str
    description: str = ""
    cpv: list[str] = Field(default_factory=list)
    value: MoneyOut | None = None


class PartOfOut(_Part):
    """The larger contract that a call invites subcontractors for."""

    id: str | None = Field(default=None, description="The larger call's, here or at its source.")
    title: str | None = None
    buyer: str | None = None
    role: Literal["winner", "bidder"] | None = Field(
        default=None, description="Whether who calls won it or bids for it, by its own word."
    )


class SourceOut(OutSchema):
    """Where a notice comes from; show ``attribution`` wherever you show the notice."""

    name: str
    title: str
    licence: str | None
    attribution: str | None


class TenderSummary(OutSchema):
    """A call in a list."""

    id: uuid.UUID
    external_id: str = Field(description="The `id` of the flat contract: the owner's or the portal's reference.")
    ocid: str
    status: TenderStatus
    version: int
    title: str
    buyer: BuyerOut | None
    sector: Sector | None
    category: Category | None
    procedure: str | None
    cpv: list[str]
    place: str | None
    region: str | None = Field(description="The region that `place` lies in, where that could be told.")
    country: str | None
    value: MoneyOut | None
    reserved_sme: bool | None
    simplified_access: bool | None = Field(
        description="Whether a young firm can enter it without references; `null` is unknown."
    )
    simplified_grounds: list[str] = Field(
        description="Why (docs/eligibility.md): `simplified_call`, `reserved_sme` ..."
    )
    part_of: PartOfOut | None = Field(description="For a call for subcontractors: the larger contract.")
    language: str | None
    url: str | None
    published_at: dt.datetime | None
    deadline_at: dt.datetime | None
    source: SourceOut | None
    updated_at: dt.datetime


class TenderOut(TenderSummary):
    """A call. Fields beyond these are those its record came with."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        from_attributes=True, extra="allow", json_schema_serialization_defaults_required=True
    )

    description: str
    activities: list[str]
    bond: MoneyOut | None
    lots: list[LotOut]
    published: str | None = Field(description="As it was given: an instant or a day (ISO 8601).")
    deadline: str | None = Field(description="As it was given: an instant or a day (ISO 8601).")
    created_at: dt.datetime


class Change(OutSchema):
    """What a field said before and says now; `null` for nothing."""

    old: JsonValue
    new: JsonValue


class VersionOut(OutSchema):
    """One version of a call."""

    version: int
    status: TenderStatus
    created_at: dt.datetime
    changes: dict[str, Change] = Field(description="By field; empty for the first version.")
    record: dict[str, JsonValue] = Field(description="The flat record as this version had it.")


class TenderChange(OutSchema):
    """A call that is new, changed or gone since the reader last asked."""

    operation: Literal["upsert", "delete"] = Field(
        description="`delete`: the call was withdrawn, forget it; `upsert`: read it again, whatever its status."
    )
    id: uuid.UUID
    version: int
    status: TenderStatus
    changed_at: dt.datetime


def _checked(patch: object) -> object:
    check_json(patch)
    return patch


MergePatch = Annotated[dict[str, JsonValue], BeforeValidator(_checked)]
