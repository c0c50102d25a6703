"""Routes that give calls out as OCDS."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import TenderId
from app.tenders import browse, ocds
from app.tenders.browse import Order
from app.tenders.endpoints_filters import FiltersParams

router = APIRouter()
Reader = Annotated[Caller, CallerDep("tenders:read")]


@router.get("/tenders/ocds", response_model_exclude_none=True)
async def list_releases(
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    now: NowDep,
    filters: FiltersParams,
    page: PageParams,
    order: Annotated[Order, Query()] = "deadline",
) -> ocds.ReleasePackage:
    """The calls that pass the filters as an OCDS 1.1 release package; `links.next` leads to the next one."""
    rows, further = await browse.public_rows(db, caller, filters, order, page)
    following = str(request.url.include_query_params(cursor=further)) if further else None
    return ocds.package(rows, uri=str(request.url), at=now, following=following)


@router.get("/tenders/{tender_id:uuid}/ocds", response_model_exclude_none=True, responses=problems(NotFound))
async def get_release(
    tender_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep, now: NowDep
) -> ocds.ReleasePackage:
    """One call as an OCDS 1.1 release package. Drafts are not given out."""
    row = await browse.public_row(db, caller, TenderId(tender_id))
    return ocds.package([row], uri=str(request.url), at=now, following=None)
