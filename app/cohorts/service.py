"""The board of a cohort, and one startup's sheet."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.cohorts.repository import LEAST_DESCRIPTION, Best, CohortRepository, Line, Totals
from app.cohorts.schemas import TOLD_FIELDS, CohortFilters
from app.db.base import JsonObject
from app.evidence.expiry import Ending, ending_before
from app.ingest.loading import IDS_PER_JOB
from app.jobs.messages import MatchStartups
from app.jobs.queue import enqueue
from app.kit.errors import NotFound
from scrapers.evidence import EvidenceRecord

ENDS_WITHIN: Final = dt.timedelta(days=60)
"""How early the end of a paper is told: renewing one takes weeks."""

MOST_RANKED: Final = 5_000
"""Startups that are ranked again at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """A startup of the board. ``ending``: papers that end soon or have; ``None`` where they are not the caller's to
    see. ``papers_told``: whether anything was told of them at all.
    """

    line: Line
    best: Best | None
    ending: Sequence[Ending] | None
    papers_told: bool = True


async def board(
    db: AsyncSession,
    caller: Caller,
    filters: CohortFilters,
    after: tuple[object, ...] | None,
    limit: int,
    today: dt.date,
) -> Sequence[Row]:
    """A page of the board: three statements, however many startups."""
    repository = CohortRepository(db)
    lines = await repository.lines(caller, filters, after, limit)
    ids = [line.id for line in lines]
    best = await repository.best(caller, ids)
    shown = await repository.evidence(caller, ids)
    return [_row(line, best.get(line.id), shown.get(line.id), today) for line in lines]


async def totals(db: AsyncSession, caller: Caller, today: dt.date) -> Totals:
    """The cohort as a whole."""
    return await CohortRepository(db).totals(caller, today + ENDS_WITHIN)


async def sheet(db: AsyncSession, caller: Caller, startup_id: uuid.UUID, today: dt.date) -> Row:
    """One startup as the board shows it, without its matches, which a sheet lists.

    Raises:
        NotFound: there is none of the caller's.

    """
    repository = CohortRepository(db)
    line = await repository.line(caller, startup_id)
    if line is None:
        raise NotFound
    shown = await repository.evidence(caller, [startup_id])
    return _row(line, None, shown.get(startup_id), today)


async def rank_again(db: AsyncSession, caller: Caller) -> int:
    """Have the caller's unlisted startups compared with the calls of today; how many. Once at a time, however often.

    Calls that come in are ranked over the listed startups alone: an unlisted one hears of them only so.
    """
    ids = await CohortRepository(db).unlisted(caller, MOST_RANKED)
    parts = [tuple(ids[at : at + IDS_PER_JOB]) for at in range(0, len(ids), IDS_PER_JOB)]
    asked = (MatchStartups(startup_ids=part, part=f"{caller.organisation_id}:{at}") for at, part in enumerate(parts))
    await enqueue(db, *asked)
    return len(ids)


def untold_fields(record: JsonObject) -> Sequence[str]:
    """Which of ``TOLD_FIELDS`` a profile does not tell."""
    told: set[str] = {name for name in TOLD_FIELDS[1:] if name in record}
    description = record.get("description")
    if isinstance(description, str) and len(description) >= LEAST_DESCRIPTION:
        told.add(TOLD_FIELDS[0])
    return [name for name in TOLD_FIELDS if name not in told]


def _row(line: Line, best: Best | None, shown: EvidenceRecord | None, today: dt.date) -> Row:
    if not line.held:
        return Row(line, best, None)
    if shown is None:
        return Row(line, best, (), papers_told=False)
    return Row(line, best, ending_before(shown, today + ENDS_WITHIN + dt.timedelta(days=1)))
