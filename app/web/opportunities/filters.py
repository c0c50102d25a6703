"""The filters of both lists as a page shows them: a form, chips to take one away, and addresses that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from fastapi import Request

from app.kit.i18n import HOME_CURRENCY, Lang, format_number, translate, translate_count
from app.models.saved_search import SearchList
from app.searches.asked import Asked
from app.tenders.place_names import region_in
from app.tenders.regions import regions
from app.web.forms import Form, read

_WORDS: Final = "web.opportunities"
GRADES: Final = ("strong", "good", "possible")
CATEGORIES: Final = ("works", "goods", "services")
SECTORS: Final = ("public", "private")
OUTCOMES: Final = ("pass", "unknown", "fail")
DAYS: Final = (7, 15, 30, 60)
STATES: Final = ("open", "over", "awarded", "cancelled", "any")
ORDERS: Final = {SearchList.MATCHES: ("fit", "deadline"), SearchList.TENDERS: ("fit", "deadline", "newest")}


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter in words, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is asked for. ``asked`` is ``None`` where that could not be understood; ``form`` says why.

    ``keep``: fields of the address that are no filters (the startup).
    """

    which: SearchList
    asked: Asked | None
    form: Form
    lang: Lang
    keep: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """Where the list is."""
        return f"/{self.which.value}"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The filters as fields of an address."""
        return [] if self.asked is None else list(self.asked.told())

    @property
    def query(self) -> str:
        """The filters as one text, to keep the search by."""
        return urlencode(self.pairs)

    @property
    def href(self) -> str:
        """The address of the list's first page."""
        return self._address(self.pairs)

    @property
    def bare(self) -> str:
        """The address of the list without any filter."""
        return self._address([])

    def page(self, cursor: str | None) -> str | None:
        """The address of a later page."""
        return None if cursor is None else self._address([*self.pairs, ("cursor", cursor)])

    @property
    def chips(self) -> list[Chip]:
        """The active filters; the order of the list is none."""
        return [
            Chip(self._said(name, value), self._address([pair for pair in self.pairs if pair != (name, value)]))
            for name, value in self.pairs
            if name != "order"
        ]

    def _address(self, pairs: Sequence[tuple[str, str]]) -> str:
        told = [*self.keep, *pairs]
        return f"{self.path}?{urlencode(told)}" if told else self.path

    def _said(self, name: str, value: str) -> str:
        lang = self.lang
        match name:
            case "region":
                said = region_name(value, lang)
            case "grade":
                said = translate(f"{_WORDS}.at-least", lang, grade=translate(f"grade.{value}", lang))
            case "within":
                said = translate_count(f"{_WORDS}.within", lang, int(value))
            case "min_value" | "max_value":
                amount = format_number(Decimal(value), lang)
                said = translate(f"{_WORDS}.{name.replace('_', '-')}-is", lang, amount=amount, currency=HOME_CURRENCY)
            case "q":
                said = translate(f"{_WORDS}.words", lang, words=value)
            case "eligibility":
                said = translate(f"web.eligibility.{value}", lang)
            case _:
                said = translate(f"{_WORDS}.{name}.{value}", lang)
        return said

    @property
    def active(self) -> int:
        """How many filters are active, beside the words."""
        return sum(name not in {"order", "q"} for name, _ in self.pairs)

    def choices(self, name: str) -> list[tuple[str, str]]:
        """The values of a field, each with its words."""
        match name:
            case "region":
                return [(region.name_fr, region_name(region.name_fr, self.lang)) for region in regions()]
            case "grade":
                return [(grade, translate(f"grade.{grade}", self.lang)) for grade in GRADES]
            case "eligibility":
                return [(outcome, translate(f"web.eligibility.{outcome}", self.lang)) for outcome in OUTCOMES]
            case "within":
                return [(str(days), translate_count(f"{_WORDS}.within", self.lang, days)) for days in DAYS]
            case "order":
                return [(order, translate(f"{_WORDS}.order.{order}", self.lang)) for order in ORDERS[self.which]]
            case _:
                closed = {
                    "category": CATEGORIES, "sector": SECTORS, "state": STATES, "decided": ("true", "false"),
                    "simplified": ("true", "false"),
                }  # fmt: skip
                return [(value, translate(f"{_WORDS}.{name}.{value}", self.lang)) for value in closed[name]]


def filters_of(request: Request, which: SearchList, keep: Sequence[tuple[str, str]] = ()) -> Filters:
    """The filters that an address carries."""
    values: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        values.setdefault(name, []).append(value)
    lang: Lang = request.state.visitor.lang
    asked, form = read(Asked, Form(values), lang)
    return Filters(which, None if asked is None else asked.of(which), form, lang, tuple(keep))


def region_name(french: str, lang: Lang) -> str:
    """A region as the language calls it."""
    return next((region_in(region, lang) for region in regions() if region.name_fr == french), french)
