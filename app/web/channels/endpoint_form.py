"""The form of an endpoint: flat fields, of which the filters of the API are made."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.channels.webhooks.schemas import Alerts, Amount, Rate, Types, Url, ValueFilter, WebhookFilters, WebhookOut
from app.kit.i18n import HOME_CURRENCY
from app.web.forms import Form, filled


class EndpointForm(BaseModel):
    """What the form asks for."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    description: str = Field(default="", max_length=200)
    types: Types = []
    grades: list[Literal["strong", "good", "possible"]] = []
    sectors: list[Literal["public", "private"]] = []
    categories: list[Literal["works", "goods", "services"]] = []
    simplified_access: bool = False
    cohort: bool = False
    min_amount: Amount | None = None
    max_amount: Amount | None = None
    rate_per_second: Rate | None = None
    alerts_per_day: Alerts | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min_amount is not None and self.max_amount is not None and self.min_amount > self.max_amount:
            raise PydanticCustomError("range_reversed", "`min_amount` is larger than `max_amount`")
        return self

    def wanted(self, kept: WebhookFilters | None = None) -> dict[str, object]:
        """The fields of a new or changed endpoint. ``kept``: its filters so far, for those that the form has not."""
        value: ValueFilter | None = None
        if self.min_amount is not None or self.max_amount is not None:
            currency = kept.value.currency if kept is not None and kept.value is not None else HOME_CURRENCY
            value = ValueFilter(min_amount=self.min_amount, max_amount=self.max_amount, currency=currency)
        filters = (kept or WebhookFilters()).model_copy(
            update={
                "grades": self.grades, "sectors": self.sectors, "categories": self.categories, "cohort": self.cohort,
                "simplified_access": True if self.simplified_access else None, "value": value,
            }
        )  # fmt: skip
        return {
            "url": self.url, "description": self.description, "types": self.types, "filters": filters,
            "rate_per_second": self.rate_per_second, "alerts_per_day": self.alerts_per_day,
        }  # fmt: skip


def form_of(endpoint: WebhookOut) -> Form:
    """The form filled with what an endpoint is."""
    filters = endpoint.filters
    value = filters.value
    return filled(
        url=endpoint.url,
        description=endpoint.description,
        types=endpoint.types,
        grades=filters.grades,
        sectors=filters.sectors,
        categories=filters.categories,
        simplified_access="true" if filters.simplified_access else None,
        cohort="true" if filters.cohort else None,
        min_amount=_plain(value.min_amount if value else None),
        max_amount=_plain(value.max_amount if value else None),
        rate_per_second=endpoint.rate_per_second,
        alerts_per_day=endpoint.alerts_per_day,
    )


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")
