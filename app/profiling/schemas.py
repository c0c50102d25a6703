"""Proposals for a profile on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.kit.schemas import OutSchema, Schema
from app.models.profile_proposal import ProposalOrigin, ProposalState
from scrapers.fields import SHORT, Language, LongText, Url, Word


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        wanted = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
        _ = parts.port
    except ValueError:
        wanted = False
    if not wanted or not text.isprintable() or " " in text:
        raise PydanticCustomError("address_refused", "is no http or https address of a public host")
    return text


class WebsiteIn(Schema):
    """The website to read."""

    url: Annotated[Url, AfterValidator(_web_address)] | None = Field(
        default=None, description="Left out: the `website` of the profile."
    )


class ProfileFields(Schema):
    """The fields that a proposal may hold."""

    description: LongText | None = None
    technologies: Annotated[list[Word], Field(max_length=SHORT)] | None = None
    sectors: Annotated[list[Word], Field(max_length=SHORT)] | None = None
    regions: Annotated[list[Word], Field(max_length=SHORT)] | None = None
    languages: Annotated[list[Language], Field(max_length=SHORT)] | None = None


class ConfirmationIn(Schema):
    """The owner's word."""

    edits: ProfileFields = Field(
        default_factory=ProfileFields,
        description="A field that is given here counts instead of the proposed one; `null` leaves the profile's as it "
        "is. Fields that are not given count as proposed: lists are added to those of the profile.",
    )


class Evidence(OutSchema):
    """A passage that says a value."""

    field: str
    value: str = Field(description="For a description, its beginning.")
    place: str = Field(description="The page's address, or `page 3` of a deck.")
    quote: str
    concept: str | None = Field(default=None, description="The subject of the lexicon that the words stand for.")


class ReadOut(OutSchema):
    """Something that was read."""

    address: str
    at: dt.datetime
    sha256: str


class ProposalOut(OutSchema):
    """A proposal, where it comes from and what became of it."""

    id: uuid.UUID
    startup_id: uuid.UUID
    origin: ProposalOrigin
    state: ProposalState = Field(description="It counts once it is `confirmed`, and not before.")
    address: str = Field(description="The website, or the name of the deck.")
    proposed: ProfileFields
    evidence: list[Evidence]
    read: list[ReadOut]
    problem_code: str | None = Field(
        description="Why there is none: `robots`, `address`, `unavailable`, `too_large`, `redirects`, `no_page`, "
        "`no_text`, `disabled`, `gave_up`."
    )
    problem: str | None = Field(description="The same in one English line.")
    profile_version: int | None = Field(description="The version of the profile that it became.")
    created_at: dt.datetime
    finished_at: dt.datetime | None
    decided_at: dt.datetime | None
