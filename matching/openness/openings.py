"""Counterfactuals: which single change opens how many and which open calls to a startup, or to a whole cohort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import numpy as np

from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.eligibility.sums import PIVOT
from matching.openness.answers import Asked
from matching.openness.changes import Change, changes
from matching.openness.effort import ChangeKind, EffortTable
from matching.openness.grades import FAIL, PASS, Grades
from matching.openness.mirror import Counts
from matching.types import Amount


@dataclass(frozen=True, slots=True)
class Opening:
    """A change and what it opens: calls that the startup may then surely enter (``opened``, by id), calls that it is no
    longer shut out of (``unblocked``, a number), calls that it could enter and then can't (``lost``: a larger firm is
    no small one). ``value`` sums the known values of the opened calls, in dirhams.
    """

    kind: ChangeKind
    what: str
    opened: tuple[str, ...]
    unblocked: int
    lost: int
    value: Decimal
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Openings:
    """How the startup stands now over all calls, and the changes worth making, the best first."""

    now: Counts
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class CohortOpening:
    """A change that helps several startups. ``helps``: id and how many calls it opens to it, most first."""

    kind: ChangeKind
    what: str
    helps: tuple[tuple[str, int], ...]
    pairs: int


Opens: TypeAlias = Mapping[tuple[ChangeKind, str], int]
"""How many calls each change opens to a startup, of those that open one."""


def opens(found: Openings) -> Opens:
    """What of a startup's openings counts for its cohort."""
    return {(each.kind, each.what): len(each.opened) for each in found.openings if each.opened}


def openings(startup: StartupFacts, asked: Asked, efforts: EffortTable) -> Openings:
    """Every change tried on every call.

    Order: calls opened for each week of work, then their value, then calls unblocked, then by name.
    """
    told = asked.answers(startup)
    before = asked.calls.outcomes(told)
    missed = np.flatnonzero(told < PASS)
    questions = [(asked.calls.questions[row], asked.calls.trades_of(row)) for row in missed.tolist()]
    tried = []
    for change in changes(startup, questions, asked.moment):
        after = asked.calls.outcomes_after(answers_after(asked, told, change), told, before)
        tried.append(_opening(asked, change, before, after))
    useful = [each for each in tried if each.opened or each.unblocked]
    return Openings(Counts.of(before), tuple(sorted(useful, key=lambda each: _order(each, efforts))))


def answers_after(asked: Asked, told: Grades, change: Change) -> Grades:
    """The answers once a change is made, ``told`` being those before. A partner's answers count where they are better
    and the call doesn't refuse consortia.
    """
    which = np.isin(asked.kinds, [asked.code(kind) for kind in change.kinds])
    if change.kind is not ChangeKind.TURNOVER:  # the others can only make an answer better
        which &= told < PASS
    if change.of_partner:
        which &= asked.joint
    if change.kind in {ChangeKind.REFERENCE, ChangeKind.PARTNER_REFERENCES}:
        which &= asked.counting(change.what)
    answers = np.where(which, asked.answers(change.after, which), told)
    return np.maximum(answers, told) if change.of_partner else answers


def cohort_openings(members: Mapping[str, Opens], efforts: EffortTable) -> tuple[CohortOpening, ...]:
    """The changes that help several startups, by how many calls they open to all of them for each week of work."""
    helped: dict[tuple[ChangeKind, str], list[tuple[str, int]]] = defaultdict(list)
    for id_, each in members.items():
        for change, calls in each.items():
            helped[change].append((id_, calls))
    found = [
        CohortOpening(kind, what, tuple(sorted(whom, key=lambda one: (-one[1], one[0]))), sum(n for _, n in whom))
        for (kind, what), whom in helped.items()
    ]
    return tuple(
        sorted(found, key=lambda each: (-each.pairs / (1 + efforts.efforts[each.kind].weeks), each.kind, each.what))
    )


def _opening(asked: Asked, change: Change, before: Grades, after: Grades) -> Opening:
    opened = np.flatnonzero((before < PASS) & (after == PASS)).tolist()
    tenders = [asked.calls.tenders[row] for row in opened]
    return Opening(
        kind=change.kind,
        what=change.what,
        opened=tuple(each.id for each in tenders),
        unblocked=int(((before == FAIL) & (after > FAIL)).sum()),
        lost=int(((before == PASS) & (after < PASS)).sum()),
        value=sum((_dirhams(each, asked) for each in tenders), Decimal(0)),
        amount=change.amount,
    )


def _dirhams(tender: TenderFacts, asked: Asked) -> Decimal:
    """The value in dirhams; 0 where it is not known, or in a currency without a rate."""
    if tender.value is None:
        return Decimal(0)
    rates = {**dict(asked.moment.rates), PIVOT: Decimal(1)}
    return tender.value.amount * rates.get(tender.value.currency, Decimal(0))


def _order(opening: Opening, efforts: EffortTable) -> tuple[float, Decimal, int, str, str]:
    per_week = len(opening.opened) / (1 + efforts.efforts[opening.kind].weeks)
    return -per_week, -opening.value, -opening.unblocked, opening.kind, opening.what
