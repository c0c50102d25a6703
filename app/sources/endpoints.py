"""Routes that tell how the sources are."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import PageParams, ReadSessionDep, with_link
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.paging import Keyset, Page
from app.kit.schemas import CleanStr
from app.sources import service
from app.sources.overview import overview
from app.sources.plan import SourcePlan
from app.sources.schemas import CrawlRejectionOut, CrawlRunOut, SourceStateOut
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["sources"])

Reader = Annotated[Caller, CallerDep("tenders:read")]
Name = Annotated[CleanStr, Path(max_length=200, description="The source's name, as in a call's `source`.")]
NEWEST = Keyset("sources.runs", TypeAdapter(tuple[str, uuid.UUID]))
BY_POSITION = Keyset("sources.rejected", TypeAdapter(tuple[uuid.UUID, int]))


@router.get("/sources")
async def list_sources(request: Request, caller: Reader, db: ReadSessionDep) -> list[SourceStateOut]:  # noqa: ARG001
    """Where calls come from: every source that is collected from or has brought anything, with its licence and health.

    The list is not cut into pages: an installation has a few dozen at most.
    """
    return [SourceStateOut.model_validate(view) for view in await overview(db, _plan(request))]


@router.get("/sources/{name}", responses=problems(NotFound))
async def get_source(name: Name, request: Request, caller: Reader, db: ReadSessionDep) -> SourceStateOut:  # noqa: ARG001
    """One source, its health, its last run and its last complete one."""
    return SourceStateOut.model_validate(await service.show(db, _plan(request), name))


@router.get("/sources/{name}/runs", responses=problems(NotFound))
async def list_runs(
    name: Name,
    request: Request,
    response: Response,
    caller: Reader,  # noqa: ARG001
    db: ReadSessionDep,
    page: PageParams,
) -> Page[CrawlRunOut]:
    """The runs of a source, the newest first."""
    after = page.after(NEWEST)
    if after is not None and after[0] != name:
        raise NotFound
    found = await service.runs(db, name, after[1] if after else None, page.limit + 1)
    if not found and after is None:
        await service.show(db, _plan(request), name)
    made = Page[CrawlRunOut](
        items=[CrawlRunOut.model_validate(run) for run in found[: page.limit]],
        next=page.next_cursor(found, NEWEST, lambda run: (name, run.id)),
    )
    return with_link(request, response, made)


@router.get("/sources/{name}/runs/{run_id}/rejected", responses=problems(NotFound, WrongOrganisationKind))
async def list_run_rejected(
    name: Name,
    run_id: uuid.UUID,
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadSessionDep,
    page: PageParams,
) -> Page[CrawlRejectionOut]:
    """The notices that a run could not read, each with its reason, in the order they were met. For the operator."""
    after = page.after(BY_POSITION)
    if after is not None and after[0] != run_id:
        raise NotFound
    found = await service.rejections(db, caller, (name, run_id), after[1] if after else -1, page.limit + 1)
    made = Page[CrawlRejectionOut](
        items=[CrawlRejectionOut.model_validate(row) for row in found[: page.limit]],
        next=page.next_cursor(found, BY_POSITION, lambda row: (run_id, row.position)),
    )
    return with_link(request, response, made)


def _plan(request: Request) -> SourcePlan:
    plan: SourcePlan = request.state.sources
    return plan
