"""What a board of a cohort shows, in the database: whoever asks comes first, every statement is for a whole page."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pydantic import JsonValue
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    Subquery,
    Uuid,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.cohorts.schemas import LEAST_TOLD, TOLD_FIELDS, CohortFilters, Sorting
from app.evidence.repository import held_by
from app.matches.documents import OPEN
from app.models.match import Match, MatchState
from app.models.startup import Startup
from app.models.startup_evidence import StartupEvidence
from app.models.tender import Tender
from app.startups.filters import StartupFilters, conditions
from app.startups.visibility import whole_for
from scrapers.evidence import EvidenceRecord

LEAST_DESCRIPTION: Final = 80
"""Characters that a description has at least to count as told: below, hardly a sentence."""

_ENDING: Final = "$.*[*].expires ? (@ <= $day)"
_GRADES: Final = ("strong", "good")


class Line(NamedTuple):
    """A startup of the board. ``told``: how many of ``TOLD_FIELDS`` its profile tells; ``held``: its evidence is the
    caller's to see. ``strong`` and ``good`` (matches) are read with the line only where it is sorted by them.
    """

    id: uuid.UUID
    sort_name: str
    name: str
    regions: JsonValue
    city: str | None
    told: int
    claimed: bool
    held: bool
    updated_at: dt.datetime
    strong: int
    good: int


class Member(NamedTuple):
    """A startup of a cohort. ``held``: its evidence is the caller's to see; versions are of profile and evidence."""

    name: str
    held: bool
    version: int
    evidence_version: int


@dataclass(frozen=True, slots=True)
class Best:
    """A startup's open matches, counted, and the best of them."""

    tender_id: uuid.UUID
    grade: str
    title: str
    language: str | None
    deadline_at: dt.datetime | None
    strong: int
    good: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole cohort. ``ending``: startups with a paper that ends by a day; of those alone whose evidence is held."""

    startups: int
    claimed: int
    thin: int
    matched: int
    ending: int


def told_fields() -> ColumnElement[int]:
    """How many of ``TOLD_FIELDS`` a profile tells: records are kept without fields that are empty."""
    length = func.coalesce(func.length(Startup.record["description"].astext), 0)
    found: ColumnElement[int] = case((length >= LEAST_DESCRIPTION, 1), else_=0)
    for name in TOLD_FIELDS[1:]:
        found = found + cast(Startup.record.has_key(name), Integer)
    return found


_CLAIMED: Final = Startup.owner_id.is_not(None)
_THIN: Final = told_fields() < LEAST_TOLD


class CohortRepository:
    """Reads of cohorts."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lines(
        self, caller: Caller, filters: CohortFilters, after: tuple[object, ...] | None, limit: int
    ) -> Sequence[Line]:
        """A page of the board. ``after``: the sort key of the last line shown (see :func:`key_of`)."""
        counted = _counted(caller) if filters.sort is Sorting.MATCHES else None
        query = _lines(caller, counted).where(*_holds(filters)).limit(limit)
        match filters.sort:
            case Sorting.NAME:
                key: tuple[SQLColumnExpression[object], ...] = (Startup.sort_name, Startup.id)
                query = query.order_by(*key)
                query = query if after is None else query.where(tuple_(*key) > after)
            case Sorting.CHANGED:
                key = (Startup.updated_at, Startup.id)
                query = query.order_by(*(each.desc() for each in key))
                query = query if after is None else query.where(tuple_(*key) < after)
            case Sorting.MATCHES:
                assert counted is not None
                key = (func.coalesce(counted.c.strong, 0), func.coalesce(counted.c.good, 0), Startup.id)
                query = query.order_by(*(each.desc() for each in key))
                query = query if after is None else query.where(tuple_(*key) < after)
        return [Line._make(row) for row in await self._session.execute(query)]

    async def line(self, caller: Caller, startup_id: uuid.UUID) -> Line | None:
        """One startup as the board shows it."""
        rows = await self._session.execute(_lines(caller, None).where(Startup.id == startup_id))
        found = rows.one_or_none()
        return None if found is None else Line._make(found)

    async def totals(self, caller: Caller, ends_by: dt.date) -> Totals:
        """The cohort as a whole, in one statement."""
        matched = exists().where(
            Match.startup_id == Startup.id,
            Match.state == MatchState.ACTIVE,
            Match.grade.in_(_GRADES),
            exists().where(Tender.id == Match.tender_id, OPEN),
        )
        path = cast(literal(_ENDING), JSONPATH)
        ends = func.jsonb_path_exists(
            StartupEvidence.document, path, func.jsonb_build_object("day", ends_by.isoformat())
        )
        ending = exists().where(StartupEvidence.startup_id == Startup.id, ends)
        rows = await self._session.execute(
            select(
                func.count(),
                func.count().filter(_CLAIMED),
                func.count().filter(_THIN),
                func.count().filter(matched),
                func.count().filter(held_by(caller), ending),
            )
            .select_from(Startup)
            .where(whole_for(caller))
        )
        return Totals(*rows.one())

    async def best(self, caller: Caller, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Best]:
        """The best open match of each of these startups, with how many there are; without those that have none."""
        if not ids:
            return {}
        of_startup = (Match.startup_id == Startup.id, Match.state == MatchState.ACTIVE, OPEN)
        # The best is the first of its startup's list that is open: no more of the list is sorted, or read in full.
        best = (
            select(Match.tender_id, Match.grade)
            .join(Tender, Tender.id == Match.tender_id)
            .where(*of_startup)
            .order_by(Match.score.desc(), Match.id.desc())
            .limit(1)
            .correlate(Startup)
            .lateral()
        )
        counted = (
            select(*_graded())
            .join(Tender, Tender.id == Match.tender_id)
            .where(*of_startup, Match.grade.in_(_GRADES))
            .correlate(Startup)
            .lateral()
        )
        query = (
            select(
                Startup.id, Tender.id, best.c.grade, Tender.title, Tender.record["language"].astext,
                Tender.deadline_at, counted.c.strong, counted.c.good,
            )
            .select_from(Startup)
            .join(best, true())
            .join(Tender, Tender.id == best.c.tender_id)
            .join(counted, true())
            .where(Startup.id == any_(_array(ids)), whole_for(caller))
        )  # fmt: skip
        return {row[0]: Best(*row[1:]) for row in await self._session.execute(query)}

    async def evidence(self, caller: Caller, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, EvidenceRecord]:
        """What those of these startups can show whose evidence is the caller's to see."""
        rows = await self._session.execute(
            select(StartupEvidence.startup_id, StartupEvidence.document)
            .join(Startup, Startup.id == StartupEvidence.startup_id)
            .where(StartupEvidence.startup_id == any_(_array(ids)), held_by(caller))
        )
        return {startup_id: EvidenceRecord.model_validate(document) for startup_id, document in rows}

    async def best_pairs(
        self, caller: Caller, startups: int, each: int, only: uuid.UUID | None = None
    ) -> Sequence[tuple[uuid.UUID, uuid.UUID, int]]:
        """The best open matches, strong or good, of the newest startups, or of one: startup, call and its version."""
        wanted = select(Startup.id).where(whole_for(caller)).order_by(Startup.id.desc()).limit(startups)
        newest = (wanted if only is None else wanted.where(Startup.id == only)).subquery()
        best = (
            select(Match.tender_id, Tender.version, Match.score)
            .join(Tender, Tender.id == Match.tender_id)
            .where(Match.startup_id == newest.c.id, Match.state == MatchState.ACTIVE, Match.grade.in_(_GRADES), OPEN)
            .order_by(Match.score.desc(), Match.id.desc())
            .limit(each)
            .lateral()
        )
        rows = await self._session.execute(select(newest.c.id, best.c.tender_id, best.c.version).join(best, true()))
        return [(startup, tender, version) for startup, tender, version in rows]

    async def unlisted(self, caller: Caller, limit: int) -> Sequence[uuid.UUID]:
        """The startups of the caller that buyers don't see, the newest first."""
        query = select(Startup.id).where(whole_for(caller), Startup.listed.is_(False))
        return (await self._session.scalars(query.order_by(Startup.id.desc()).limit(limit))).all()

    async def members(self, caller: Caller, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Member]:
        """Those of these startups that the caller sees the whole of."""
        versions = Startup.version, func.coalesce(StartupEvidence.version, 0)
        rows = await self._session.execute(
            select(Startup.id, Startup.name, held_by(caller), *versions)
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(Startup.id == any_(_array(ids)), whole_for(caller))
        )
        return {row[0]: Member._make(row[1:]) for row in rows}


