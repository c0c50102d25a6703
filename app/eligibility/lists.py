"""Outcomes beside relevance: the eligibility of every pair of a list, asked for in one go."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.eligibility.judging import PairRecords, judge_many
from app.eligibility.repository import EligibilityRepository
from app.eligibility.schemas import EligibilityBrief, OutcomeName
from app.kit.cpu_pool import CpuPool
from app.kit.ids import StartupId, TenderId
from matching.eligibility.verdicts import Effect, Eligibility, Outcome

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outcomes a list shows; none: it is not judged at all."""

    cpu: CpuPool
    now: dt.datetime
    outcomes: frozenset[OutcomeName] = field(default_factory=frozenset)


async def of_calls(
    db: AsyncSession, wanted: Wanted, caller: Caller, startup_id: StartupId, tender_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, EligibilityBrief]:
    """The wanted outcomes of one startup at these calls."""
    if not wanted.outcomes or not tender_ids:
        return {}
    return await _judged(wanted, await EligibilityRepository(db).calls(caller, startup_id, tender_ids))


async def of_startups(
    db: AsyncSession, wanted: Wanted, caller: Caller, tender_id: TenderId, startup_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, EligibilityBrief]:
    """The wanted outcomes of these startups at one call."""
    if not wanted.outcomes or not startup_ids:
        return {}
    return await _judged(wanted, await EligibilityRepository(db).firms(caller, tender_id, startup_ids))


async def of_example(
    db: AsyncSession,
    wanted: Wanted,
    caller: Caller,
    startup: Mapping[str, JsonValue],
    tender_ids: Collection[uuid.UUID],
) -> Mapping[uuid.UUID, EligibilityBrief]:
    """The wanted outcomes of a startup that is not stored, at these calls."""
    if not wanted.outcomes or not tender_ids:
        return {}
    return await _judged(wanted, await EligibilityRepository(db).calls_seen(caller, startup, tender_ids))


async def _judged(wanted: Wanted, pairs: Mapping[uuid.UUID, PairRecords]) -> Mapping[uuid.UUID, EligibilityBrief]:
    found = await wanted.cpu.run(judge_many, list(pairs.values()), wanted.now, deadline=_SECONDS)
    briefs = {row: brief(each) for row, each in zip(pairs, found, strict=True)}
    return {row: each for row, each in briefs.items() if each.outcome in wanted.outcomes}


def brief(found: Eligibility) -> EligibilityBrief:
    """The outcome of a pair and how many of its binding checks came out how."""
    binding = [each.outcome for each in found.checks if each.effect is Effect.BINDS]
    return EligibilityBrief(
        outcome=found.outcome.value, counts={outcome.value: binding.count(outcome) for outcome in Outcome}
    )
