"""One startup, or a few of them, at one call: on the list or not, at which rank, and why. Ranked as the list is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import Sessions
from app.kit.errors import NotFound
from app.matches import live
from app.matches.live import DEEPEST, PATIENCE_SECONDS, Question
from app.matches.ranking import Ranker
from app.matches.schemas import CandidateOut, CandidateWhyOut, GateOut
from app.matches.subjects import own_open_tender
from app.startups.repository import StartupRepository
from app.startups.schemas import StartupPublic
from app.startups.views import public_view
from matching.types import Gates, Grade, Ranking, StartupFilter, TenderDoc


@dataclass(frozen=True, slots=True)
class Profiled:
    """A candidate with the public part of its profile. ``rank``: from 1; ``None``: not among the first ``DEEPEST``."""

    candidate: CandidateOut
    profile: StartupPublic
    rank: int | None


@dataclass(frozen=True, slots=True)
class Explained:
    """Startups at a call, in the order they were asked for; whoever is not shown to the caller is left out.

    ``ranking``: the whole list, without reasons.
    """

    tender: TenderDoc
    shown: Sequence[Profiled]
    ranking: Ranking
    complete: bool


async def side_by_side(
    db: AsyncSession, sessions: Sessions, ranker: Ranker, question: Question, ids: Sequence[uuid.UUID]
) -> Explained:
    """A few startups at one of the caller's open calls; ``db`` keeps in the audit trail that they were compared.

    Raises:
        NotFound: there is no such tender, or it is somebody else's.
        TenderNotOpen: it is a draft, withdrawn, or past its deadline.
    """
    found = await _explained(sessions, ranker, question, ids)
    await live.keep_view(db, question, [each.candidate for each in found.shown], {"compared": True})
    return found


async def why(
    db: AsyncSession, sessions: Sessions, ranker: Ranker, question: Question, startup_id: uuid.UUID
) -> tuple[CandidateWhyOut, Explained]:
    """Why a startup is on the list of one of the caller's open calls or not; ``db`` keeps that it was asked.

    Raises:
        NotFound: no such tender of the caller's, or no such startup that it may know of.
        TenderNotOpen: the tender is a draft, withdrawn, or past its deadline.
    """
    found = await _explained(sessions, ranker, question, [startup_id])
    if not found.shown:
        raise NotFound
    one = found.shown[0]
    gates = await _gates(ranker, question, found.tender, str(startup_id))
    await live.keep_view(db, question, [one.candidate], {"explained": True})
    stopped = any(gate.outcome == "stops" for gate in gates)
    grades = ranker.algorithms()[0].grades
    weak = one.candidate.grade == Grade.NONE.value
    told = CandidateWhyOut.model_validate(
        {
            **live.head(ranker, found.ranking, question.now, complete=found.complete),
            "standing": "gated" if stopped else "weak" if weak else "beyond" if one.rank is None else "listed",
            "rank": one.rank,
            "least_score": grades[Grade.POSSIBLE],
            "gates": gates,
            "candidate": one.candidate,
        }
    )
    return told, found


async def _explained(sessions: Sessions, ranker: Ranker, question: Question, ids: Sequence[uuid.UUID]) -> Explained:
    async with sessions() as db:
        found = await own_open_tender(db, question.caller, question.tender_id)
        rows = await StartupRepository(db).several(question.caller, ids)
    if found is None:
        raise NotFound
    if found.doc is None or (found.doc.deadline is not None and found.doc.deadline < question.now):
        raise live.TenderNotOpen
    profiles = {row.id: public_view(row) for row in rows}
    complete = await ranker.index.catch_up(PATIENCE_SECONDS)
    gates = Gates(as_of=question.now, min_grade=Grade.POSSIBLE)
    ranking = await ranker.fitting_startups(found.doc, k=DEEPEST, gates=gates)
    ranks = {item.startup_id: place for place, item in enumerate(ranking.items, 1)}
    ungated = Gates(same_country=False, only=frozenset(map(str, profiles)))
    pairs = await ranker.startups_for(found.doc, k=max(1, len(profiles)), gates=ungated)
    async with sessions() as db:
        candidates = await live.hydrated(db, question, pairs.items)
    by_id = {each.startup.id: each for each in candidates}
    shown = [
        Profiled(by_id[row], profiles[row], ranks.get(str(row))) for row in ids if row in by_id and row in profiles
    ]
    return Explained(found.doc, shown, ranking, complete)


async def _gates(ranker: Ranker, question: Question, tender: TenderDoc, startup_id: str) -> list[GateOut]:
    """What each gate says of one startup; those of the question's filters only where it has any."""
    only = Gates(same_country=False, only=frozenset({startup_id}))
    asked = {"country": replace(only, same_country=True)}
    wanted = question.startups
    for name in ("regions", "sectors", "languages", "labels", "certifications"):
        if values := getattr(wanted, name):
            asked[name] = replace(only, startups=StartupFilter(**{name: values}))
    if wanted.min_employees is not None or wanted.max_employees is not None:
        size = StartupFilter(min_employees=wanted.min_employees, max_employees=wanted.max_employees)
        asked["employees"] = replace(only, startups=size)
    told = []
    for name, gates in asked.items():
        left = (await ranker.fitting_startups(tender, k=1, gates=gates)).items
        outcome = "stops" if not left else "unknown" if name in left[0].unknown else "passes"
        told.append(GateOut.model_validate({"name": name, "outcome": outcome}))
    return told
