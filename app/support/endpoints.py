"""Routes of support: what closes a gap, and the offers of partner organisations."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.auth import Caller, CallerDep
from app.api.deps import Lang, NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.i18n import translate
from app.kit.paging import Keyset, Page
from app.kit.schemas import CleanStr
from app.startups.errors import WrongOrganisationKind
from app.support import service
from app.support.aid import aid_for, told_aid
from app.support.errors import TooManyOffers
from app.support.gaps import Gap
from app.support.repository import Need, OfferRepository
from app.support.schemas import OfferBody, OfferOut, SupportPage
from app.support.views import offer_view
from app.tenders.regions import region_of

router = APIRouter(tags=["support"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("support:read")]
Writer = Annotated[Caller, CallerDep("support:write")]
CLOSING = Keyset("support.closing", TypeAdapter(tuple[uuid.UUID]))
OWN = Keyset("support.own", TypeAdapter(tuple[uuid.UUID]))


@router.get("/support")
async def list_support(
    request: Request,
    response: Response,
    _: Reader,
    db: ReadSessionDep,
    now: NowDep,
    lang: Lang,
    page: PageParams,
    gap: Annotated[list[Gap] | None, Query(max_length=len(Gap), description="May be repeated; any of them.")] = None,
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166 code of two letters.")] = None,
    region: Annotated[CleanStr | None, Query(max_length=200, description="A region, or a place in it.")] = None,
    language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$", description="ISO 639 code.")] = None,
) -> SupportPage:
    """What closes a gap now: offers of partner organisations, and programmes from a dated and cited catalogue. What is
    not told of you keeps nothing out. No legal advice.
    """
    named = (region_of(region, country or "MA") or region) if region else None
    need = Need(gap or (), now.date(), country, named, language)
    before = page.after(CLOSING)
    rows = await OfferRepository(db).closing(need, before[0] if before else None, page.limit + 1)
    made = Page[OfferOut](
        items=[offer_view(*row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, CLOSING, lambda row: (row[0].id,)),
    )
    with_link(request, response, made)
    aid = [] if before else aid_for(need.gaps, country, named, need.as_of)
    return SupportPage(
        notice=translate("support.notice", lang),
        aid=[told_aid(one, lang) for one in aid],
        items=made.items,
        next=made.next,
    )


@router.post(
    "/support-offers", status_code=status.HTTP_201_CREATED, responses=problems(WrongOrganisationKind, TooManyOffers)
)
async def create_support_offer(
    body: OfferBody, caller: Writer, db: SessionDep, now: NowDep, response: Response, _: IdempotencyDep
) -> OfferOut:
    """Offer support, for partner organisations: everybody with a key reads it while it holds."""
    made = await service.offer(db, caller, body, now)
    response.headers["Location"] = f"/v1/support-offers/{made.id}"
    return await _answer(db, caller, made.id)


@router.get("/support-offers")
async def list_support_offers(
    request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[OfferOut]:
    """The offers of your organisation, ended ones too, the newest first."""
    before = page.after(OWN)
    rows = await OfferRepository(db).of_provider(caller.organisation_id, before[0] if before else None, page.limit + 1)
    made = Page[OfferOut](
        items=[offer_view(*row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, OWN, lambda row: (row[0].id,)),
    )
    return with_link(request, response, made)


@router.get("/support-offers/{offer_id}", responses=problems(NotFound))
async def get_support_offer(offer_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> OfferOut:
    """One offer of your organisation."""
    return await _answer(db, caller, offer_id)


@router.put("/support-offers/{offer_id}", responses=problems(NotFound))
async def replace_support_offer(
    offer_id: uuid.UUID, body: OfferBody, caller: Writer, db: SessionDep, now: NowDep
) -> OfferOut:
    """Make an offer of yours say something else."""
    await service.change(db, caller, offer_id, body, now)
    return await _answer(db, caller, offer_id)


@router.delete("/support-offers/{offer_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound))
async def delete_support_offer(offer_id: uuid.UUID, caller: Writer, db: SessionDep) -> None:
    """Delete an offer of yours."""
    await service.remove(db, caller, offer_id)


async def _answer(db: AsyncSession, caller: Caller, offer_id: uuid.UUID) -> OfferOut:
    return offer_view(*await service.own(db, caller, offer_id))
