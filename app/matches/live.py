"""Lists ranked live from the index: candidates of a tender, and the other side of an unregistered example."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.audit import service as audit
from app.db.base import JsonObject
from app.db.session import Sessions
from app.eligibility.lists import Wanted, of_example, of_startups, told_of_startups
from app.eligibility.schemas import EligibilityBrief
from app.files.to_matching import startup_doc, tender_doc
from app.kit.cpu_pool import CpuPool
from app.kit.errors import AppError, NotFound
from app.kit.i18n import Lang
from app.kit.ids import TenderId
from app.kit.paging import Keyset, PageRequest
from app.matches.cards import startup_cards, tender_cards
from app.matches.decisions import DecisionRepository
from app.matches.documents import in_lane
from app.matches.ranking import Ranker, wire_reasons
from app.matches.reasons import for_others, told
from app.matches.schemas import (
    CandidateOut,
    CandidatesPage,
    ExampleAnswer,
    ExampleQuery,
    ExampleTenderHit,
    StartupFilterIn,
    TenderFilterIn,
)
from app.matches.subjects import own_open_tender
from app.models.audit_entry import AuditAction
from app.models.organisation import OrganisationKind
from app.startups.errors import WrongOrganisationKind
from matching.types import Gates, Grade, MatchResult, Ranking, StartupFilter, TenderDoc, TenderFilter

PATIENCE_SECONDS = 0.25
DEEPEST = 1_000
LIVE = Keyset("candidates.live", TypeAdapter(tuple[float, uuid.UUID, int]))
MAY_SEE_STARTUPS = frozenset({OrganisationKind.BUYER, OrganisationKind.OPERATOR})


class TenderNotOpen(AppError):
    """Candidates are ranked for calls that are published and open: publish the draft, or ask before it closes."""

    status, slug = 409, "tender-not-open"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and in which language."""

    caller: Caller
    now: dt.datetime
    lang: Lang


@dataclass(frozen=True, slots=True)
class Question(Asked):
    """Who asks for candidates of which tender, through which filters. ``checks``: whether outcomes of eligibility come
    with the checks that make them.
    """

    tender_id: TenderId
    startups: StartupFilter = field(default_factory=StartupFilter)
    min_grade: Grade = Grade.POSSIBLE
    wanted: Wanted | None = None
    checks: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """A stretch of a live ranking. ``rest`` holds what comes after the asked place, ``items`` its first, hydrated."""

    tender: TenderDoc
    ranking: Ranking
    rest: Sequence[MatchResult]
    items: Sequence[CandidateOut]
    complete: bool


Place: TypeAlias = tuple[float, uuid.UUID, int]
"""Score and startup of the last candidate shown, and how many were shown up to it."""


async def candidates(
    sessions: Sessions, ranker: Ranker, question: Question, after: Place | None, limit: int
) -> Candidates:
    """The best ``limit`` startups for one of the caller's open tenders, after a place in the ranking.

    Raises:
        NotFound: there is no such tender, or it is somebody else's.
        TenderNotOpen: it is a draft, withdrawn, or past its deadline.
    """
    async with sessions() as db:
        found = await own_open_tender(db, question.caller, question.tender_id)
    if found is None:
        raise NotFound
    if found.doc is None or (found.doc.deadline is not None and found.doc.deadline < question.now):
        raise TenderNotOpen
    complete = await ranker.index.catch_up(PATIENCE_SECONDS)
    gates = Gates(as_of=question.now, startups=question.startups, min_grade=question.min_grade)
    wanted = (after[2] if after else 0) + limit + 1
    ranking = await ranker.startups_for(found.doc, k=min(wanted, DEEPEST), gates=gates)
    rest = [item for item in ranking.items if after is None or place_of(item) > (-after[0], after[1])]
    async with sessions() as db:
        items = await hydrated(db, question, rest[:limit])
    return Candidates(found.doc, ranking, rest, items, complete)


