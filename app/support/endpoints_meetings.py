"""Routes of meetings."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.paging import Keyset, Page
from app.models.meeting import MeetingState
from app.support import meetings
from app.support.errors import EqualTreatment, MeetingAlreadyAsked, MeetingTimePassed, OtherSideAbsent
from app.support.meeting_repository import MeetingRepository
from app.support.schemas import Acceptance, Answer, MeetingIn, MeetingOut, Proposal
from app.support.views import meeting_view

router = APIRouter(tags=["support"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("support:read")]
Writer = Annotated[Caller, CallerDep("support:write")]
NEWEST = Keyset("meetings.newest", TypeAdapter(tuple[uuid.UUID]))
_ANSWERED = problems(NotFound, meetings.MeetingStateRefuses)


@router.post(
    "/meetings",
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotFound, EqualTreatment, OtherSideAbsent, MeetingAlreadyAsked),
)
async def ask_for_meeting(
    wanted: MeetingIn, caller: Writer, db: SessionDep, now: NowDep, response: Response, _: IdempotencyDep
) -> MeetingOut:
    """Ask the other side of a match for a meeting: a startup the buyer of a call or pilot, a buyer a startup about its
    own call or pilot. While bidders compete for a public call, it is refused: all are to be treated alike.
    """
    made = await meetings.ask(db, caller, wanted, now)
    response.headers["Location"] = f"/v1/meetings/{made}"
    return await _answer(db, caller, made)


@router.get("/meetings")
async def list_meetings(
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadSessionDep,
    page: PageParams,
    state: Annotated[list[MeetingState] | None, Query(max_length=4, description="May be repeated.")] = None,
) -> Page[MeetingOut]:
    """Requests that you made or got, the newest first."""
    before = page.after(NEWEST)
    rows = await MeetingRepository(db).newest(caller, state or (), before[0] if before else None, page.limit + 1)
    made = Page[MeetingOut](
        items=[meeting_view(*row, caller) for row in rows[: page.limit]],
        next=page.next_cursor(rows, NEWEST, lambda row: (row[0].id,)),
    )
    return with_link(request, response, made)


@router.get("/meetings/{meeting_id}", responses=problems(NotFound))
async def get_meeting(meeting_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> MeetingOut:
    """One request. Each side's contact is shown to the other once the meeting is accepted."""
    return await _answer(db, caller, meeting_id)


@router.post(
    "/meetings/{meeting_id}/accept",
    responses=problems(NotFound, meetings.MeetingStateRefuses, EqualTreatment, MeetingTimePassed),
)
async def accept_meeting(
    meeting_id: uuid.UUID, said: Acceptance, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> MeetingOut:
    """Say yes. Both contacts are shown from then on."""
    await meetings.accept(db, caller, meeting_id, said, now)
    return await _answer(db, caller, meeting_id)


@router.post(
    "/meetings/{meeting_id}/propose", responses=problems(NotFound, meetings.MeetingStateRefuses, EqualTreatment)
)
async def propose_other_time(
    meeting_id: uuid.UUID, said: Proposal, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> MeetingOut:
    """Propose another time; then the other side has to answer."""
    await meetings.propose(db, caller, meeting_id, said, now)
    return await _answer(db, caller, meeting_id)


@router.post("/meetings/{meeting_id}/decline", responses=_ANSWERED)
async def decline_meeting(
    meeting_id: uuid.UUID, said: Answer, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> MeetingOut:
    """Say no."""
    await meetings.decline(db, caller, meeting_id, said, now)
    return await _answer(db, caller, meeting_id)


@router.post("/meetings/{meeting_id}/withdraw", responses=_ANSWERED)
async def withdraw_meeting(
    meeting_id: uuid.UUID, said: Answer, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> MeetingOut:
    """Take a request back, or call an accepted meeting off."""
    await meetings.withdraw(db, caller, meeting_id, said, now)
    return await _answer(db, caller, meeting_id)


async def _answer(db: AsyncSession, caller: Caller, meeting_id: uuid.UUID) -> MeetingOut:
    row = await MeetingRepository(db).one(caller, meeting_id)
    if row is None:
        raise NotFound
    return meeting_view(*row, caller)
