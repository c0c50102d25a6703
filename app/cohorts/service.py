"""The board of a cohort, one startup's sheet, and what most of them lack."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.cohorts.repository import LEAST_DESCRIPTION, Best, CohortRepository, Line, Totals
from app.cohorts.schemas import TOLD_FIELDS, CohortFilters
from app.db.base import JsonObject
from app.eligibility.judging import Judged, PairRecords, judge_records
from app.eligibility.repository import EligibilityRepository
from app.evidence.expiry import Ending, ending_before
from app.ingest.loading import IDS_PER_JOB
from app.jobs.messages import MatchStartups
from app.jobs.queue import enqueue
from app.kit.cpu_pool import CpuPool
from app.kit.errors import NotFound
from app.planning.calendars import working_days_of
from matching.eligibility.rates import moment_at
from matching.eligibility.verdicts import Effect, Outcome, Settler
from matching.planning.book import default_book
from matching.planning.readiness import PieceState, Timing, readiness
from scrapers.evidence import EvidenceRecord

ENDS_WITHIN: Final = dt.timedelta(days=60)
"""How early the end of a paper is told: renewing one takes weeks."""

LOOKED_AT: Final = 100
CALLS_EACH: Final = 3
"""What gaps are counted over: so many startups, the newest, each with so many of its best calls."""

MOST_RANKED: Final = 5_000
"""Startups that are ranked again at once."""

_SECONDS: Final = 20.0
_MOST_GAPS: Final = 15


@dataclass(frozen=True, slots=True)
class Row:
    """A startup of the board. ``ending``: papers that end soon or have; ``None`` where they are not the caller's to
    see. ``papers_told``: whether anything was told of them at all.
    """

    line: Line
    best: Best | None
    ending: Sequence[Ending] | None
    papers_told: bool = True


@dataclass(frozen=True, slots=True)
class Gap:
    """What some startups lack: a paper (``piece``, an id of the planning's), a clause that shuts them out (``kind``,
    ``None`` where it is a rule of law; ``name`` where the clause names a certificate), or a fact that nobody told
    (``what``).
    """

    startups: Sequence[uuid.UUID]
    pairs: int
    piece: str | None = None
    kind: str | None = None
    name: str | None = None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a cohort, the most frequent first, over so many startups and calls; ``names`` of the startups.

    ``papers_unknown``: how many of the startups have not told whether they hold some paper.
    """

    startups: int
    pairs: int
    papers: Sequence[Gap] = ()
    clauses: Sequence[Gap] = ()
    untold: Sequence[Gap] = ()
    papers_unknown: int = 0
    names: Mapping[uuid.UUID, str] = field(default_factory=dict)


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


async def gaps(db: AsyncSession, cpu: CpuPool, caller: Caller, now: dt.datetime, only: uuid.UUID | None = None) -> Gaps:
    """What shuts the cohort out of its best calls most often, and what it could hand in least.

    ``only``: one startup instead. Papers are looked for where the startup's evidence is the caller's to see.
    """
    repository = CohortRepository(db)
    pairs = await repository.best_pairs(caller, LOOKED_AT, CALLS_EACH, only)
    records = await EligibilityRepository(db).pairs(caller, pairs)
    names = await repository.names(caller, {startup for startup, _ in pairs})
    held = frozenset(startup for startup, (_, is_held) in names.items() if is_held)
    await db.close()  # the connection is nobody's while it is worked out
    if not records:
        return Gaps(len(names), 0)
    found = await cpu.run(_counted, list(records.items()), held, now, deadline=_SECONDS)
    return Gaps(len(names), len(records), *found, {startup: name for startup, (name, _) in names.items()})


def _row(line: Line, best: Best | None, shown: EvidenceRecord | None, today: dt.date) -> Row:
    if not line.held:
        return Row(line, best, None)
    if shown is None:
        return Row(line, best, (), papers_told=False)
    return Row(line, best, ending_before(shown, today + ENDS_WITHIN + dt.timedelta(days=1)))


class _Tally:
    """Who has a gap, and at how many pairs."""

    def __init__(self) -> None:
        self._startups: dict[Gap, dict[uuid.UUID, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, gap: Gap, startup: uuid.UUID) -> None:
        self._startups[gap][startup] += 1

    def ranked(self) -> list[Gap]:
        found = [
            Gap(tuple(who), sum(who.values()), gap.piece, gap.kind, gap.name, gap.what)
            for gap, who in self._startups.items()
        ]
        return sorted(found, key=lambda gap: (-len(gap.startups), -gap.pairs))[:_MOST_GAPS]


def _counted(
    pairs: Sequence[tuple[tuple[uuid.UUID, uuid.UUID], PairRecords]], held: frozenset[uuid.UUID], now: dt.datetime
) -> tuple[list[Gap], list[Gap], list[Gap], int]:
    """Papers, clauses and untold facts, counted, and who has not told its papers; pure work for a thread."""
    papers, clauses, untold = _Tally(), _Tally(), _Tally()
    unknown: set[uuid.UUID] = set()
    for (startup, _), records in pairs:
        judged = judge_records(records, now)
        if startup in held:
            for piece, state in _pieces(judged, now):
                if state is PieceState.MISSING:
                    papers.add(Gap((), 0, piece=piece), startup)
                elif state is PieceState.UNKNOWN:
                    unknown.add(startup)
        for gap in set(_blocking(judged)):
            clauses.add(gap, startup)
        for gap in set(_untold(judged)):
            untold.add(gap, startup)
    return papers.ranked(), clauses.ranked(), untold.ranked(), len(unknown)


def _pieces(judged: Judged, now: dt.datetime) -> Iterator[tuple[str, PieceState]]:
    timing = Timing(moment_at(now), working_days_of(judged.tender.country, now.year))
    found = readiness(judged.tender, judged.startup, judged.eligibility, default_book(), timing)
    yield from ((item.piece.id, item.state) for item in found.items)


def _blocking(judged: Judged) -> Iterator[Gap]:
    for check in judged.eligibility.checks:
        if check.effect is Effect.BINDS and check.outcome is Outcome.FAIL:
            name = check.facts.get("name")
            yield Gap((), 0, kind=check.kind.value if check.kind else None, name=str(name) if name else None)


def _untold(judged: Judged) -> Iterator[Gap]:
    for check in judged.eligibility.checks:
        if check.effect is Effect.BINDS and check.outcome is Outcome.UNKNOWN:
            yield from (Gap((), 0, what=each.what) for each in check.settle if each.by is Settler.PROFILE)
