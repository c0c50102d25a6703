"""Outcomes beside relevance: the eligibility of every pair of a list, asked for in one go."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.eligibility.judging import PairRecords, judge_many, quotes_of
from app.eligibility.repository import EligibilityRepository
from app.eligibility.schemas import BlockingOut, EligibilityBrief, EligibilityWithChecks, OutcomeName
from app.eligibility.telling import STARTUPS_OWN, told_check
from app.kit.cpu_pool import CpuPool
from app.kit.i18n import DEFAULT_LANG, Lang
from app.kit.ids import StartupId, TenderId
from matching.eligibility.verdicts import Check, Effect, Eligibility, Outcome

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outcomes a list shows, in which words; none: it is not judged at all."""

    cpu: CpuPool
    now: dt.datetime
    outcomes: frozenset[OutcomeName] = field(default_factory=frozenset)
    lang: Lang = DEFAULT_LANG


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
    return await _judged(wanted, await EligibilityRepository(db).firms(caller, tender_id, startup_ids), whole=False)


async def told_of_startups(
    db: AsyncSession,
    wanted: Wanted,
    caller: Caller,
    pair: tuple[TenderId, Collection[uuid.UUID]],
    lang: Lang,
) -> Mapping[uuid.UUID, EligibilityWithChecks]:
    """As :func:`of_startups`, each with the checks that bind and don't pass. ``pair``: a call, and startups."""
    tender_id, startup_ids = pair
    if not wanted.outcomes or not startup_ids:
        return {}
    pairs = await EligibilityRepository(db).firms(caller, tender_id, startup_ids)
    return await wanted.cpu.run(_told, pairs, wanted, lang, deadline=_SECONDS)


def _told(
    pairs: Mapping[uuid.UUID, PairRecords], wanted: Wanted, lang: Lang
) -> Mapping[uuid.UUID, EligibilityWithChecks]:
    judged = judge_many(list(pairs.values()), wanted.now)
    quotes = quotes_of(next(iter(pairs.values()))) if pairs else {}
    told = {}
    for row, found in zip(pairs, judged, strict=True):
        short = brief(found, lang, whole=False)
        if short.outcome in wanted.outcomes:
            told[row] = EligibilityWithChecks(
                outcome=short.outcome,
                counts=short.counts,
                blocking=short.blocking,
                checks=[
                    told_check(each, lang, quote=quotes.get(each.clause or ""), whole=False)
                    for each in found.checks
                    if each.effect is Effect.BINDS
                    and each.outcome is not Outcome.PASS
                    and each.rule not in STARTUPS_OWN
                ],
            )
    return told


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


async def _judged(
    wanted: Wanted, pairs: Mapping[uuid.UUID, PairRecords], *, whole: bool = True
) -> Mapping[uuid.UUID, EligibilityBrief]:
    found = await wanted.cpu.run(judge_many, list(pairs.values()), wanted.now, deadline=_SECONDS)
    briefs = {row: brief(each, wanted.lang, whole=whole) for row, each in zip(pairs, found, strict=True)}
    return {row: each for row, each in briefs.items() if each.outcome in wanted.outcomes}


def brief(found: Eligibility, lang: Lang, *, whole: bool = True) -> EligibilityBrief:
    """The outcome of a pair, how many of its binding checks came out how, and the first that made it so.

    ``whole`` off: without the startup's own figures.
    """
    binding = [each for each in found.checks if each.effect is Effect.BINDS]
    outcomes = [each.outcome for each in binding]
    return EligibilityBrief(
        outcome=found.outcome.value,
        counts={outcome.value: outcomes.count(outcome) for outcome in Outcome},
        blocking=_blocking(found, binding, lang, whole=whole),
    )


def _blocking(found: Eligibility, binding: list[Check], lang: Lang, *, whole: bool) -> BlockingOut | None:
    if found.outcome is Outcome.PASS:
        return None
    told = (each for each in binding if whole or each.rule not in STARTUPS_OWN)
    first = next((each for each in told if each.outcome is found.outcome), None)
    if first is None:
        return None
    said = told_check(first, lang, whole=whole)
    return BlockingOut(rule=said.rule, sentence=said.sentence, citation=said.citation)
