"""Routes of links between tenders: looked at by everybody, decided about by the operator."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.problems import problems
from app.kit.errors import AppError, NotFound
from app.kit.ids import OrganisationId, TenderId
from app.kit.paging import Keyset, Page
from app.linking import service
from app.linking.grouping import Pair
from app.linking.repository import LinkRepository
from app.linking.schemas import LinksOut, ReviewedLink
from app.models.tender_link import LinkState, LinkStrength
from app.tenders.repository import TenderRepository

router = APIRouter(tags=["tenders"])

Reader = Annotated[Caller, CallerDep("tenders:read")]
Writer = Annotated[Caller, CallerDep("tenders:write")]
_REVIEW: Keyset[Pair] = Keyset("tenders.links", TypeAdapter(tuple[uuid.UUID, uuid.UUID]))


class LinksAreTheOperators(AppError):
    """Whether two tenders are one call is decided by the operator of this installation."""

    status, slug = 403, "links-are-the-operators"


@router.get("/tenders/{tender_id:uuid}/links", responses=problems(NotFound))
async def list_links(tender_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> LinksOut:
    """The same call on other portals, and what may be, each with its evidence; a hundred at most."""
    if await TenderRepository(db).visible(caller.organisation_id, TenderId(tender_id)) is None:
        raise NotFound
    standing = await LinkRepository(db).standing_of(tender_id)
    items = await service.links_of(db, tender_id)
    return LinksOut(duplicate_of=standing.duplicate_of, cancelled_by=standing.cancelled_by, items=items)


@router.get("/tenders/links", responses=problems(LinksAreTheOperators))
async def review_links(
    request: Request,
    response: Response,
    caller: Writer,
    db: ReadSessionDep,
    page: PageParams,
    strength: Annotated[LinkStrength, Query()] = LinkStrength.STRONG,
    state: Annotated[LinkState, Query()] = LinkState.FOUND,
) -> Page[ReviewedLink]:
    """Links for a person to look at: `strong` and `possible` ones are not acted on until they are confirmed."""
    _check(caller)
    rows = await LinkRepository(db).to_review(strength, state, page.after(_REVIEW), page.limit + 1)
    found = Page[ReviewedLink](
        items=[ReviewedLink.model_validate(dict(row)) for row in rows[: page.limit]],
        next=page.next_cursor(rows, _REVIEW, lambda row: (row["one_id"], row["other_id"])),
    )
    return with_link(request, response, found)


@router.post(
    "/tenders/{tender_id:uuid}/links/{other_id:uuid}/unlink",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, LinksAreTheOperators),
)
async def unlink(tender_id: uuid.UUID, other_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep) -> None:
    """Say that two linked tenders are two calls. It holds, whatever the rules find later."""
    _check(caller)
    owner = OrganisationId(caller.organisation_id)
    if not await service.decide(db, (tender_id, other_id), LinkState.UNLINKED, owner, now):
        raise NotFound


@router.post(
    "/tenders/{tender_id:uuid}/links/{other_id:uuid}/confirm",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, LinksAreTheOperators),
)
async def confirm(tender_id: uuid.UUID, other_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep) -> None:
    """Say that two tenders are one call: the less trusted one gives way to the other in lists and matches."""
    _check(caller)
    owner = OrganisationId(caller.organisation_id)
    if not await service.decide(db, (tender_id, other_id), LinkState.CONFIRMED, owner, now):
        raise NotFound


def _check(caller: Caller) -> None:
    if not caller.is_operator:
        raise LinksAreTheOperators
