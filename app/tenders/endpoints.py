"""Routes of calls for tenders; the one that is asked for most comes first, as routes are tried in order."""

from __future__ import annotations

import uuid
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Body, Depends, Query, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.auth import Caller, CallerDep, Key, KeyDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.etag import IfMatch, set_etag
from app.api.feed import FeedPage, FeedParams
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.merge_patch import read_as_body
from app.api.problems import problems
from app.kit.errors import NotFound, PreconditionFailed, PreconditionRequired
from app.kit.ids import TenderId
from app.kit.paging import Page
from app.models.tender import Tender
from app.tenders import browse, endpoints_ocds, service
from app.tenders.browse import ListOrder
from app.tenders.document import document_of, read_document
from app.tenders.endpoints_filters import FiltersParams
from app.tenders.repository import TenderRepository
from app.tenders.schemas import (
    MergePatch,
    NewTender,
    TenderBody,
    TenderChange,
    TenderOut,
    TenderSummary,
    VersionOut,
)
from app.tenders.service import Edit
from app.tenders.states import Action, TenderState

router = APIRouter(tags=["tenders"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("tenders:read")]
Writer = Annotated[Caller, CallerDep("tenders:write")]
_ORDER = "`deadline`: closing soonest first, open-ended last; `newest`: published last first."
_LIST_ORDER = f"{_ORDER} `relevance`: with `q`, what says its words best first."
_CHANGE = problems(NotFound, TenderState, PreconditionFailed)
_AMEND = problems(NotFound, TenderState, PreconditionFailed, PreconditionRequired)


async def _edit(tender_id: uuid.UUID, caller: Writer, now: NowDep, if_match: IfMatch = None) -> Edit:
    return Edit(caller, TenderId(tender_id), now, if_match)


@router.get("/tenders/{tender_id:uuid}", response_model=TenderOut, responses=problems(NotFound))
async def get_tender(tender_id: uuid.UUID, request: Request, key: Annotated[Key, KeyDep("tenders:read")]) -> Response:
    """One call with everything its record says. Its `ETag` changes with its `version`, and with its lane."""
    hot: asyncpg.Pool = request.state.hot
    caller, found = await read_document(hot, key.digests, TenderId(tender_id))
    key.admit(caller)
    if found is None:
        raise NotFound
    answer = Response(found.body, media_type="application/json")
    set_etag(request, answer, service.tender_etag(found.id, found.version, found.lane))
    return answer


@router.post(
    "/tenders",
    status_code=status.HTTP_201_CREATED,
    response_model_exclude_unset=True,
    responses=problems(service.NotABuyer, service.TenderExists),
)
async def post_tender(
    body: NewTender, caller: Writer, db: SessionDep, now: NowDep, response: Response, _: IdempotencyDep
) -> TenderOut:
    """Post a call for tenders, public or private, as a draft or published at once."""
    tender = await service.post(db, caller, body, now)
    response.headers["Location"] = f"/v1/tenders/{tender.id}"
    return await _answer(db, response, tender)


@router.get("/tenders", response_model_exclude_unset=True)
async def list_tenders(
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadSessionDep,
    filters: FiltersParams,
    page: PageParams,
    order: Annotated[ListOrder, Query(description=_LIST_ORDER)] = "deadline",
) -> Page[TenderSummary]:
    """Calls for tenders that pass every filter given."""
    return with_link(request, response, await browse.listed(db, caller, filters, order, page))


@router.put("/tenders/{tender_id:uuid}", response_model_exclude_unset=True, responses=_AMEND)
async def amend_tender(
    edit: Annotated[Edit, Depends(_edit)], body: TenderBody, db: SessionDep, response: Response
) -> TenderOut:
    """Replace what a draft or published call says. A published one gets a new version and is ranked again."""
    return await _answer(db, response, await service.amend(db, edit, body))


@router.patch("/tenders/{tender_id:uuid}", response_model_exclude_unset=True, responses=_AMEND)
async def patch_tender(
    edit: Annotated[Edit, Depends(_edit)],
    patch: Annotated[MergePatch, Body(media_type="application/merge-patch+json")],
    db: SessionDep,
    response: Response,
) -> TenderOut:
    """Change some fields of the flat contract (JSON merge patch, RFC 7396: `null` removes a field)."""
    with read_as_body():
        tender = await service.patch(db, edit, patch)
    return await _answer(db, response, tender)


@router.delete("/tenders/{tender_id:uuid}", status_code=status.HTTP_204_NO_CONTENT, responses=_CHANGE)
async def delete_draft(edit: Annotated[Edit, Depends(_edit)], db: SessionDep) -> None:
    """Delete a draft. A call that was published is withdrawn instead."""
    await service.discard(db, edit)


@router.post("/tenders/{tender_id:uuid}/publish", response_model_exclude_unset=True, responses=_CHANGE)
async def publish_tender(
    edit: Annotated[Edit, Depends(_edit)], db: SessionDep, response: Response, _: IdempotencyDep
) -> TenderOut:
    """Publish a draft: everybody with a key may see it, and startups are ranked for it."""
    return await _answer(db, response, await service.move(db, edit, Action.PUBLISH))


@router.post("/tenders/{tender_id:uuid}/close", response_model_exclude_unset=True, responses=_CHANGE)
async def close_tender(
    edit: Annotated[Edit, Depends(_edit)], db: SessionDep, response: Response, _: IdempotencyDep
) -> TenderOut:
    """Close a published call: it takes no more bids."""
    return await _answer(db, response, await service.move(db, edit, Action.CLOSE))


@router.post("/tenders/{tender_id:uuid}/withdraw", response_model_exclude_unset=True, responses=_CHANGE)
async def withdraw_tender(
    edit: Annotated[Edit, Depends(_edit)], db: SessionDep, response: Response, _: IdempotencyDep
) -> TenderOut:
    """Take a published call back. The change feed tells its readers to forget it."""
    return await _answer(db, response, await service.move(db, edit, Action.WITHDRAW))


@router.post("/tenders/{tender_id:uuid}/cancel", response_model_exclude_unset=True, responses=_CHANGE)
async def cancel_tender(
    edit: Annotated[Edit, Depends(_edit)], db: SessionDep, response: Response, _: IdempotencyDep
) -> TenderOut:
    """Cancel a published or closed call: nothing will be awarded."""
    return await _answer(db, response, await service.move(db, edit, Action.CANCEL))


@router.get("/tenders/{tender_id:uuid}/versions", responses=problems(NotFound))
async def list_versions(
    tender_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[VersionOut]:
    """What a call said and when, the latest first, at most ten a page. What it said as a draft is its owner's only."""
    return with_link(request, response, await browse.versions(db, caller, TenderId(tender_id), page))


@router.get("/changes/tenders")
async def list_tender_changes(_: Reader, db: ReadSessionDep, feed: FeedParams) -> FeedPage[TenderChange]:
    """Every call that was published, changed or withdrawn after a cursor, in the order it happened.

    A call that changed several times stands here once, at its last change. No change is ever left out, whatever ran at
    the same time; a change shows as soon as every transaction older than it has ended.
    """
    return await browse.changes(db, feed)


async def _answer(db: AsyncSession, response: Response, tender: Tender) -> TenderOut:
    response.headers["ETag"] = service.tender_etag(tender.id, tender.version, tender.simplified_access)
    return TenderOut.model_validate(document_of(tender, await TenderRepository(db).source(tender.source_id)))


router.include_router(endpoints_ocds.router)
