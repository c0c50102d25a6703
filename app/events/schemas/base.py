"""What the ``data`` of several events hold."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from pydantic import Field, JsonValue

from app.kit.schemas import OutSchema


class EventData(OutSchema):
    """Base of the ``data`` of events. ``type`` names the event; ``example`` is one as it goes out.

    The docstring of a type is its text in docs/webhooks.md.
    """

    type: ClassVar[str]
    example: ClassVar[dict[str, JsonValue]]


class Value(OutSchema):
    """An amount of money."""

    amount: float = Field(description="The amount, to the precision of a JSON number.")
    currency: str = Field(description="ISO 4217.")


class TenderBrief(OutSchema):
    """A call for tenders as its events show it: what subscriptions filter by. Read the call for the rest."""

    id: uuid.UUID
    version: int
    status: str
    title: str = Field(description="Its first 300 characters.")
    buyer: str | None = Field(description="The buyer's name, its first 300 characters.")
    country: str | None
    region: str | None
    sector: str | None
    category: str | None
    value: Value | None
    reserved_sme: bool | None
    simplified_access: bool | None = Field(description="Whether a young firm can enter it without references.")
    published_at: dt.datetime | None
    deadline_at: dt.datetime | None


class FieldChange(OutSchema):
    """What a field of the record said before and says now, each as it was given; null stands for nothing."""

    old: JsonValue
    new: JsonValue
    abridged: bool = Field(description="The two are too long for an event and were left out: read the versions.")


TENDER_EXAMPLE: dict[str, JsonValue] = {
    "id": "019ab1f0-0000-7000-8000-000000000001",
    "version": 2,
    "status": "published",
    "title": "Plateforme de suivi des chantiers communaux",
    "buyer": "Commune fictive d'Aïn Lilia",
    "country": "MA",
    "region": "Casablanca-Settat",
    "sector": "public",
    "category": "services",
    "value": {"amount": 480000.0, "currency": "MAD"},
    "reserved_sme": True,
    "simplified_access": True,
    "published_at": "2026-11-16T09:00:00Z",
    "deadline_at": "2026-12-18T10:00:00Z",
}
"""The fictional call of every example."""
