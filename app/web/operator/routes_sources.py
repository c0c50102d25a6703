"""The sources: how each is, its runs, what they refused, and the switches."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.kit.schemas import CleanStr
from app.matches.notice_errors import open_by_source
from app.models.crawl_run import CrawlRun
from app.sources import service
from app.sources.endpoints import BY_POSITION, NEWEST
from app.sources.outcome import SourceStatus
from app.sources.overview import overview
from app.sources.plan import SourcePlan, SourcesMisconfigured
from app.sources.repository import ALL
from app.web.forms import sent_form
from app.web.operator.access import Keeper, Reader
from app.web.pages import page, page_router, see_other
from app.web.progress.streaming import Standing, follow
from app.web.rendering import link

router = page_router("/operate/sources")

Name = Annotated[CleanStr, Path(max_length=200)]
STALE: Final = dt.timedelta(days=2)
"""A source without a complete run for so long is behind: most are due every two hours."""
_LONGEST_REASON: Final = 300
_BADGES: Final[Mapping[SourceStatus, tuple[str, str | None]]] = {
    SourceStatus.OK: ("good", "check"),
    SourceStatus.DRIFTING: ("unsure", "warning"),
    SourceStatus.REFUSED: ("bad", "cross"),
    SourceStatus.HALTED: ("bad", "warning"),
    SourceStatus.OFF: ("plain", None),
}


@router.get("")
async def show_sources(request: Request, caller: Reader, db: ReadSessionDep, now: NowDep) -> Response:
    """Every source that is enabled or has brought anything."""
    views = await overview(db, _plan(request))
    waiting = await open_by_source(db, caller)
    order = [SourceStatus.REFUSED, SourceStatus.HALTED, SourceStatus.DRIFTING, SourceStatus.OK, SourceStatus.OFF]
    return page(
        request,
        "operator/sources.html",
        views=sorted(views, key=lambda view: (order.index(view.status), view.name)),
        badges=_BADGES,
        stale_before=now - STALE,
        halted_by_setting=_plan(request).halted,
        errors=sum(waiting.values()),
        may_write="tenders:write" in caller.scopes,
    )


@router.post("/halt")
async def halt_all(request: Request, caller: Keeper, db: SessionDep, now: NowDep) -> Response:
    """Stop every source."""
    await service.halt(db, caller, _plan(request), ALL, await _reason(request), now)
    return see_other(request, "/operate/sources", done="source.halted")


@router.post("/resume")
async def resume_all(request: Request, caller: Keeper, db: SessionDep) -> Response:
    """Take the switch of every source back."""
    await service.resume(db, caller, _plan(request), ALL)
    return see_other(request, "/operate/sources", done="source.resumed")


@router.get("/{name}")
async def show_source(
    name: Name, request: Request, caller: Reader, db: ReadSessionDep, asked: PageParams, now: NowDep
) -> Response:
    """One source and its runs."""
    plan = _plan(request)
    view = await service.show(db, plan, name)
    after = asked.after(NEWEST)
    runs = await service.runs(db, name, after[1] if after and after[0] == name else None, asked.limit + 1)
    following = asked.next_cursor(runs, NEWEST, lambda run: (name, run.id))
    asked_for = await service.is_asked(db, name)
    return page(
        request,
        "operator/source.html",
        view=view,
        runs=runs[: asked.limit],
        badges=_BADGES,
        stale_before=now - STALE,
        next=link(f"/operate/sources/{name}", cursor=following) if following else None,
        first=f"/operate/sources/{name}" if asked.cursor else None,
        enabled=name in plan.enabled,
        under_way=asked_for or (view.last_run is not None and view.last_run.ended_at is None),
        waiting=asked_for and not _runs(view.last_run),
        may_write="tenders:write" in caller.scopes and _has_collector(plan, name),
    )


@router.get("/{name}/progress")
async def stream_progress(name: Name, request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """How far the crawl of a source is, over and over, until it has ended."""
    plan = _plan(request)
    await service.show(db, plan, name)

    async def stand(session: AsyncSession) -> Standing:
        found = await service.runs(session, name, None, 1)
        asked_for = await service.is_asked(session, name)
        run = found[0] if found else None
        waiting = asked_for and not _runs(run)
        return Standing({"run": run, "waiting": waiting, "source": name}, over=not asked_for and not _runs(run))

    return follow(request, caller, "operator/run_state.html", stand)


@router.get("/{name}/runs/{run_id:uuid}")
async def show_run(
    name: Name, run_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep, asked: PageParams
) -> Response:
    """One run: its report, and what it could not read."""
    run = await service.run(db, name, run_id)
    after = asked.after(BY_POSITION)
    start = after[1] if after is not None and after[0] == run_id else -1
    refused = await service.rejections(db, caller, (name, run_id), start, asked.limit + 1)
    following = asked.next_cursor(refused, BY_POSITION, lambda row: (run_id, row.position))
    here = f"/operate/sources/{name}/runs/{run_id}"
    return page(
        request,
        "operator/run.html",
        name=name,
        run=run,
        refused=refused[: asked.limit],
        next=link(here, cursor=following) if following else None,
        first=here if asked.cursor else None,
    )


@router.post("/{name}/halt")
async def halt(name: Name, request: Request, caller: Keeper, db: SessionDep, now: NowDep) -> Response:
    """Stop a source; a crawl under way ends within seconds."""
    await service.halt(db, caller, _plan(request), name, await _reason(request), now)
    return see_other(request, f"/operate/sources/{name}", done="source.halted")


@router.post("/{name}/resume")
async def resume(name: Name, request: Request, caller: Keeper, db: SessionDep) -> Response:
    """Let a source run again."""
    await service.resume(db, caller, _plan(request), name)
    return see_other(request, f"/operate/sources/{name}", done="source.resumed")


@router.post("/{name}/restart")
async def restart(name: Name, request: Request, caller: Keeper, db: SessionDep, now: NowDep) -> Response:
    """Forget a refusal, and take what drifts for what is usual."""
    await service.restart_as(db, caller, _plan(request), name, now)
    return see_other(request, f"/operate/sources/{name}", done="source.restarted")


@router.post("/{name}/crawl")
async def crawl(name: Name, request: Request, caller: Keeper, db: SessionDep) -> Response:
    """Have a source crawled now."""
    await service.crawl_now(db, caller, _plan(request), name)
    return see_other(request, f"/operate/sources/{name}", done="source.asked")


def _runs(run: CrawlRun | None) -> bool:
    return run is not None and run.ended_at is None


async def _reason(request: Request) -> str | None:
    return (await sent_form(request)).value("reason").replace("\0", "").strip()[:_LONGEST_REASON] or None


def _has_collector(plan: SourcePlan, name: str) -> bool:
    """Whether there is something to halt or crawl: sources of files and of the sample set have no collector."""
    try:
        plan.known(name)
    except SourcesMisconfigured:
        return False
    return True


def _plan(request: Request) -> SourcePlan:
    plan: SourcePlan = request.state.sources
    return plan
