"""A call as needs, startups as candidates: what a consortium must bring, and what each could bring to it.

Others are judged by the public part of their profiles: what a proposal says of a partner must tell nothing of its
evidence, its turnover or the amounts of its contracts. So most of what is asked is open until the partner is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.consortium.seats import Ask
from matching.consortium.types import Candidate, Need, Together
from matching.eligibility.case import Case
from matching.eligibility.checking import the_case
from matching.eligibility.clauses.references import judge_references
from matching.eligibility.facts import Clause, HeldReference, Moment, Part, StartupFacts, TenderFacts
from matching.eligibility.rulebook import RuleBook
from matching.eligibility.sums import PIVOT
from matching.openness.grades import FAIL, GRADE_OF, PASS, UNKNOWN
from matching.openness.inquiry import Inquiry, Item
from matching.openness.loosening import asks
from matching.openness.pool import Pool
from matching.requirements.findings import Kind, Permission, References, Turnover
from matching.types import Amount

_WAIVABLE = frozenset(
    {Kind.CERTIFICATE, Kind.TEAM, Kind.EQUIPMENT, Kind.LOCAL_PRESENCE, Kind.LANGUAGE, Kind.REFERENCES, Kind.TURNOVER}
)
WORK = "work"
"""The need that the whole call is, where it has no lots."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call's needs, each with its clause; candidates; and by candidate what it may hold but has not told."""

    ask: Ask
    clauses: Mapping[str, Clause | None]
    candidates: Sequence[Candidate]
    open: Mapping[str, frozenset[str]]


def refuses(tender: TenderFacts) -> bool:
    """Whether the call says that it takes no consortia."""
    told = (each.value for each in tender.clauses if each.kind is Kind.CONSORTIUM)
    return any(isinstance(value, Permission) and value.allowed is False for value in told)


def wanted(
    tender: TenderFacts,
    startups: Sequence[StartupFacts],
    scores: Mapping[str, Mapping[str, float]],
    law: tuple[RuleBook, Moment],
    *,
    sure: bool,
) -> Wanted:
    """Needs and candidates. ``scores``: by lot (``WORK``: the call) the ranker's score of whoever fits it.

    ``sure``: only what is known to be held counts.
    """
    rules, moment = law
    case, _ = the_case(tender, None, rules, moment)
    pool = Pool.of(startups)
    items = [item for item in Inquiry(pool, np.arange(len(pool)), rules, moment).items(tender) if _binds(item)]
    lots = [lot.id for lot in tender.lots] or [WORK]
    needs = [Need(lot if lot == WORK else f"lot:{lot}", lot=lot, work=True) for lot in lots]
    clauses: dict[str, Clause | None] = {need.id: None for need in needs}
    for item in items:
        need = _need(item, case, sure=sure)
        needs.append(need)
        clauses[need.id] = item.clause
    least = PASS if sure else UNKNOWN
    held = {_name(item): item.grades >= least for item in items}
    open_ = {_name(item): item.grades == UNKNOWN for item in items}
    candidates = []
    for row, startup in enumerate(pool.startups):
        by_lot = {need.id: scores.get(str(need.lot), {}).get(startup.id) for need in needs if need.work}
        fits = {need: score for need, score in by_lot.items() if score is not None}
        sums = {
            need.id: _amount(clauses[need.id], startup, case, sure=sure)
            for need in needs
            if need.together is Together.SUM
        }
        candidates.append(
            Candidate(
                startup.id,
                relevance=max(map(_likely, fits.values()), default=0.0),
                holds=frozenset(fits) | {name for name, column in held.items() if column[row]},
                amounts=sums,
                strength=_latest(startup, case),
            )
        )
    unsettled = {
        startup.id: frozenset(name for name, column in open_.items() if column[row])
        for row, startup in enumerate(pool.startups)
    }
    return Wanted(Ask(tuple(needs), _lot_values(tender, case)), clauses, candidates, unsettled)


def _binds(item: Item) -> bool:
    return (asks(item.clause) if item.clause else True) and bool((item.grades < PASS).any())


def _name(item: Item) -> str:
    return item.clause.id if item.clause is not None else item.rule


def _need(item: Item, case: Case, *, sure: bool) -> Need:
    """A sum where members are added up, one member's where a partner may bring it, everybody's else. Turnover that is
    not told can't be added up: it is then enough that one member may have it.
    """
    clause = item.clause
    if clause is None or clause.kind not in _WAIVABLE:
        return Need(_name(item), Together.EVERY, lot=item.lot)
    match clause.value:
        case References(count=count):
            return Need(clause.id, Together.SUM, count or 1, item.lot)
        case Turnover(amount=amount, currency=currency) if sure:
            dirhams = _dirhams(Amount(amount, currency), case)
            if dirhams is not None:
                return Need(clause.id, Together.SUM, dirhams, item.lot)
    return Need(clause.id, Together.ANY, lot=item.lot)


def _amount(clause: Clause | None, startup: StartupFacts, case: Case, *, sure: bool) -> int:
    """How many references count (or may), or the turnover of the latest year told."""
    if clause is None or not isinstance(clause.value, References):
        return _latest(startup, case) or 0
    least = PASS if sure else UNKNOWN
    return sum(_grade(clause, clause.value, each, case) >= least for each in startup.references)


def _grade(clause: Clause, asked: References, one: HeldReference, case: Case) -> int:
    """What a single reference counts for."""
    alone = StartupFacts("", references=(one,), complete=frozenset({Part.REFERENCES}))
    single = replace(clause, value=replace(asked, count=1))
    found = judge_references(single, replace(case, startup=alone))
    return FAIL if found is None else GRADE_OF[found.outcome]


def _latest(startup: StartupFacts, case: Case) -> int | None:
    latest = max(startup.turnover, key=lambda each: each.year, default=None)
    return None if latest is None else _dirhams(latest.turnover, case)


def _dirhams(amount: Amount, case: Case) -> int | None:
    rate = 1 if amount.currency == PIVOT else case.market.rates.get(amount.currency)
    return None if rate is None else int(amount.amount * rate)


def _lot_values(tender: TenderFacts, case: Case) -> dict[str, int]:
    told = {lot.id: _dirhams(Amount(lot.value.amount, lot.value.currency), case) for lot in tender.lots if lot.value}
    return {lot: value for lot, value in told.items() if value}


def _likely(score: float) -> float:
    """A logit as a number in [0, 1]."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
