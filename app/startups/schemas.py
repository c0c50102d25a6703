"""Startups on the wire: the flat contract in, the whole profile or its public part out."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, JsonValue, model_validator

from app.kit.schemas import OutSchema, Schema
from scrapers.records import StartupRecord

SERVER_FIELDS = frozenset({
    "view", "external_id", "version", "registrar_id", "owner_id", "listed", "agreed_at", "created_at", "updated_at",
})  # fmt: skip
"""Fields of an answer that come from columns; a field of a record with such a name is kept, but not shown."""


class StartupIn(StartupRecord):
    """A startup in the flat format of bulk imports. `id` is your own id of it. Fields we don't know are kept.

    What only the server writes (`version`, `listed` ...) is ignored, so that an answer may be changed and sent back.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "atlas-irrigation",
                    "name": "Atlas Irrigation",
                    "description": "Capteurs et pilotage de l'irrigation goutte à goutte.",
                    "sectors": ["agritech"],
                    "technologies": ["LoRaWAN", "IoT"],
                    "regions": ["Souss-Massa"],
                    "country": "MA",
                    "languages": ["fr", "ar"],
                    "employees": 12,
                }
            ]
        },
    )

    @model_validator(mode="before")
    @classmethod
    def _without_server_fields(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if name not in SERVER_FIELDS}


class StartupMoney(OutSchema):
    """An amount and its ISO 4217 currency."""

    model_config = ConfigDict(extra="allow")

    amount: float | str = Field(description="A number; digits as text where a number would lose some.")
    currency: str


class StartupLabel(OutSchema):
    """A label and who gave it."""

    name: str
    issuer: str | None = None


class StartupLabelWhole(StartupLabel):
    """A label with all that was said of it."""

    model_config = ConfigDict(extra="allow")


class StartupReference(OutSchema):
    """The public part of a delivered contract: not its amount."""

    title: str
    buyer: str | None = None
    cpv: list[str] = Field(default_factory=list)
    place: str | None = None
    date: dt.date | None = None
    sector: str | None = None


class StartupReferenceWhole(StartupReference):
    """A delivered contract with all that was said of it."""

    model_config = ConfigDict(extra="allow")

    value: StartupMoney | None = None


class StartupPublic(OutSchema):
    """What buyers see of a listed startup. What is not named here, they never see: turnover, amounts, website,
    unknown fields, who brought it in.
    """

    view: Literal["public"] = "public"
    id: uuid.UUID
    version: int
    updated_at: dt.datetime
    name: str
    description: str = ""
    sectors: list[str] = Field(default_factory=list)
    technologies: list[str] = Field(default_factory=list)
    cpv: list[str] = Field(default_factory=list)
    regions: list[str] = Field(default_factory=list)
    city: str | None = None
    country: str | None = None
    languages: list[str] = Field(default_factory=list)
    founded: int | None = None
    employees: int | None = None
    labels: list[StartupLabel] = Field(default_factory=list)
    certifications: list[str] = Field(default_factory=list)
    references: list[StartupReference] = Field(default_factory=list)


class StartupWhole(OutSchema):
    """The whole profile, as the startup itself, who brought it in and operators see it.

    Fields beyond those named here are those its record came with.
    """

    model_config = ConfigDict(extra="allow")

    view: Literal["whole"] = "whole"
    id: uuid.UUID
    external_id: str = Field(description="The `id` of the flat format.")
    version: int
    registrar_id: uuid.UUID = Field(description="The organisation that brought the profile in.")
    owner_id: uuid.UUID | None = Field(description="The startup's own organisation, once it has taken the profile.")
    listed: bool = Field(description="Shown to buyers, and ranked for their tenders.")
    agreed_at: dt.datetime | None = Field(description="When the startup agreed to being listed.")
    created_at: dt.datetime
    updated_at: dt.datetime
    name: str
    description: str = ""
    sectors: list[str] = Field(default_factory=list)
    technologies: list[str] = Field(default_factory=list)
    cpv: list[str] = Field(default_factory=list)
    regions: list[str] = Field(default_factory=list)
    city: str | None = None
    country: str | None = None
    languages: list[str] = Field(default_factory=list)
    founded: int | None = None
    employees: int | None = None
    turnover: StartupMoney | None = None
    labels: list[StartupLabelWhole] = Field(default_factory=list)
    certifications: list[str] = Field(default_factory=list)
    references: list[StartupReferenceWhole] = Field(default_factory=list)
    website: str | None = None


StartupView: TypeAlias = Annotated[StartupWhole | StartupPublic, Discriminator("view")]


class StartupSummary(OutSchema):
    """One line of a list: public fields only."""

    id: uuid.UUID
    name: str
    country: str | None
    city: str | None
    regions: list[str]
    sectors: list[str]
    languages: list[str]
    employees: int | None
    labels: list[StartupLabel]
    certifications: list[str]
    listed: bool
    version: int
    updated_at: dt.datetime


class StartupVersionOut(OutSchema):
    """A version of a profile."""

    version: int
    author_id: uuid.UUID | None = Field(description="The organisation that wrote it.")
    created_at: dt.datetime


class StartupVersionWhole(StartupVersionOut):
    """A version of a profile and what it said, in the flat format."""

    record: dict[str, JsonValue]


class ListingIn(Schema):
    """Whether buyers shall see the startup."""

    listed: bool


class ListingOut(OutSchema):
    """Whether buyers see the startup now."""

    startup_id: uuid.UUID
    listed: bool


class ClaimOut(OutSchema):
    """A claim token just made; earlier unused ones of the same profile no longer work."""

    id: uuid.UUID
    startup_id: uuid.UUID
    token: str = Field(description="Shown this once. Give it to the startup, who sends it to `POST /v1/claims`.")
    expires_at: dt.datetime


class TakeoverIn(Schema):
    """The token that the startup was given."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class TakeoverOut(OutSchema):
    """The profile that now belongs to the caller's organisation."""

    startup_id: uuid.UUID
    agreed_at: dt.datetime