def _array(ids: Collection[uuid.UUID]) -> ColumnElement[Sequence[uuid.UUID]]:
    """One parameter, however many: hundreds of them were planned one by one."""
    return cast(list(ids), ARRAY(Uuid()))


def key_of(sort: Sorting, line: Line) -> tuple[object, ...]:
    """Where a line stands in the list."""
    match sort:
        case Sorting.NAME:
            return (line.sort_name, line.id)
        case Sorting.CHANGED:
            return (line.updated_at, line.id)
        case Sorting.MATCHES:
            return (line.strong, line.good, line.id)


def _lines(caller: Caller, counted: Subquery | None) -> Select[*tuple[object, ...]]:
    zero = literal(0)
    strong, good = (zero, zero) if counted is None else (
        func.coalesce(counted.c.strong, 0), func.coalesce(counted.c.good, 0),
    )  # fmt: skip
    query = select(
        Startup.id, Startup.sort_name, Startup.name, Startup.record["regions"], Startup.city, told_fields(), _CLAIMED,
        held_by(caller), Startup.updated_at, strong, good,
    ).where(whole_for(caller))  # fmt: skip
    return query if counted is None else query.outerjoin(counted, counted.c.startup_id == Startup.id)


def _graded() -> list[ColumnElement[int]]:
    """How many matches are strong, and how many good."""
    return [func.count(Match.id).filter(Match.grade == grade).label(grade) for grade in _GRADES]


def _counted(caller: Caller) -> Subquery:
    """The open strong and good matches of each startup of the cohort."""
    return (
        select(Match.startup_id, *_graded())
        .join(Tender, Tender.id == Match.tender_id)
        .join(Startup, Startup.id == Match.startup_id)
        .where(Match.state == MatchState.ACTIVE, Match.grade.in_(_GRADES), OPEN, whole_for(caller))
        .group_by(Match.startup_id)
        .subquery()
    )


def _holds(filters: CohortFilters) -> list[ColumnElement[bool]]:
    regions = (filters.region,) if filters.region else ()
    found = list(conditions(StartupFilters(q=filters.q, regions=regions)))
    if filters.thin is not None:
        found.append(_THIN if filters.thin else ~_THIN)
    if filters.claimed is not None:
        found.append(_CLAIMED if filters.claimed else ~_CLAIMED)
    return found
