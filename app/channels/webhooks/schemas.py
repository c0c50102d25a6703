"""Webhook endpoints and deliveries on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.events.catalogue import EventType
from app.kit.schemas import OutSchema, Schema, UtcDatetime
from app.models.webhook import DeliveryState, WebhookState

Url: TypeAlias = Annotated[str, Field(min_length=1, max_length=2_000)]
Types: TypeAlias = Annotated[
    list[EventType], Field(max_length=50, description="Types of events (docs/webhooks.md); none means all.")
]
Amount: TypeAlias = Annotated[Decimal, Field(ge=0, max_digits=24, decimal_places=4)]
Alerts: TypeAlias = Annotated[
    int,
    Field(
        ge=1,
        le=1_000,
        description="`match.created` sent at most a day (Africa/Casablanca) about one startup, or about one call of "
        "yours; null: no limit. `possible` matches take half of it at most, `possible` and `good` ones four fifths; "
        "what is over it is `withheld`.",
    ),
]
Rate: TypeAlias = Annotated[int, Field(ge=1, le=100, description="Requests per second at most; null: no limit.")]


class ValueFilter(Schema):
    """How large a call may be. What says no value, or says it in another currency, passes."""

    min_amount: Amount | None = None
    max_amount: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.")]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min_amount is None and self.max_amount is None:
            raise PydanticCustomError("bound_required", "needs `min_amount`, `max_amount` or both")
        if self.min_amount is not None and self.max_amount is not None and self.min_amount > self.max_amount:
            raise PydanticCustomError("range_reversed", "`min_amount` is larger than `max_amount`")
        return self


class WebhookFilters(Schema):
    """What of the events is wanted. Values of one list are alternatives, and all filters must agree; an event that does
    not say what a filter asks for passes it.
    """

    grades: Annotated[list[Literal["strong", "good", "possible"]], Field(max_length=3)] = []
    sectors: Annotated[list[Literal["public", "private"]], Field(max_length=2)] = []
    regions: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=50)] = Field(
        default=[], description="As calls name their `region`."
    )
    categories: Annotated[list[Literal["works", "goods", "services"]], Field(max_length=3)] = []
    startup_ids: Annotated[list[uuid.UUID], Field(max_length=200)] = []
    cohort: bool = Field(
        default=False, description="`true`: of startups, only those that your organisation registered."
    )
    value: ValueFilter | None = None
    simplified_access: bool | None = Field(
        default=None, description="Whether the call is in the lane of simplified access; null: either."
    )


class WebhookIn(Schema):
    """A new endpoint."""

    url: Url = Field(description="https, on port 443 or 80, at a public host. Redirects are not followed.")
    description: Annotated[str, Field(max_length=200)] = ""
    types: Types = []
    filters: WebhookFilters = WebhookFilters()
    rate_per_second: Rate | None = None
    alerts_per_day: Alerts | None = 10


class WebhookChange(Schema):
    """What may change; fields that are left out stay."""

    url: Url | None = None
    description: Annotated[str | None, Field(max_length=200)] = None
    types: Types | None = None
    filters: WebhookFilters | None = None
    rate_per_second: Rate | None = None
    alerts_per_day: Alerts | None = None
    enabled: bool | None = Field(
        default=None, description="`false` pauses it; `true` sends again, whoever had stopped it."
    )


class WebhookSecretRotation(Schema):
    """How a signing secret is replaced."""

    overlap_hours: Annotated[int, Field(ge=0, le=168, description="How long both secrets sign.")] = 24


class WebhookReplay(Schema):
    """What is sent again."""

    what: Literal["failed", "missed", "all"] = Field(
        default="failed",
        description="`failed`: deliveries that were given up. `missed`: those withheld, and events of which there is "
        "no delivery, because the endpoint was disabled or wanted less. `all`: both, and what was delivered already.",
    )
    since: UtcDatetime | None = Field(default=None, description="Events that happened from then on.")
    until: UtcDatetime | None = Field(default=None, description="Events that happened before.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.what != "failed" and self.since is None:
            raise PydanticCustomError("range_required", "needs `since`, unless only failed deliveries are meant")
        return self


class WebhookOut(OutSchema):
    """An endpoint, without its secret."""

    id: uuid.UUID
    url: str
    description: str
    types: list[str]
    filters: WebhookFilters
    rate_per_second: int | None
    alerts_per_day: int | None
    state: WebhookState = Field(
        description="`enabled`; `paused` by you; `gone`: it answered 410; `failing`: nothing arrived for five days."
    )
    state_since: dt.datetime
    failing_since: dt.datetime | None = Field(description="Since when each attempt has failed.")
    previous_until: dt.datetime | None = Field(description="Until when the secret before the present one signs too.")
    created_at: dt.datetime
    updated_at: dt.datetime


class WebhookWithCounts(WebhookOut):
    """An endpoint with what became of its deliveries."""

    deliveries: dict[DeliveryState, int]


class WebhookWithSecret(WebhookOut):
    """An endpoint with a secret just made."""

    secret: str = Field(description="Shown this once: check each message with it (docs/webhooks-receiving.md).")


class WebhookAttemptOut(OutSchema):
    """One request, and what came back."""

    number: int
    started_at: dt.datetime
    milliseconds: int
    status: int | None
    error: str | None = Field(description="`address`, `connect`, `timeout` or `protocol`, where no status came.")
    response: str = Field(description="The beginning of the answer.")


class WebhookDeliveryOut(OutSchema):
    """One event for one endpoint."""

    id: uuid.UUID
    event_id: uuid.UUID | None = Field(description="`null` for a ping.")
    type: str
    state: DeliveryState
    attempts: int
    due_at: dt.datetime | None = Field(description="When it is tried next; null when it is not.")
    created_at: dt.datetime
    finished_at: dt.datetime | None


class WebhookDeliveryWithAttempts(WebhookDeliveryOut):
    """A delivery with all that was tried."""

    log: list[WebhookAttemptOut]


class WebhookReplayed(OutSchema):
    """What will be sent again."""

    queued: int
