"""Organisations and keys on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.accounts.scopes import Scope
from app.kit.schemas import OutSchema, Schema, UtcDatetime
from app.models.organisation import OrganisationKind

Name = Annotated[str, Field(min_length=1, max_length=200)]


class OrganisationIn(Schema):
    """A new organisation."""

    kind: OrganisationKind
    name: Name
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")] = None


class OrganisationOut(OutSchema):
    """An organisation."""

    id: uuid.UUID
    kind: OrganisationKind
    name: str
    country: str | None
    fictional: bool = Field(description="Part of the sample set.")
    created_at: dt.datetime


class CallerOut(OutSchema):
    """Who the key of this request stands for."""

    organisation: OrganisationOut
    scopes: list[str]


class KeyIn(Schema):
    """A new key of the caller's organisation."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20, description="At most those of the calling key.")]
    expires_at: UtcDatetime | None = None


class KeyOut(OutSchema):
    """A key, without its token."""

    id: uuid.UUID
    name: str
    hint: str = Field(description="The start of the token, to recognise it by.")
    scopes: list[str]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


class NewKeyOut(KeyOut):
    """A key just made."""

    token: str = Field(description="Shown this once; send it as `Authorization: Bearer <token>`.")


class OrganisationWithKeyOut(OutSchema):
    """A new organisation with its first key."""

    organisation: OrganisationOut
    key: NewKeyOut
