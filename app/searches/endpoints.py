"""Routes of kept searches."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response, status

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.searches import service
from app.searches.errors import TooManySearches
from app.searches.schemas import SearchIn, SearchKept, SearchOut

router = APIRouter(tags=["searches"], route_class=IdempotentRoute)


@router.post("/searches", status_code=status.HTTP_201_CREATED, responses=problems(NotFound, TooManySearches))
async def keep_search(
    wanted: SearchIn,
    caller: Annotated[Caller, CallerDep("matches:write")],
    db: SessionDep,
    now: NowDep,
    response: Response,
    _: IdempotencyDep,
) -> SearchKept:
    """Keep a search by a name, for your whole organisation; it is told how many calls came into it since."""
    kept = await service.keep(db, caller, wanted, now)
    response.headers["Location"] = f"/v1/searches/{kept.id}"
    return service.shown(kept)


@router.get("/searches")
async def list_searches(
    caller: Annotated[Caller, CallerDep("matches:read")], db: ReadSessionDep, now: NowDep
) -> list[SearchOut]:
    """The searches that your organisation keeps, the latest first, with how much is new in each."""
    return list(await service.kept(db, caller, now))


@router.post("/searches/{search_id}/open", responses=problems(NotFound))
async def open_search(
    search_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:write")],
    db: SessionDep,
    now: NowDep,
    _: IdempotencyDep,
) -> SearchKept:
    """Say that you look at it now: what is new is counted from this moment on."""
    return service.shown(await service.opened(db, caller, search_id, now))


@router.delete("/searches/{search_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound))
async def delete_search(
    search_id: uuid.UUID, caller: Annotated[Caller, CallerDep("matches:write")], db: SessionDep
) -> None:
    """Keep a search no longer."""
    await service.forget(db, caller, search_id)
