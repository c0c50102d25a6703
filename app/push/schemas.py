"""Pushed calls and their senders on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.kit.schemas import OpenSchema, OutSchema, Schema, UtcDatetime
from app.models.push import PushState
from app.push.addresses import WebAddress
from app.tenders.schemas import Sector, check_json
from scrapers.fields import LONG, SHORT, Country, Cpv, Currency, Id, Language, LongText, Title, Word
from scrapers.normalise import offset_of_day, parse_iso, to_instant

CallStatus: TypeAlias = Literal["open", "amended", "cancelled", "awarded", "closed"]
ENDED: frozenset[str] = frozenset({"cancelled", "awarded", "closed"})
MAX_DOCUMENTS = 200


def _zero_is_unknown(value: object) -> object:
    """Portals write 0 for an amount they do not know."""
    if isinstance(value, dict):
        try:
            return None if float(value.get("amount", 1)) == 0 else value
        except (TypeError, ValueError, OverflowError):
            return value
    return value


def _goods(value: object) -> object:
    return "goods" if value == "supplies" else value


class PushMoney(OpenSchema):
    """An amount as digits, and its currency."""

    amount: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\d{1,16}(\.\d{1,4})?$")]
    currency: Currency

    @field_validator("amount", mode="before")
    @classmethod
    def _digits(cls, value: object) -> object:
        """A whole number is digits too; a binary fraction is not."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Amount = Annotated[PushMoney | None, BeforeValidator(_zero_is_unknown)]
Moment = Annotated[
    dt.datetime,
    WithJsonSchema(
        {
            "type": "string",
            "description": "ISO 8601 with its offset; without one, or a day alone, only where the sender has a zone.",
        }
    ),
]


class PushBuyer(OpenSchema):
    """Who buys."""

    name: Word
    id: Id | None = None


class PushLot(OpenSchema):
    """A part of a call that can be bid for alone."""

    id: Id
    title: Title
    description: LongText = ""
    cpv: Annotated[list[Cpv], Field(max_length=SHORT)] = []
    value: Amount = None


class PushDocument(OpenSchema):
    """Where a document of the call is. It is linked, never fetched."""

    url: WebAddress
    title: Word | None = None
    sha256: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$")] = None


class PushCall(OpenSchema):
    """A call as its sender knows it. Fields that are not named here are kept as they came, contact persons apart."""

    id: Annotated[Id, StringConstraints(max_length=150)] = Field(description="The sender's own id of the call.")
    version: Annotated[int, Field(ge=1, le=2_147_483_647, strict=True)] = Field(
        description="Raised with each change; a lower version never replaces a higher one."
    )
    status: CallStatus
    title: Title
    description: LongText = ""
    buyer: PushBuyer
    country: Country | None = Field(default=None, description="ISO 3166-1; the sender's where it is left out.")
    place: Word | None = None
    sector: Sector | None = Field(default=None, description="The sender's where it is left out.")
    category: Annotated[Literal["works", "goods", "services"] | None, BeforeValidator(_goods)] = None
    procedure: Word | None = None
    cpv: Annotated[list[Cpv], Field(max_length=SHORT)] = []
    value: Amount = None
    bid_bond: Amount = None
    published: Moment | None = None
    deadline: Moment
    lots: Annotated[list[PushLot], Field(max_length=LONG)] = []
    documents: Annotated[list[PushDocument], Field(max_length=MAX_DOCUMENTS)] = []
    sme_reserved: Annotated[bool | None, Field(strict=True)] = None
    language: Language | None = None
    url: WebAddress | None = None

    @field_validator("published", "deadline", mode="before")
    @classmethod
    def _instant(cls, value: object, info: ValidationInfo) -> object:
        """An instant by its own offset, else by the sender's zone; without either it is refused."""
        if value is None:
            return None
        if not isinstance(value, str):
            raise PydanticCustomError("datetime_type", "is not an ISO 8601 date-time")
        zone: ZoneInfo | None = (info.context or {}).get("zone")
        try:
            when = parse_iso(value)
            instant, _ = to_instant(
                when, offset_of_day(value) or zone, "end" if info.field_name == "deadline" else "start"
            )
            instant.astimezone(dt.UTC)  # an instant at the edge of the calendar has no place in UTC
        except (ValueError, OverflowError) as wrong:
            code = "date_without_zone" if "zone" in str(wrong) else "datetime_parsing"
            raise PydanticCustomError(code, "{reason}", {"reason": str(wrong)}) from None
        return instant

    @field_validator("*", mode="before")
    @classmethod
    def _storable_json(cls, value: object) -> object:
        check_json(value)
        return value

    @model_validator(mode="after")
    def _storable_unknown(self) -> Self:
        check_json(self.model_extra)
        return self


