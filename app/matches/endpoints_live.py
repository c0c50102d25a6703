"""Routes that rank live: candidates of a tender, and query by example."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.accounts.auth import Caller, CallerDep
from app.api.deps import CpuDep, Lang, NowDep, PageParams, SessionDep, with_link
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import TenderId
from app.kit.paging import Page
from app.kit.schemas import CleanStr
from app.matches import explaining, live
from app.matches.deps import RankerDep, ReadSessionsDep, WantedOutcomes
from app.matches.live_index import IndexNotLoaded
from app.matches.schemas import CandidateOut, CandidatesPage, CandidateWhyOut, GradeName, MatchAnswersOut, MatchQueryIn
from app.startups.errors import WrongOrganisationKind
from matching.types import Grade, StartupFilter

router = APIRouter(tags=["matches"])
Words = Annotated[list[Annotated[CleanStr, Query(max_length=200)]], Query(default_factory=list, max_length=20)]


def candidate_filter(
    region: Annotated[Words, Query(description="Any of these regions.")],
    sector: Annotated[Words, Query(description="Any of these sectors.")],
    language: Annotated[Words, Query(description="Any of these languages (ISO 639).")],
    certification: Annotated[Words, Query(description="Any of these certificates.")],
    label: Annotated[Words, Query(description="Any of these labels, by name.")],
    min_employees: Annotated[int | None, Query(ge=0)] = None,
    max_employees: Annotated[int | None, Query(ge=0)] = None,
) -> StartupFilter:
    """The buyer's own filters: gates before the ranking; what is unknown of a startup passes and is marked so."""
    return StartupFilter(
        regions=frozenset(region),
        sectors=frozenset(sector),
        languages=frozenset(language),
        labels=frozenset(label),
        certifications=frozenset(certification),
        min_employees=min_employees,
        max_employees=max_employees,
    )


@router.get("/tenders/{tender_id}/candidates", responses=problems(NotFound, live.TenderNotOpen, IndexNotLoaded))
async def list_candidates(
    tender_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:read")],
    sessions: ReadSessionsDep,
    db: SessionDep,
    ranker: RankerDep,
    startups: Annotated[StartupFilter, Depends(candidate_filter)],
    page: PageParams,
    now: NowDep,
    lang: Lang,
    wanted: WantedOutcomes,
    request: Request,
    response: Response,
    grade: Annotated[GradeName, Query(description="This grade or better.")] = "possible",
) -> CandidatesPage:
    """Listed startups that fit one of your open tenders, best first, ranked now, with reasons.

    With `eligibility` a page may hold fewer than `limit`: go on while there is a `next`. The audit trail
    keeps which ones you were shown, in this order.
    """
    question = live.Question(
        caller=caller, now=now, lang=lang, tender_id=TenderId(tender_id), startups=startups, min_grade=Grade(grade),
        wanted=wanted,
    )  # fmt: skip
    made = (await live.listed(db, sessions, ranker, question, page)).page
    with_link(request, response, Page[CandidateOut](items=made.items, next=made.next))
    return made


@router.get(
    "/tenders/{tender_id}/candidates/{startup_id}", responses=problems(NotFound, live.TenderNotOpen, IndexNotLoaded)
)
async def explain_candidate(
    tender_id: uuid.UUID,
    startup_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:read")],
    sessions: ReadSessionsDep,
    db: SessionDep,
    ranker: RankerDep,
    startups: Annotated[StartupFilter, Depends(candidate_filter)],
    now: NowDep,
    lang: Lang,
    wanted: WantedOutcomes,
) -> CandidateWhyOut:
    """Why a startup is among the candidates of one of your open tenders or is not: rank, score, reasons, gates.

    With filters, what each of them says of it. With `eligibility=pass,fail,unknown` the pair is judged too. The
    audit trail keeps that you asked.
    """
    question = live.Question(
        caller=caller, now=now, lang=lang, tender_id=TenderId(tender_id), startups=startups, wanted=wanted
    )
    told, _ = await explaining.why(db, sessions, ranker, question, startup_id)
    return told


@router.post("/match", responses=problems(WrongOrganisationKind, IndexNotLoaded))
async def match(
    asked: MatchQueryIn,
    caller: Annotated[Caller, CallerDep("matches:read")],
    sessions: ReadSessionsDep,
    ranker: RankerDep,
    cpu: CpuDep,
    now: NowDep,
    lang: Lang,
) -> MatchAnswersOut:
    """Query by example: rank the other side of unregistered tenders (for buyers) or startups. Nothing is kept."""
    who = live.Asked(caller, now, lang)
    return MatchAnswersOut(answers=[await live.example(sessions, ranker, cpu, who, query) for query in asked.queries])
