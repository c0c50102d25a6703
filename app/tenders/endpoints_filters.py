"""The query parameters of lists of calls."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Depends, Query

from app.kit.schemas import CleanStr, UtcDatetime
from app.models.tender import TenderStatus
from app.tenders.filters import TenderFilters
from app.tenders.schemas import Category, Sector

_Name = Annotated[CleanStr, Query(min_length=1, max_length=500)]
_Amount = Annotated[Decimal, Query(ge=0, max_digits=24, decimal_places=4)]
_STATUS = "May be repeated. Without it: `published`; with `owner=me`: your own in every status."
_QUERY = (
    'Full-text search: `word "a phrase" OR other -without`. Words are found in any case, accentuation and inflection, '
    "and as those of the same meaning in French, Arabic and English; a phrase as it stands."
)


def get_filters(
    status: Annotated[list[TenderStatus] | None, Query(description=_STATUS, max_length=6)] = None,
    region: Annotated[
        list[CleanStr] | None, Query(max_length=20, description="A region, or a place in it; may be repeated.")
    ] = None,
    category: Annotated[list[Category] | None, Query(max_length=3, description="May be repeated.")] = None,
    sector: Annotated[Sector | None, Query(description="Whether the buyer is public or private.")] = None,
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166 code of two letters.")] = None,
    procedure: Annotated[_Name | None, Query(description="Exactly as the calls name it.")] = None,
    reserved_sme: Annotated[bool | None, Query(description="Reserved for small firms, or said not to be.")] = None,
    simplified_access: Annotated[
        bool | None, Query(description="Whether a young firm can enter it without references.")
    ] = None,
    subcontracting: Annotated[
        bool | None,
        Query(description="Calls of those who won or bid for a larger one, for subcontractors; or no such."),
    ] = None,
    min_value: Annotated[_Amount | None, Query(description="Needs `currency`.")] = None,
    max_value: Annotated[_Amount | None, Query(description="Needs `currency`.")] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217 code.")] = None,
    deadline_after: Annotated[UtcDatetime | None, Query(description="An instant with its zone.")] = None,
    deadline_before: Annotated[UtcDatetime | None, Query(description="An instant with its zone.")] = None,
    open_at: Annotated[
        UtcDatetime | None, Query(description="Calls that take bids at this instant: no deadline, or a later one.")
    ] = None,
    cpv: Annotated[
        str | None, Query(pattern="^[0-9]{2,8}$", description="The first digits of a CPV code of it or of a lot.")
    ] = None,
    buyer: Annotated[_Name | None, Query(description="Beginnings of words of the buyer's name.")] = None,
    language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$", description="ISO 639 code.")] = None,
    duplicates: Annotated[bool, Query(description="Also tenders that another publisher's tender stands for.")] = False,
    owner: Annotated[Literal["me"] | None, Query(description="Only calls that you posted or imported.")] = None,
    q: Annotated[CleanStr | None, Query(min_length=1, max_length=300, description=_QUERY)] = None,
) -> TenderFilters:
    """Which calls are asked for."""
    return TenderFilters(
        statuses=status or (),
        regions=region or (),
        categories=category or (),
        sector=sector,
        country=country,
        procedure=procedure,
        reserved_sme=reserved_sme,
        simplified_access=simplified_access,
        subcontracting=subcontracting,
        min_value=min_value,
        max_value=max_value,
        currency=currency,
        deadline_after=deadline_after,
        deadline_before=deadline_before,
        open_at=open_at,
        cpv=cpv,
        buyer=buyer,
        language=language,
        duplicates=duplicates,
        own=owner is not None,
        q=q,
    )


FiltersParams = Annotated[TenderFilters, Depends(get_filters)]
