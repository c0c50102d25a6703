"""Routes of errors told of in notices: told by `POST /v1/feedback`, read and answered here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.kit.paging import Keyset, Page
from app.kit.schemas import CleanStr
from app.matches import notice_errors
from app.matches.notice_error_repository import NoticeErrorFilters
from app.matches.schemas_decisions import NoticeErrorAnswerIn, NoticeErrorOut
from app.models.decision import Feedback
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["decisions"], route_class=IdempotentRoute)
ERRORS = Keyset("notice_errors.time", TypeAdapter(tuple[uuid.UUID]))
TOLD = Keyset("notice_errors.told", TypeAdapter(tuple[uuid.UUID]))

Reader = Annotated[Caller, CallerDep("matches:read")]
Writer = Annotated[Caller, CallerDep("matches:write")]


@router.get("/notice-errors", responses=problems(WrongOrganisationKind))
async def list_notice_errors(
    caller: Reader,
    db: ReadSessionDep,
    page: PageParams,
    request: Request,
    response: Response,
    state: Annotated[Literal["open", "answered"] | None, Query(description="Both, if not given.")] = None,
    source: Annotated[CleanStr | None, Query(max_length=200, description="Of notices of one source.")] = None,
) -> Page[NoticeErrorOut]:
    """Errors that startups found in notices, the latest first: of your own calls, for the operator of all."""
    before = page.after(ERRORS)
    filters = NoticeErrorFilters(None if state is None else state == "answered", source)
    found = await notice_errors.told(db, caller, filters, before[0] if before else None, page.limit + 1)
    following = page.next_cursor(found, ERRORS, lambda row: (row.id,))
    return with_link(request, response, await _page(db, found[: page.limit], following))


@router.put("/notice-errors/{error_id}/answer", responses=problems(NotFound, WrongOrganisationKind))
async def answer_notice_error(
    error_id: uuid.UUID, said: NoticeErrorAnswerIn, caller: Writer, db: SessionDep, now: NowDep
) -> NoticeErrorOut:
    """Say what became of an error in a notice of yours; whoever told of it reads it. The last word stands."""
    answered = await notice_errors.answer(db, caller, error_id, said, now)
    (item,) = await notice_errors.items(db, [answered])
    return item


@router.delete(
    "/notice-errors/{error_id}/answer",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, WrongOrganisationKind),
)
async def reopen_notice_error(error_id: uuid.UUID, caller: Writer, db: SessionDep) -> None:
    """Take an answer back: the error is open again."""
    await notice_errors.reopen(db, caller, error_id)


@router.get("/startups/{startup_id}/notice-errors", responses=problems(NotFound))
async def list_own_notice_errors(
    startup_id: uuid.UUID, caller: Reader, db: ReadSessionDep, page: PageParams, request: Request, response: Response
) -> Page[NoticeErrorOut]:
    """Errors that you told of for this startup, the latest first, with what became of them."""
    before = page.after(TOLD)
    found = await notice_errors.told_for(
        db, caller, StartupId(startup_id), before[0] if before else None, page.limit + 1
    )
    following = page.next_cursor(found, TOLD, lambda row: (row.id,))
    return with_link(request, response, await _page(db, found[: page.limit], following))


async def _page(db: AsyncSession, told: Sequence[Feedback], following: str | None) -> Page[NoticeErrorOut]:
    return Page[NoticeErrorOut](items=await notice_errors.items(db, told), next=following)
