"""Routes of decisions and feedback."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId, TenderId
from app.kit.paging import Keyset, Page
from app.matches import deciding
from app.matches.decisions import Pair
from app.matches.schemas_decisions import (
    DecisionIn,
    DecisionOut,
    FeedbackIn,
    FeedbackOut,
    InvitationOut,
    PartnerWantedOut,
    ShortlistItem,
)
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["decisions"], route_class=IdempotentRoute)
BY_TIME = Keyset("decisions.time", TypeAdapter(tuple[dt.datetime, uuid.UUID]))
WANTED = Keyset("partners_wanted.time", TypeAdapter(tuple[dt.datetime, uuid.UUID]))
INVITED = Keyset("invitations.time", TypeAdapter(tuple[dt.datetime, uuid.UUID]))


@router.put("/tenders/{tender_id}/decisions/{startup_id}", responses=problems(NotFound, WrongOrganisationKind))
async def decide_about_startup(
    tender_id: uuid.UUID,
    startup_id: uuid.UUID,
    decision: DecisionIn,
    caller: Annotated[Caller, CallerDep("matches:write")],
    db: SessionDep,
    now: NowDep,
) -> DecisionOut:
    """Shortlist, invite or dismiss a startup for one of your published tenders; the last decision stands."""
    pair = Pair(TenderId(tender_id), StartupId(startup_id))
    return await deciding.decide_as_buyer(db, caller, pair, decision, now)


@router.delete(
    "/tenders/{tender_id}/decisions/{startup_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound)
)
async def undecide_about_startup(
    tender_id: uuid.UUID,
    startup_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:write")],
    db: SessionDep,
) -> None:
    """Take your decision about a startup back."""
    await deciding.take_back(db, caller, Pair(TenderId(tender_id), StartupId(startup_id)))


@router.get("/tenders/{tender_id}/decisions", responses=problems(NotFound))
async def list_decisions(
    tender_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:read")],
    db: ReadSessionDep,
    page: PageParams,
    request: Request,
    response: Response,
) -> Page[ShortlistItem]:
    """The shortlist of one of your tenders: what you decided about startups, the earliest first."""
    found = await deciding.shortlist(db, caller, TenderId(tender_id), page.after(BY_TIME), page.limit + 1)
    items = await deciding.shortlist_items(db, found[: page.limit])
    following = page.next_cursor(found, BY_TIME, lambda row: (row.created_at, row.startup_id))
    return with_link(request, response, Page[ShortlistItem](items=items, next=following))


@router.put("/startups/{startup_id}/decisions/{tender_id}", responses=problems(NotFound, WrongOrganisationKind))
async def decide_about_tender(
    startup_id: uuid.UUID,
    tender_id: uuid.UUID,
    decision: DecisionIn,
    caller: Annotated[Caller, CallerDep("matches:write")],
    db: SessionDep,
    now: NowDep,
) -> DecisionOut:
    """Save or dismiss a tender for your startup, say that you look for a partner for it (`partner_wanted`, which shows
    a listed startup to others that look for one) or that you handed a bid in (`bid`); the last decision stands.
    """
    pair = Pair(TenderId(tender_id), StartupId(startup_id))
    return await deciding.decide_as_startup(db, caller, pair, decision, now)


@router.delete(
    "/startups/{startup_id}/decisions/{tender_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound)
)
async def undecide_about_tender(
    startup_id: uuid.UUID,
    tender_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:write")],
    db: SessionDep,
) -> None:
    """Take your decision about a tender back."""
    await deciding.take_back(db, caller, Pair(TenderId(tender_id), StartupId(startup_id)))


@router.get("/tenders/{tender_id}/partners-wanted", responses=problems(NotFound, WrongOrganisationKind))
async def list_partners_wanted(
    tender_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:read")],
    db: ReadSessionDep,
    page: PageParams,
    request: Request,
    response: Response,
) -> Page[PartnerWantedOut]:
    """Listed startups that look for a partner for this call, the latest first. For startups and their partner
    organisations; a buyer is not told who means to bid.
    """
    found = await deciding.partners_wanted(db, caller, TenderId(tender_id), page.after(WANTED), page.limit + 1)
    items = await deciding.partners_wanted_items(db, found[: page.limit])
    following = page.next_cursor(found, WANTED, lambda row: (row.updated_at, row.startup_id))
    return with_link(request, response, Page[PartnerWantedOut](items=items, next=following))


@router.get("/startups/{startup_id}/invitations", responses=problems(NotFound))
async def list_invitations(
    startup_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:read")],
    db: ReadSessionDep,
    page: PageParams,
    request: Request,
    response: Response,
) -> Page[InvitationOut]:
    """The invitations of your startup, the latest first."""
    found = await deciding.invitations(db, caller, StartupId(startup_id), page.after(INVITED), page.limit + 1)
    items = await deciding.invitation_items(db, found[: page.limit])
    following = page.next_cursor(found, INVITED, lambda row: (row.updated_at, row.tender_id))
    return with_link(request, response, Page[InvitationOut](items=items, next=following))


@router.post("/feedback", status_code=status.HTTP_201_CREATED, responses=problems(NotFound))
async def give_feedback(
    said: FeedbackIn,
    caller: Annotated[Caller, CallerDep("matches:write")],
    db: SessionDep,
    now: NowDep,
    _: IdempotencyDep,
) -> FeedbackOut:
    """Say what became of a match, or why it is wrong; the ranking learns from it. Or tell of an error in the call's
    notice (`notice_error`), which whoever can mend it reads without your name.
    """
    return FeedbackOut.model_validate(await deciding.give_feedback(db, caller, said, now))