class PushMessage(OpenSchema):
    """One message: an envelope as Standard Webhooks recommends, with the whole call as it stands now in `data`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "call.published",
                    "timestamp": "2026-11-20T09:00:00Z",
                    "data": {
                        "id": "call-1",
                        "version": 1,
                        "status": "open",
                        "title": "Plateforme de données agricoles",
                        "buyer": {"name": "Acheteur fictif SA"},
                        "country": "MA",
                        "deadline": "2026-12-20T16:00:00+01:00",
                    },
                }
            ]
        }
    )

    schema_version: Literal[1] = 1
    type: Annotated[str, Field(pattern=r"^call\.[a-z][a-z_]{0,40}$")] = Field(
        description="What happened, for your own records: `data.status` is what counts, and must not contradict it."
    )
    timestamp: UtcDatetime
    data: PushCall

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        named = self.type.removeprefix("call.")
        if named in ENDED and named != self.data.status:
            raise PydanticCustomError("type_contradicts_status", "type and data.status contradict each other")
        return self


def known_zone(name: str | None) -> str | None:
    """The name of a time zone, or nothing. Raises PydanticCustomError for a name of none."""
    if name is not None and name not in available_timezones():
        raise PydanticCustomError("unknown_zone", "is not the name of a time zone")
    return name


class SenderIn(Schema):
    """A new sender."""

    code: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,38}$")] = Field(
        description="Short and yours: a call `17` of the sender `portal` becomes your call `portal:17`."
    )
    name: Annotated[str, Field(min_length=1, max_length=200)]
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$", description="Of calls that name none.")] = None
    zone: Annotated[
        str | None, Field(max_length=60, description="IANA zone of times without an offset; unset, they are refused.")
    ] = None
    sector: Sector | None = Field(default=None, description="Public or private: of calls that do not say.")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return known_zone(value)


class SenderChange(Schema):
    """What may change of a sender; fields that are left out stay."""

    name: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$")] = None
    zone: Annotated[str | None, Field(max_length=60)] = None
    sector: Sector | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return known_zone(value)


class RotationIn(Schema):
    """How a secret is replaced."""

    overlap_hours: Annotated[int, Field(ge=0, le=168, description="How long the old secret is still taken.")] = 24


class SenderOut(OutSchema):
    """A sender, without its secret."""

    id: uuid.UUID
    code: str
    name: str
    country: str | None
    zone: str | None
    sector: str | None
    previous_until: dt.datetime | None = Field(description="Until when the secret before the present one is taken.")
    revoked_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class SenderWithCounts(SenderOut):
    """A sender with what became of its deliveries of the last ninety days."""

    deliveries: dict[PushState, int]


class SenderWithSecret(SenderOut):
    """A sender with a secret just made."""

    secret: str = Field(description="Shown this once. Sign each message with it (docs/push.md).")
    push_url: str = Field(description="Where the sender posts its messages.")


class FaultOut(OutSchema):
    """One thing wrong in a delivery."""

    pointer: str = Field(description="JSON pointer into the body; `#` for the whole.")
    code: str
    reason: str = Field(description="The same in English.")


class DeliveryOut(OutSchema):
    """A message that came in, and what became of it."""

    id: uuid.UUID | None = Field(description="`null` for a dry run: nothing was kept.")
    webhook_id: str
    state: PushState = Field(
        description="`queued`, then for good: `created`, `updated`, `unchanged`, `superseded` (a higher version came "
        "before) or `rejected`."
    )
    external_id: str | None
    version: int | None = Field(validation_alias="call_version")
    tender_id: uuid.UUID | None
    faults: list[FaultOut]
    received_at: dt.datetime
    finished_at: dt.datetime | None
    dry_run: bool = False
