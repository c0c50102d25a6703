"""The trail on the wire."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import Field, JsonValue

from app.kit.schemas import OutSchema
from app.models.audit_entry import AuditAction


class AuditEntryOut(OutSchema):
    """One step of the trail; `hash` is over all of it but itself (docs/openness.md)."""

    tender_id: uuid.UUID
    number: int = Field(description="From 1, without gaps.")
    action: AuditAction
    at: dt.datetime
    organisation_id: uuid.UUID = Field(description="Whose key it was.")
    key_id: uuid.UUID
    tender_version: int = Field(description="What the call said then.")
    details: dict[str, JsonValue] = Field(
        description="What was seen or done; lists are in the order they were shown in."
    )
    previous: str = Field(description="The `hash` of the entry before, in hexadecimal; zeros before the first.")
    hash: str = Field(description="SHA-256, in hexadecimal.")


class FrozenOut(OutSchema):
    """A frozen list of candidates: the entry that keeps it, and the hash that dates it."""

    entry: AuditEntryOut
    candidates: int
    list_hash: str = Field(description="SHA-256 of the list's canonical JSON, in hexadecimal.")
