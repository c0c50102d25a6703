"""Requirements and documents of calls on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import Field, JsonValue, field_validator

from app.kit.schemas import OutSchema, Schema
from app.models.tender_requirement import DocumentState
from app.requirements.findings import Origin
from matching.requirements.findings import Kind


class RequirementOut(OutSchema):
    """Something that a call asks for, with the passage that says so."""

    kind: Kind
    clause: str = Field(description="What it is about: the same for all that tell of one thing.")
    value: JsonValue = Field(description="By its kind, see docs/requirements.md; parts that are unknown are left out.")
    source: Origin = Field(
        description="Where it is from: the owner's word, a document, a field or prose of the notice."
    )
    counts: bool = Field(description="Whether it is what holds, where several tell of one thing.")
    quote: str
    start: int = Field(description="Where the quote begins in the text of the field or document, in characters.")
    end: int
    field: str | None = Field(description="The field of the record that was read.")
    document_id: uuid.UUID | None
    page: int | None = Field(description="The page of the document, from 1.")
    confidence: float = Field(description="From 0 to 1, see docs/requirements.md.")


class DocumentLine(OutSchema):
    """A document of a call and what became of reading it."""

    id: uuid.UUID
    filename: str
    state: DocumentState = Field(description="`scanned`: it shows pictures of text, which are not read.")


class RequirementsOut(OutSchema):
    """What a call asks for, as far as it is known."""

    tender_id: uuid.UUID
    version: int = Field(description="The present version of the call.")
    state: Literal["pending", "read"] = Field(description="`pending`: something of it is still to be read.")
    read_version: int | None = Field(description="The version whose record the findings are from.")
    read_at: dt.datetime | None
    requirements: list[RequirementOut]
    unknown: list[Kind] = Field(description="Kinds of which nothing is known; that is not: nothing is asked.")
    corrected: list[Kind] = Field(description="Kinds of which the owner's word holds.")
    documents: list[DocumentLine]


class CorrectionIn(Schema):
    """What the owner says of a kind."""

    values: Annotated[list[JsonValue], Field(max_length=100)] = Field(
        description="What is asked, each a value of the kind; none dismisses what was found.",
        examples=[[{"amount": 20000, "currency": "MAD"}]],
    )


class DocumentOut(DocumentLine):
    """A document of a call, for its owner."""

    media_type: str
    size: int
    sha256: str
    reason: str | None = Field(description="Why it could not be read; of one that was, which pages are scanned.")
    created_at: dt.datetime
    read_at: dt.datetime | None

    @field_validator("sha256", mode="before")
    @classmethod
    def _hexadecimal(cls, value: object) -> object:
        return value.hex() if isinstance(value, bytes) else value


class DocumentWhole(DocumentOut):
    """A document of a call with its text."""

    text: str | None = Field(
        description="What was read, without contacts; the document itself is not kept. `null`: not read, or forgotten."
    )
