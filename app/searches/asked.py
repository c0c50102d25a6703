"""The filters of the two lists that people look through, calls and matches, as an address carries them.

One model for both, so that a search that is kept is what was read of its address, never the address itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from app.eligibility.schemas import OutcomeName
from app.kit.i18n import HOME_CURRENCY
from app.kit.schemas import Schema
from app.matches.kept import MatchFilters
from app.matches.listing import MatchOrder
from app.matches.schemas import KeptGrade
from app.models.saved_search import SearchList
from app.models.tender import TenderStatus
from app.tenders.browse import ListOrder
from app.tenders.filters import TenderFilters
from app.tenders.regions import regions
from app.tenders.schemas import Category, Sector

MOST_DAYS: Final = 365
_SPACES = re.compile(r"[\s\u00a0\u202f]+")


CallState: TypeAlias = Literal["open", "over", "awarded", "cancelled", "any"]
AskedOrder: TypeAlias = Literal["fit", "deadline", "newest"]
"""``fit``: the best match, or what says the words best, first."""


def _plain_number(value: object) -> object:
    """An amount as people type it: with spaces between its thousands."""
    return _SPACES.sub("", value) if isinstance(value, str) else value


Amount: TypeAlias = Annotated[Decimal, BeforeValidator(_plain_number), Field(ge=0, max_digits=20, decimal_places=2)]


class Asked(Schema):
    """What is asked for; nothing, or an empty list, means any. Amounts are in dirhams, without those that are unknown.

    ``within``: days from now to the deadline.
    """

    q: Annotated[str, Field(max_length=300)] | None = None
    state: CallState = "open"
    grade: KeptGrade | None = None
    region: Annotated[list[str], Field(max_length=12)] = []
    category: Annotated[list[Category], Field(max_length=3)] = []
    sector: Sector | None = None
    min_value: Amount | None = None
    max_value: Amount | None = None
    within: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    simplified: bool | None = None
    eligibility: Annotated[list[OutcomeName], Field(max_length=3)] = []
    decided: bool | None = None
    order: AskedOrder | None = None

    @field_validator("region")
    @classmethod
    def _known(cls, given: list[str]) -> list[str]:
        known = {region.name_fr for region in regions()}
        if not known.issuperset(given):
            raise PydanticCustomError("unknown_region", "is none of the regions")
        return given

    def of(self, which: SearchList) -> Asked:
        """The same without what one of the lists can't be asked."""
        return self.model_copy(
            update={name: Asked.model_fields[name].get_default(call_default_factory=True) for name in _NOT_OF[which]}
        )

    def told(self) -> Iterator[tuple[str, str]]:
        """What is asked for as the fields of an address, in one order."""
        for name, value in self.model_dump(exclude_defaults=True).items():
            for one in value if isinstance(value, list) else [value]:
                yield name, str(one).lower() if isinstance(one, bool) else str(one)

    def tender_filters(self, now: dt.datetime) -> TenderFilters:
        """The filters of the list of calls."""
        priced = self.min_value is not None or self.max_value is not None
        return TenderFilters(
            statuses=_STATUSES[self.state],
            regions=self.region,
            categories=self.category,
            sector=self.sector,
            simplified_access=self.simplified,
            min_value=self.min_value,
            max_value=self.max_value,
            currency=HOME_CURRENCY if priced else None,
            deadline_after=now if self.within is not None else None,
            deadline_before=self._until(now),
            open_at=now if self.state == "open" else None,
            over_at=now if self.state == "over" else None,
            drafts=False,
            q=self.q,
        )

    def match_filters(self, now: dt.datetime) -> MatchFilters:
        """The filters of the list of a startup's matches."""
        priced = self.min_value is not None or self.max_value is not None
        return MatchFilters(
            grade=self.grade,
            regions=self.region,
            categories=self.category,
            sector=self.sector,
            simplified_access=self.simplified,
            min_value=self.min_value,
            max_value=self.max_value,
            currency=HOME_CURRENCY if priced else None,
            deadline_before=self._until(now),
            decided=self.decided,
        )

    @property
    def tender_order(self) -> ListOrder:
        """In which order calls come: by their words where there are any, else by deadline; the newest of past ones."""
        if self.order == "fit" or (self.order is None and self.q is not None and self.state == "open"):
            return "relevance"
        if self.order is None:
            return "deadline" if self.state == "open" else "newest"
        return "newest" if self.order == "newest" else "deadline"

    @property
    def match_order(self) -> MatchOrder:
        """In which order matches come."""
        return "deadline" if self.order == "deadline" else "score"

    def _until(self, now: dt.datetime) -> dt.datetime | None:
        return None if self.within is None else now + dt.timedelta(days=self.within)


_NOT_OF: Final = {
    SearchList.TENDERS: ("grade", "eligibility", "decided"),
    SearchList.MATCHES: ("q", "state"),
}
_STATUSES: Final[dict[CallState, tuple[TenderStatus, ...]]] = {
    "open": (TenderStatus.PUBLISHED,),
    "over": (TenderStatus.PUBLISHED, TenderStatus.CLOSED),
    "awarded": (TenderStatus.AWARDED,),
    "cancelled": (TenderStatus.CANCELLED,),
    "any": (TenderStatus.PUBLISHED, TenderStatus.CLOSED, TenderStatus.AWARDED, TenderStatus.CANCELLED),
}
