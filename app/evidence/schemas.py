"""Evidence on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, field_validator, model_validator

from app.kit.schemas import OutSchema, check_strings
from scrapers.evidence import EvidenceRecord

_SERVER_FIELDS = frozenset({"startup_id", "version", "updated_at", "files"})


class EvidenceIn(EvidenceRecord):
    """What a startup can show, whole. What only the server writes is ignored, so that an answer may be changed and
    sent back.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "legal_form": "company",
                    "turnover": [{"year": 2025, "turnover": {"amount": 2_400_000, "currency": "MAD"}}],
                    "documents": [
                        {"kind": "tax_certificate", "issuer": "DGI", "issued": "2026-10-05", "expires": "2027-10-04"}
                    ],
                    "certificates": [{"name": "ISO 9001", "scheme": "iso", "expires": "2028-01-31"}],
                    "team": [{"role": "Chef de projet", "count": 2, "years": 5}],
                    "complete": ["documents", "certificates"],
                }
            ]
        },
    )

    @model_validator(mode="before")
    @classmethod
    def _without_server_fields(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if name not in _SERVER_FIELDS}

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        check_strings(value)
        return value


class FileOut(OutSchema):
    """A file behind the evidence."""

    id: uuid.UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    created_at: dt.datetime

    @field_validator("sha256", mode="before")
    @classmethod
    def _hexadecimal(cls, value: object) -> object:
        return value.hex() if isinstance(value, bytes) else value


class EvidenceOut(OutSchema):
    """What a startup can show, in the form of its flat contract (docs/evidence.md), and the files behind it.

    Lists and fields that say nothing are left out.
    """

    model_config = ConfigDict(extra="allow")

    startup_id: uuid.UUID
    version: int = Field(description="0 where nothing was told yet.")
    updated_at: dt.datetime | None
    files: list[FileOut]


class EvidenceVersionOut(OutSchema):
    """A version of the evidence."""

    version: int
    author_id: uuid.UUID | None = Field(description="The organisation that wrote it.")
    created_at: dt.datetime


class EvidenceVersionWhole(EvidenceVersionOut):
    """A version of the evidence and what it said."""

    document: dict[str, JsonValue]


class EndingOut(OutSchema):
    """A piece of evidence with its last day."""

    list: Literal["documents", "certificates", "labels"]
    position: int = Field(description="Its place in that list, from 0.")
    kind: str | None = Field(description="Of a document: which paper it is.")
    name: str | None
    issuer: str | None
    expires: dt.date | None = Field(description="The last day on which it is valid.")
    ended: bool | None = Field(description="Whether it has ended by today; `null`: its last day is not told.")


class ExpiringOut(OutSchema):
    """What will not be valid on a day."""

    until: dt.date = Field(description="The day that was asked about, or that of the call's deadline.")
    expiring: list[EndingOut] = Field(description="What ends before that day, first first.")
    undated: list[EndingOut] = Field(description="What may have ended: its last day is not told.")