async def hydrated(db: AsyncSession, question: Question, items: Sequence[MatchResult]) -> Sequence[CandidateOut]:
    """Results as the caller is shown them: with their startups, its decisions, and eligibility as it was asked for."""
    shown = await _hydrated_startups(db, items, question.lang, question.caller, question.tender_id)
    if question.wanted is None or not question.wanted.outcomes:
        return shown
    return await _judged(db, question, question.wanted, shown)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of candidates, the call as it was ranked, and how many were shown on the pages before."""

    page: CandidatesPage
    tender: TenderDoc
    before: int


async def listed(db: AsyncSession, sessions: Sessions, ranker: Ranker, question: Question, page: PageRequest) -> Listed:
    """A page of candidates for one of the caller's open tenders; ``db`` keeps in the audit trail that it was shown.

    Raises:
        NotFound: there is no such tender, or it is somebody else's.
        TenderNotOpen: it is a draft, withdrawn, or past its deadline.
    """
    after = page.after(LIVE)
    before = after[2] if after else 0
    found = await candidates(sessions, ranker, question, after, page.limit)
    following = page.next_cursor(
        found.rest, LIVE, lambda item: (item.score, uuid.UUID(item.startup_id), before + page.limit)
    )
    await keep_view(db, question, found.items, {"after": before})
    made = CandidatesPage.model_validate(
        {
            **head(ranker, found.ranking, question.now, complete=found.complete),
            "items": list(found.items),
            "next": following,
        }
    )
    return Listed(made, found.tender, before)


async def keep_view(db: AsyncSession, question: Question, shown: Sequence[CandidateOut], how: JsonObject) -> None:
    """Keep in the audit trail which candidates the caller was shown, in this order, and ``how``."""
    details: JsonObject = {"startup_ids": [str(each.startup.id) for each in shown], **how}
    await audit.record(db, question.caller, question.tender_id, AuditAction.CANDIDATES_VIEWED, details, question.now)


def place_of(item: MatchResult) -> tuple[float, uuid.UUID]:
    """What candidates are ordered by."""
    return (-item.score, uuid.UUID(item.startup_id))


async def example(sessions: Sessions, ranker: Ranker, cpu: CpuPool, asked: Asked, query: ExampleQuery) -> ExampleAnswer:
    """Rank the other side of an unregistered tender or startup.

    Raises:
        WrongOrganisationKind: startups and incubators may not list other startups.
    """
    complete = await ranker.index.catch_up(PATIENCE_SECONDS)
    gates = _gates(query, asked.now)
    if query.tender is not None:
        if asked.caller.kind not in MAY_SEE_STARTUPS:
            raise WrongOrganisationKind(kind=asked.caller.kind, allowed=MAY_SEE_STARTUPS)
        ranking = await ranker.startups_for(tender_doc(query.tender), k=query.limit, gates=gates)
        async with sessions() as db:
            startups = await _hydrated_startups(db, ranking.items, asked.lang)
        return ExampleAnswer(**head(ranker, ranking, gates.as_of, complete=complete), startups=list(startups))
    assert query.startup is not None
    wanted = Wanted(cpu, gates.as_of or asked.now, frozenset(query.eligibility), asked.lang)
    if query.tender_filter.simplified_access is not None:
        async with sessions() as db:
            gates = replace(gates, only=await in_lane(db, simplified=query.tender_filter.simplified_access))
    ranking = await ranker.tenders_for(startup_doc(query.startup), k=query.limit, gates=gates)
    ids = [uuid.UUID(item.tender_id) for item in ranking.items]
    async with sessions() as db:
        cards = await tender_cards(db, ids)
        record = query.startup.model_dump(mode="json", exclude_defaults=True)
        judged = await of_example(db, wanted, asked.caller, record, ids)
    tenders = [
        ExampleTenderHit(tender=card, eligibility=judged.get(row), **scored(item, asked.lang))
        for row, item in zip(ids, ranking.items, strict=True)
        if (card := cards.get(row)) is not None and (row in judged or not wanted.outcomes)
    ]
    return ExampleAnswer(**head(ranker, ranking, gates.as_of, complete=complete), tenders=tenders)


def head(ranker: Ranker, ranking: Ranking, as_of: dt.datetime | None, *, complete: bool) -> dict[str, object]:
    """How a list was made, for its answer."""
    return {
        "algorithm": ranking.algorithm,
        "as_of": as_of,
        "considered": ranking.considered,
        "gated": dict(ranking.gated),
        "index_age_seconds": round(ranker.index.age_seconds or 0.0, 3),
        "complete": complete,
    }


def scored(item: MatchResult, lang: Lang) -> dict[str, object]:
    """The score of a pair, for its answer."""
    return {
        "score": item.score,
        "grade": item.grade.value,
        "lot_id": item.lot_id,
        "unknown": list(item.unknown),
        "reasons": told(map(for_others, wire_reasons(item)), lang),
    }


def startup_filter(given: StartupFilterIn) -> StartupFilter:
    """The filters of a request as the ranker's gates."""
    return StartupFilter(
        regions=frozenset(given.regions),
        sectors=frozenset(given.sectors),
        languages=frozenset(given.languages),
        labels=frozenset(given.labels),
        certifications=frozenset(given.certifications),
        min_employees=given.min_employees,
        max_employees=given.max_employees,
    )


def _tender_filter(given: TenderFilterIn) -> TenderFilter:
    return TenderFilter(
        regions=frozenset(given.regions),
        categories=frozenset(given.categories),
        sector=given.sector,
        reserved_sme=given.reserved_sme,
        min_value=given.min_value,
        max_value=given.max_value,
        currency=given.currency,
    )


def _gates(query: ExampleQuery, now: dt.datetime) -> Gates:
    return Gates(
        as_of=query.as_of or now,
        same_country=query.same_country,
        startups=startup_filter(query.startup_filter),
        tenders=_tender_filter(query.tender_filter),
        min_grade=Grade(query.min_grade),
    )


async def _judged(
    db: AsyncSession, question: Question, wanted: Wanted, items: Sequence[CandidateOut]
) -> Sequence[CandidateOut]:
    """Candidates with their eligibility, of the wanted outcomes."""
    ids = [item.startup.id for item in items]
    if question.checks:
        pair = (question.tender_id, ids)
        found: Mapping[uuid.UUID, EligibilityBrief] = await told_of_startups(
            db, wanted, question.caller, pair, question.lang
        )
    else:
        found = await of_startups(db, wanted, question.caller, question.tender_id, ids)
    return [
        item.model_copy(update={"eligibility": found[item.startup.id]}) for item in items if item.startup.id in found
    ]


async def _hydrated_startups(
    db: AsyncSession,
    items: Sequence[MatchResult],
    lang: Lang,
    caller: Caller | None = None,
    tender_id: TenderId | None = None,
) -> Sequence[CandidateOut]:
    ids = [uuid.UUID(item.startup_id) for item in items]
    cards = await startup_cards(db, ids)
    decided = (
        await DecisionRepository(db).kinds_for_tender(caller.organisation_id, tender_id, ids)
        if caller is not None and tender_id is not None
        else {}
    )
    return [
        CandidateOut(startup=card, decision=decided.get(row), **scored(item, lang))
        for row, item in zip(ids, items, strict=True)
        if (card := cards.get(row)) is not None  # gone since the index was refreshed
    ]
