"""What people do with sources: look at them, and restart them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.jobs.messages import CrawlSource
from app.jobs.queue import enqueue, is_waiting
from app.kit.errors import NotFound
from app.models.crawl_run import CrawlRejection, CrawlRun
from app.models.organisation import OrganisationKind
from app.sources.drifting import tell_drift
from app.sources.overview import SourceView, overview
from app.sources.plan import SourcePlan, SourcesMisconfigured
from app.sources.repository import ALL, SourceRepository
from app.startups.errors import WrongOrganisationKind
from scrapers.cursor import Cursor


async def restart(session: AsyncSession, name: str, now: dt.datetime) -> bool:
    """Forget a refusal, and take what drifts for what is usual from now on; whether the source has ever run."""
    repository = SourceRepository(session)
    known = await repository.state_of(name)
    if known is None:
        return False
    state = await repository.held(known.source_id)
    if state.drift:
        before, state.drift = state.drift, []
        state.trusted_from = now
        await tell_drift(session, state, before, now, accepted=True)
    state.cursor = Cursor.model_validate(state.cursor).restarted().model_dump(mode="json")
    state.not_before = None
    state.restarted_at = state.updated_at = now
    return True


async def run(session: AsyncSession, name: str, run_id: uuid.UUID) -> CrawlRun:
    """One run of a source.

    Raises:
        NotFound: there is no such run.

    """
    found = await SourceRepository(session).run(name, run_id)
    if found is None:
        raise NotFound
    return found


async def halt(
    session: AsyncSession, caller: Caller, plan: SourcePlan, name: str, reason: str | None, now: dt.datetime
) -> None:
    """Stop a source, or with ``ALL`` every one, until it is resumed; a crawl under way ends within seconds.

    Raises:
        NotFound: the caller is no operator, or there is no such source.

    """
    _check_known(caller, plan, name)
    await SourceRepository(session).halt(name, reason, now)


async def resume(session: AsyncSession, caller: Caller, plan: SourcePlan, name: str) -> None:
    """Take the switch of a source, or with ``ALL`` that of every one, back.

    Raises:
        NotFound: the caller is no operator, or there is no such source.

    """
    _check_known(caller, plan, name)
    await SourceRepository(session).resume(name)


async def restart_as(session: AsyncSession, caller: Caller, plan: SourcePlan, name: str, now: dt.datetime) -> None:
    """Forget a portal's refusal and accept what drifts, as :func:`restart`.

    Raises:
        NotFound: the caller is no operator, or no such source has ever run.

    """
    _check_known(caller, plan, name)
    if not await restart(session, name, now):
        raise NotFound


async def is_asked(session: AsyncSession, name: str) -> bool:
    """Whether a crawl of a source waits for a worker, or one has it in hand."""
    return await is_waiting(session, CrawlSource(source=name))


async def crawl_now(session: AsyncSession, caller: Caller, plan: SourcePlan, name: str) -> None:
    """Have an enabled source crawled before its time, unless a crawl of it waits or runs.

    Raises:
        NotFound: the caller is no operator, or no such source is enabled.

    """
    if not caller.is_operator or name not in plan.enabled:
        raise NotFound
    await enqueue(session, CrawlSource(source=name))


def _check_known(caller: Caller, plan: SourcePlan, name: str) -> None:
    """A switch under a name that is no source would stop nothing."""
    if not caller.is_operator:
        raise NotFound
    if name == ALL:
        return
    try:
        plan.known(name)
    except SourcesMisconfigured as unknown:
        raise NotFound from unknown


async def show(session: AsyncSession, plan: SourcePlan, name: str) -> SourceView:
    """One source.

    Raises:
        NotFound: there is none of this name that is enabled or has brought anything.

    """
    found = await overview(session, plan, name)
    if not found:
        raise NotFound
    return found[0]


async def runs(session: AsyncSession, name: str, before: uuid.UUID | None, limit: int) -> Sequence[CrawlRun]:
    """The runs of a source, the newest first."""
    return await SourceRepository(session).runs(name, before, limit)


async def rejections(
    session: AsyncSession, caller: Caller, run: tuple[str, uuid.UUID], after: int, limit: int
) -> Sequence[CrawlRejection]:
    """What a run (of a source by this name) refused, after a position.

    Raises:
        WrongOrganisationKind: only the operator reads what could not be read: it may hold anything.
        NotFound: there is no such run.

    """
    if not caller.is_operator:
        raise WrongOrganisationKind(kind=caller.kind, allowed=[OrganisationKind.OPERATOR])
    repository = SourceRepository(session)
    if not await repository.has_run(*run):
        raise NotFound
    return await repository.rejections(run[1], after, limit)
