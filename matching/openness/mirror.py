"""The buyer's mirror: how many startups a call lets in, whom each clause shuts out, and what loosening it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from matching.eligibility.facts import Clause, Moment, TenderFacts
from matching.eligibility.rulebook import RuleBook
from matching.openness.grades import FAIL, PASS, UNKNOWN, Grades
from matching.openness.inquiry import Inquiry, Item
from matching.openness.loosening import How, asks, loosenings
from matching.openness.pool import Pool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many startups pass, fail, or can't be told."""

    passed: int
    failed: int
    unknown: int

    @classmethod
    def of(cls, grades: Grades) -> Counts:
        """Counted."""
        told = np.bincount(grades, minlength=3)
        return cls(int(told[PASS]), int(told[FAIL]), int(told[UNKNOWN]))


MOST_CHANGES = 60
"""Ways to ask less that are counted, in the order of the clauses: each asks the whole call anew."""


@dataclass(frozen=True, slots=True)
class ClauseCounts:
    """What one clause does. ``alone``: those who fail the call with it and would not without it, all else equal."""

    clause: Clause | None
    rule: str
    counts: Counts
    alone: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a loosening changes. ``let_in``: who passes now and did not; ``no_more_out``: who failed and doesn't now."""

    how: How
    clauses: tuple[str, ...]
    counts: Counts
    let_in: int
    no_more_out: int
    lots: int | None = None


@dataclass(frozen=True, slots=True)
class Mirror:
    """The counts over ``suitable`` startups, those that the call's subject fits."""

    suitable: int
    counts: Counts
    clauses: tuple[ClauseCounts, ...]
    changes: tuple[Change, ...]


def mirror(tender: TenderFacts, pool: Pool, ids: Iterable[str] | None, rules: RuleBook, moment: Moment) -> Mirror:
    """Count a call over the startups of ``ids`` (all of the pool if not given), and each way to ask less anew."""
    rows = np.arange(len(pool), dtype=np.intp) if ids is None else pool.rows(ids)
    inquiry = Inquiry(pool, rows, rules, moment)
    items = inquiry.items(tender)
    before = inquiry.outcomes(tender, items)
    changes = []
    for each in islice(loosenings(tender), MOST_CHANGES):
        after = inquiry.outcomes(each.tender, inquiry.items(each.tender))
        let_in, freed = (before < PASS) & (after == PASS), (before == FAIL) & (after > FAIL)
        changes.append(Change(each.how, each.clauses, Counts.of(after), int(let_in.sum()), int(freed.sum()), each.lots))
    told = tuple(_counted(inquiry, tender, items, place, before) for place, item in enumerate(items) if _tells(item))
    return Mirror(len(rows), Counts.of(before), told, tuple(changes))


def _tells(item: Item) -> bool:
    """Clauses that ask something, and rules that stop somebody."""
    return asks(item.clause) if item.clause is not None else bool((item.grades < PASS).any())


def _counted(inquiry: Inquiry, tender: TenderFacts, items: list[Item], place: int, before: Grades) -> ClauseCounts:
    without = inquiry.outcomes(tender, items[:place] + items[place + 1 :])
    alone = int(((before == FAIL) & (without > FAIL)).sum())
    return ClauseCounts(items[place].clause, items[place].rule, Counts.of(items[place].grades), alone)
