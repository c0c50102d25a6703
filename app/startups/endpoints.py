"""Routes of startups: their profiles, lists and history."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response, status
from pydantic import JsonValue, StringConstraints, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.etag import IfMatch, make_etag, require_match, set_etag
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.merge_patch import merge_patch, read_as_body
from app.api.problems import problems
from app.kit.errors import NotFound, PreconditionFailed, PreconditionRequired
from app.kit.ids import StartupId
from app.kit.paging import Keyset, Page
from app.kit.schemas import CleanStr
from app.models.startup import Startup
from app.startups import portability, service
from app.startups.errors import StartupAlreadyExists, StartupClaimed, WrongOrganisationKind
from app.startups.filters import StartupFilters
from app.startups.repository import Line, StartupRepository
from app.startups.schemas import (
    StartupIn,
    StartupSummary,
    StartupView,
    StartupWhole,
)
from app.startups.views import view_for, whole_view
from app.startups.visibility import sees_whole

router = APIRouter(tags=["startups"], route_class=IdempotentRoute)

BY_NAME = Keyset("startups.name", TypeAdapter(tuple[str, uuid.UUID]))
BY_AGE = Keyset("startups.newest", TypeAdapter(tuple[uuid.UUID]))

Word = Annotated[CleanStr, StringConstraints(min_length=1, max_length=500)]
Words = Annotated[list[Word], Query(default_factory=list, max_length=20)]


def startup_filters(
    region: Annotated[Words, Query(description="A region or city; repeat it for any of several.")],
    sector: Annotated[Words, Query(description="Any of these sectors.")],
    language: Annotated[Words, Query(description="Any of these languages (ISO 639).")],
    label: Annotated[Words, Query(description="Any of these labels, by name.")],
    certification: Annotated[Words, Query(description="Any of these certificates.")],
    q: Annotated[
        CleanStr | None,
        Query(max_length=300, description='Words of the profile; `"phrases"`, `or`, `-without`. The last may be cut.'),
    ] = None,
    country: Annotated[CleanStr | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")] = None,
    min_employees: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
    max_employees: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
    listed: Annotated[bool | None, Query(description="Shown to buyers, or not.")] = None,
) -> StartupFilters:
    """The named filters of a list. Words are compared without case, accents and punctuation."""
    return StartupFilters(
        q=q,
        regions=region,
        sectors=sector,
        languages=language,
        labels=label,
        certifications=certification,
        country=country,
        min_employees=min_employees,
        max_employees=max_employees,
        listed=listed,
    )


Filters = Annotated[StartupFilters, Depends(startup_filters)]


@router.post(
    "/startups",
    status_code=status.HTTP_201_CREATED,
    responses=problems(WrongOrganisationKind, StartupAlreadyExists),
)
async def create_startup(
    startup: StartupIn,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    now: NowDep,
    response: Response,
    _: IdempotencyDep,
) -> StartupWhole:
    """Enter a startup. A startup's own profile is listed at once; one that an incubator or an operator makes is seen
    by nobody else until its startup has claimed it.
    """
    made = await service.create(db, caller, startup, now)
    response.headers["Location"] = f"/v1/startups/{made.id}"
    response.headers["ETag"] = etag_of(made, caller)
    return whole_view(made)


@router.get("/startups")
async def list_startups(
    request: Request,
    response: Response,
    caller: Annotated[Caller, CallerDep("startups:read")],
    db: ReadSessionDep,
    filters: Filters,
    page: PageParams,
    order: Annotated[Literal["name", "newest"], Query(description="By name, or the newest first.")] = "name",
) -> Page[StartupSummary]:
    """The startups that the caller may know of: its own, its cohort, for buyers the listed ones."""
    repository = StartupRepository(db)
    if order == "name":
        found = await repository.by_name(caller, filters, page.after(BY_NAME), page.limit + 1)
        cursor = page.next_cursor(found, BY_NAME, lambda line: (line.sort_name, line.id))
    else:
        before = page.after(BY_AGE)
        found = await repository.newest(caller, filters, before[0] if before else None, page.limit + 1)
        cursor = page.next_cursor(found, BY_AGE, lambda line: (line.id,))
    items = [_summary(line) for line in found[: page.limit]]
    return with_link(request, response, Page[StartupSummary](items=items, next=cursor))


@router.get("/startups/{startup_id}", responses=problems(NotFound))
async def get_startup(
    startup_id: uuid.UUID,
    request: Request,
    response: Response,
    caller: Annotated[Caller, CallerDep("startups:read")],
    db: ReadSessionDep,
) -> StartupView:
    """One startup: the whole profile for itself, for whoever brought it in and for operators; for buyers the public
    part of a listed one.
    """
    startup = await service.show(db, caller, StartupId(startup_id))
    set_etag(request, response, etag_of(startup, caller))
    return view_for(caller, startup)


@router.put(
    "/startups/{startup_id}", responses=problems(NotFound, StartupClaimed, PreconditionFailed, PreconditionRequired)
)
async def replace_startup(
    startup_id: uuid.UUID,
    startup: StartupIn,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    now: NowDep,
    response: Response,
    if_match: IfMatch = None,
) -> StartupWhole:
    """Replace the whole profile. `id` stays what it was. The tenders for it are ranked anew."""
    locked = await _locked_at(db, caller, startup_id, if_match)
    return await _replaced(db, caller, locked, startup, now, response)


@router.patch(
    "/startups/{startup_id}", responses=problems(NotFound, StartupClaimed, PreconditionFailed, PreconditionRequired)
)
async def patch_startup(
    startup_id: uuid.UUID,
    patch: Annotated[dict[str, JsonValue], Body(media_type="application/merge-patch+json")],
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    now: NowDep,
    response: Response,
    if_match: IfMatch = None,
) -> StartupWhole:
    """Change some fields (JSON Merge Patch, RFC 7396): objects are merged, `null` removes, lists are replaced."""
    locked = await _locked_at(db, caller, startup_id, if_match)
    with read_as_body():
        startup = StartupIn.model_validate(merge_patch(locked.record, patch))
    return await _replaced(db, caller, locked, startup, now, response)


@router.delete(
    "/startups/{startup_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, StartupClaimed, PreconditionFailed),
)
async def erase_startup(
    startup_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    now: NowDep,
    if_match: IfMatch = None,
) -> None:
    """Erase a startup for good: profile, history, evidence with its files, claims, decisions and feedback about it. Its
    matches are withdrawn and lose their reasons; an empty row stays, so that the feeds can tell that it is gone.
    """
    startup = await service.lock_for_change(db, caller, StartupId(startup_id))
    if if_match is not None:
        require_match(if_match, etag_of(startup, caller))
    await portability.erase(db, startup, now)


def etag_of(startup: Startup, caller: Caller) -> str:
    """The tag of a startup as the caller sees it."""
    return make_etag(startup.id, startup.version, startup.updated_at.isoformat(), sees_whole(caller))


async def _locked_at(db: AsyncSession, caller: Caller, startup_id: uuid.UUID, if_match: str | None) -> Startup:
    startup = await service.lock_for_change(db, caller, StartupId(startup_id))
    require_match(if_match, etag_of(startup, caller))
    return startup


async def _replaced(
    db: AsyncSession, caller: Caller, startup: Startup, record: StartupIn, now: dt.datetime, response: Response
) -> StartupWhole:
    await service.replace(db, caller, startup, record, now)
    response.headers["ETag"] = etag_of(startup, caller)
    return whole_view(startup)


def _summary(line: Line) -> StartupSummary:
    lists = ("regions", "sectors", "languages", "labels", "certifications")
    return StartupSummary.model_validate({**line._asdict(), **{name: getattr(line, name) or [] for name in lists}})
