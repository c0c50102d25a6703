"""How each source is: what a person sees of it, in one statement whatever the number of sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.db.base import JsonObject
from app.models.crawl_run import CrawlKind, CrawlOutcome, CrawlRun
from app.models.push import PushSender
from app.models.source import Source
from app.models.source_state import SourceHalt, SourceState
from app.sources.outcome import SourceStatus
from app.sources.plan import SourcePlan
from app.sources.repository import ALL, Card
from scrapers.base import Source as CrawledSource
from scrapers.cursor import Cursor


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as it is shown. ``last_run``: the last that was begun; ``last_complete``: the last complete one."""

    name: str
    title: str
    licence: str | None
    attribution: str | None
    status: SourceStatus
    schedule: str | None
    drift: Sequence[JsonObject]
    not_before: dt.datetime | None
    refused_at: dt.datetime | None
    refusal: str | None
    halted_at: dt.datetime | None
    halt_reason: str | None
    last_run: CrawlRun | None
    last_complete: CrawlRun | None


async def overview(session: AsyncSession, plan: SourcePlan, name: str | None = None) -> list[SourceView]:
    """Every source that is enabled or has brought anything, by name; or the one of this name. Two statements.

    Senders of pushed calls are not among them: there may be thousands, and who they are is between them and the buyer
    that registered them until a call of theirs is published.
    """
    last, complete = (
        aliased(CrawlRun, _latest(*holds).subquery().lateral())
        for holds in ((), (CrawlRun.outcome == CrawlOutcome.COMPLETE, CrawlRun.kind == CrawlKind.REGULAR))
    )
    query = (
        select(Source, SourceState, last, complete)
        .join(SourceState, SourceState.source_id == Source.id, isouter=True)
        .join(last, true(), isouter=True)
        .join(complete, true(), isouter=True)
    )
    switches = {halt.name: halt for halt in await session.scalars(select(SourceHalt))}
    wanted = Source.name == name if name is not None else ~exists().where(PushSender.source_id == Source.id)
    rows = (await session.execute(query.where(wanted))).all()
    cards = {each: Card(each, made.title, made.licence, made.attribution) for each, made in _made(plan, name).items()}
    found = {}
    for source, state, run, whole in rows:
        card = cards.pop(source.name, None) or Card(source.name, source.title, source.licence, source.attribution)
        found[card.name] = _view(plan, card, state, switches, (run, whole))
    for card in cards.values():
        found[card.name] = _view(plan, card, None, switches, (None, None))
    return [found[each] for each in sorted(found)]


def _latest(*holds: ColumnElement[bool]) -> Select[CrawlRun]:
    newest = select(CrawlRun).where(CrawlRun.source_id == Source.id, *holds).correlate(Source)
    return newest.order_by(CrawlRun.id.desc()).limit(1)


def _made(plan: SourcePlan, name: str | None) -> dict[str, CrawledSource]:
    return {each: planned.make() for each, planned in plan.enabled.items() if name in {None, each}}


def _view(
    plan: SourcePlan,
    card: Card,
    state: SourceState | None,
    switches: Mapping[str, SourceHalt],
    runs: tuple[CrawlRun | None, CrawlRun | None],
) -> SourceView:
    planned = plan.enabled.get(card.name)
    stop = Cursor.model_validate(state.cursor).stop if state is not None else None
    halt = switches.get(card.name) or switches.get(ALL)
    drift = state.drift if state is not None else []
    status = SourceStatus.OK
    if planned is None:
        status = SourceStatus.OFF
    elif halt is not None or plan.halted:
        status = SourceStatus.HALTED
    elif stop is not None:
        status = SourceStatus.REFUSED
    elif drift:
        status = SourceStatus.DRIFTING
    return SourceView(
        name=card.name,
        title=card.title,
        licence=card.licence,
        attribution=card.attribution,
        status=status,
        schedule=planned.schedule if planned else None,
        drift=drift,
        not_before=state.not_before if state is not None else None,
        refused_at=stop.at if stop else None,
        refusal=stop.reason if stop else None,
        halted_at=halt.halted_at if halt else None,
        halt_reason=halt.reason if halt else None,
        last_run=runs[0],
        last_complete=runs[1],
    )
