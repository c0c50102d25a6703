"""The page of an import: looked at before it begins, followed while it runs, with what it refused when it has ended."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import PageParams, ReadSessionDep, SessionDep
from app.ingest import endpoints, service
from app.ingest.endpoints import BY_POSITION
from app.kit.ids import ImportRunId
from app.models.import_run import ImportKind, ImportRun, ImportState
from app.web.pages import page, page_router, see_other
from app.web.progress.streaming import Standing, follow
from app.web.progress.wording import faults
from app.web.visitor import Guard

router = page_router("/imports")
Reader = Annotated[Caller, Depends(Guard("imports:read"))]
Writer = Annotated[Caller, Depends(Guard("imports:write"))]
_OVER = frozenset({ImportState.FINISHED, ImportState.FAILED})
_HOMES = {ImportKind.TENDERS: "/calls", ImportKind.STARTUPS: "/cohort"}
_AGAIN = {ImportKind.TENDERS: "/calls/import", ImportKind.STARTUPS: "/cohort/import"}


@router.get("/{import_id}")
async def show_import(
    import_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep, asked: PageParams
) -> Response:
    """An import, as it stands."""
    run_id = ImportRunId(import_id)
    run = await service.show(db, caller, run_id)
    if run.state is ImportState.HELD:
        found = await service.preview(db, caller, run_id)
        return page(request, "progress/held.html", run=run, found=found, faults=faults, **_ways(run))
    shown: dict[str, object] = {"run": run, "over": run.state in _OVER, "refused": (), "following": None, **_ways(run)}
    if run.state in _OVER and run.rejected:
        after = asked.after(BY_POSITION)
        rows = await service.rejected(db, caller, run_id, after[0] if after else -1, asked.limit + 1)
        following = asked.next_cursor(rows, BY_POSITION, lambda row: (row.position,))
        shown |= {"refused": rows[: asked.limit], "following": following}
    return page(request, "progress/run.html", faults=faults, **shown)


@router.get("/{import_id}/progress")
async def stream_progress(import_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """How far an import is, over and over, until it has ended."""
    run_id = ImportRunId(import_id)
    await service.show(db, caller, run_id)

    async def stand(session: AsyncSession) -> Standing:
        run = await service.show(session, caller, run_id)
        over = run.state in _OVER
        return Standing({"run": run, "over": over, **_ways(run)}, over)

    return follow(request, caller, "progress/state.html", stand)


@router.get("/{import_id}/refused.csv")
async def download_refused(import_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """All refused records as a file for a spreadsheet."""
    return await endpoints.download_rejected(import_id, request, caller, db)


@router.post("/{import_id}/begin")
async def begin_import(import_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep) -> Response:
    """Have what was looked at stored."""
    await service.begin(db, caller, ImportRunId(import_id))
    return see_other(request, f"/imports/{import_id}")


@router.post("/{import_id}/drop")
async def drop_import(import_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep) -> Response:
    """Forget what was looked at."""
    run = await service.drop(db, caller, ImportRunId(import_id))
    return see_other(request, _AGAIN[run.kind], done="progress.dropped")


def _ways(run: ImportRun) -> dict[str, str]:
    return {"home": _HOMES[run.kind], "again": _AGAIN[run.kind]}
