"""Routes of awards: a startup's wins, a buyer's history."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import StringConstraints, TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.problems import problems
from app.awards import service
from app.awards.repository import AwardRepository
from app.awards.schemas import BuyerHistory, WinDecision, WinOut, WinState
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.kit.paging import Keyset, Page
from app.kit.schemas import CleanStr
from app.startups import service as startups
from app.startups.errors import StartupClaimed
from app.startups.visibility import sees_whole

router = APIRouter(tags=["awards"])

Reader = Annotated[Caller, CallerDep("startups:read")]
Writer = Annotated[Caller, CallerDep("startups:write")]
Anybody = Annotated[Caller, CallerDep("tenders:read")]
Name = Annotated[CleanStr, StringConstraints(min_length=1, max_length=500)]
_WINS = Keyset("startups.wins", TypeAdapter(tuple[uuid.UUID]))
_SAID: dict[WinState, bool | None] = {"suggested": None, "mine": True, "not_mine": False}


@router.get("/startups/{startup_id:uuid}/wins", responses=problems(NotFound))
async def list_wins(
    startup_id: uuid.UUID,
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadSessionDep,
    page: PageParams,
    state: Annotated[WinState, Query()] = "suggested",
) -> Page[WinOut]:
    """Awards whose winner bears the startup's name, or an identifier that its profile names, the latest first.

    A name is no proof: nothing becomes a reference before the startup says that the win is its own.
    """
    startup = await startups.show(db, caller, StartupId(startup_id))
    if not sees_whole(caller):
        raise NotFound
    after = page.after(_WINS)
    rows = await AwardRepository(db).wins(
        service.supplier_of(startup), _SAID[state], after[0] if after else None, page.limit + 1
    )
    found = Page[WinOut](
        items=[
            WinOut(state=state, found_by="identifier" if row["by_identifier"] else "name", award=service.award_out(row))
            for row in rows[: page.limit]
        ],
        next=page.next_cursor(rows, _WINS, lambda row: (row["id"],)),
    )
    return with_link(request, response, found)


@router.put(
    "/startups/{startup_id:uuid}/wins/{award_id:uuid}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, StartupClaimed),
)
async def decide_win(
    startup_id: uuid.UUID, award_id: uuid.UUID, body: WinDecision, caller: Writer, db: SessionDep, now: NowDep
) -> None:
    """Say whose win it is: one's own becomes a reference of the profile, another's is suggested no more."""
    await service.decide(db, caller, StartupId(startup_id), award_id, now, mine=body.mine)


@router.get("/buyers/history", responses=problems(NotFound))
async def show_buyer_history(
    _: Anybody,
    db: ReadSessionDep,
    name: Annotated[Name, Query(description="The buyer's name, in any order of its words.")],
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166 code of two letters.")] = None,
) -> BuyerHistory:
    """What a buyer's known awards tell of it: how often nobody wins, how many bid, what it pays, to whom."""
    return await service.history(db, name, country)
