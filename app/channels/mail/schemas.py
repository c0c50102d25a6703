"""Subscriptions and letters on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal, TypeAlias
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.kit.i18n import Lang
from app.kit.mail_address import MailAddress
from app.kit.schemas import OutSchema, Schema
from app.models.digest import DigestEvery, DigestState, LetterKind, LetterState

Grade: TypeAlias = Literal["strong", "good", "possible"]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("unknown_zone", "is not the name of a time zone")
    return name


Zone: TypeAlias = Annotated[str, Field(max_length=60, description="IANA time zone."), AfterValidator(_known_zone)]
Weekday: TypeAlias = Annotated[int, Field(ge=1, le=7, description="Of weekly digests; 1 is Monday.")]
Hour: TypeAlias = Annotated[int, Field(ge=0, le=23, description="In the zone.")]


class DigestIn(Schema):
    """A new subscription."""

    address: MailAddress = Field(description="Its owner gets one mail, and nothing else before confirming.")
    startup_id: uuid.UUID | None = Field(
        default=None, description="Of which startup; null: of all that your organisation registered."
    )
    search_id: uuid.UUID | None = Field(
        default=None,
        description="A search that your organisation keeps of a startup's matches: only what passes its filters, but "
        "for `eligibility`. Instead of `startup_id`.",
    )
    lang: Lang = "fr"
    every: DigestEvery = DigestEvery.DAILY
    weekday: Weekday = 1
    hour: Hour = 8
    zone: Zone = "Africa/Casablanca"
    min_grade: Grade = "good"


class DigestChange(Schema):
    """What may change; fields that are left out stay."""

    lang: Lang | None = None
    every: DigestEvery | None = None
    weekday: Weekday | None = None
    hour: Hour | None = None
    zone: Zone | None = None
    min_grade: Grade | None = None


class DigestOut(OutSchema):
    """A subscription."""

    id: uuid.UUID
    address: str
    startup_id: uuid.UUID | None
    search_id: uuid.UUID | None
    lang: Lang
    every: DigestEvery
    weekday: int
    hour: int
    zone: str
    min_grade: Grade
    state: DigestState = Field(
        description="`pending` until the owner of the address confirms; `confirmed`; `unsubscribed` by the owner of "
        "the address; `refused` for good by its mail server."
    )
    state_since: dt.datetime
    next_at: dt.datetime | None = Field(description="When the next digest is made; null when none is.")
    created_at: dt.datetime
    updated_at: dt.datetime


class LetterOut(OutSchema):
    """One mail."""

    id: uuid.UUID
    kind: LetterKind
    state: LetterState = Field(
        description="`queued`, `sending`, `sent` (accepted by the mail server), `failed`, `dropped` (nothing left to "
        "say); `uncertain`: the connection was lost before the server said whether it accepted it; not sent again."
    )
    attempts: int
    answer: str | None = Field(description="The codes of the mail server's last answer, or what went wrong.")
    created_at: dt.datetime
    finished_at: dt.datetime | None


class DigestWithLetters(DigestOut):
    """A subscription with its latest twenty letters."""

    letters: list[LetterOut]
