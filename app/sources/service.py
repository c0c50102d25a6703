"""What people do with sources: look at them, and restart them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.errors import NotFound
from app.models.crawl_run import CrawlRejection, CrawlRun
from app.models.organisation import OrganisationKind
from app.sources.drifting import tell_drift
from app.sources.overview import SourceView, overview
from app.sources.plan import SourcePlan
from app.sources.repository import SourceRepository
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
