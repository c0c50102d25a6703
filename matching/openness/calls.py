"""Open calls as columns: each distinct question that they put, and which calls put it.

Two calls put the same question where no startup could tell them apart by it: the same clause, of calls that agree in
what the rules look at beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matching.eligibility.case import DOUBTFUL, Case, lot_of
from matching.eligibility.checking import the_case
from matching.eligibility.clauses import JUDGED
from matching.eligibility.conditions import Multiple, Test, judge, tests
from matching.eligibility.facts import Clause, Moment, TenderFacts
from matching.eligibility.rulebook import InForce, Rule, RuleBook
from matching.openness.grades import PASS, UNKNOWN, Codes, Grades
from matching.openness.pool import NO_DAY
from matching.requirements.findings import Certificate, Kind, Permission, References, Reservation

LAW: Kind | None = None
"""The kind of the question that the rules and the reservation of a call put together."""

UNDATED = -1
"""In the place of ``old``, of a call without a deadline: ``recent`` is then the day of its publication."""

_WHOLE = -1
_STRAY = -2
_DAYLESS = Moment(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))

Key: TypeAlias = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question by the first call that puts it. ``joint``: no call that puts it refuses consortia.

    ``shape``: equal for questions that differ only in ``last_day``, ``trades``, and the days ``recent`` and ``old``,
    on or after which references surely count, or may.
    """

    kind: Kind | None
    tender: TenderFacts
    clause: Clause | None
    joint: bool
    shape: int = 0
    trades: int = 0
    last_day: int = NO_DAY
    recent: int = NO_DAY
    old: int = NO_DAY


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls with their questions. ``item_*``: for each question of each call the call's row, its place and its number.

    A place is a lot's number in ``lot_rows`` (which call it is of), or the whole call, or a lot that is not listed.
    """

    tenders: Sequence[TenderFacts]
    questions: Sequence[Question]
    trades: Sequence[frozenset[str]]
    item_rows: Codes
    item_places: Codes
    item_questions: Codes
    lot_rows: Codes
    rules: RuleBook

    def __len__(self) -> int:
        return len(self.tenders)

    def trades_of(self, question: int) -> frozenset[str]:
        """The trades by which a question for references tells similar ones; none for other questions."""
        asked = self.questions[question]
        return self.trades[asked.trades] if asked.kind is Kind.REFERENCES else frozenset()

    @classmethod
    def of(cls, tenders: Iterable[TenderFacts], rules: RuleBook) -> Calls:
        """The columns of these calls."""
        return _Builder(rules).built(tenders)

    def outcomes(self, grades: Grades) -> Grades:
        """What the answers to all questions come to for each call, joined as ``whole_of`` joins them for one."""
        return self._joined(grades, np.ones(len(self.item_rows), dtype=np.bool_))

    def outcomes_after(self, grades: Grades, told: Grades, before: Grades) -> Grades:
        """The same, ``before`` being what the answers ``told`` came to: only calls with another answer are joined."""
        touched = np.zeros(len(self.tenders), dtype=np.bool_)
        touched[self.item_rows[(grades != told)[self.item_questions]]] = True
        if not touched.any():
            return before
        return np.where(touched, self._joined(grades, touched[self.item_rows]), before)

    def _joined(self, grades: Grades, which: npt.NDArray[np.bool_]) -> Grades:
        rows, places = self.item_rows[which], self.item_places[which]
        told = grades[self.item_questions[which]]
        whole, stray = (np.full(len(self.tenders), PASS, dtype=np.int8) for _ in range(2))
        of_whole, of_stray = places == _WHOLE, places == _STRAY
        np.minimum.at(whole, rows[of_whole], told[of_whole])
        np.minimum.at(stray, rows[of_stray], np.maximum(told[of_stray], UNKNOWN))
        lots = whole[self.lot_rows]
        of_lot = places >= 0
        np.minimum.at(lots, places[of_lot], told[of_lot])
        best = whole.copy()
        best[self.lot_rows] = 0
        np.maximum.at(best, self.lot_rows, lots)
        return np.minimum(best, stray)


class _Builder:
    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._numbers: dict[Key, int] = {}
        self._shapes: dict[Key, int] = {}
        self._trades: dict[frozenset[str], int] = {}
        self._questions: list[Question] = []
        self._items: list[tuple[int, int, int]] = []
        self._lot_rows: list[int] = []

    def built(self, tenders: Iterable[TenderFacts]) -> Calls:
        kept = list(tenders)
        for row, tender in enumerate(kept):
            self._add(row, tender)
        columns = np.array(self._items, dtype=np.int64).reshape(-1, 3)
        return Calls(
            kept, self._questions, tuple(self._trades), columns[:, 0], columns[:, 1], columns[:, 2],
            np.array(self._lot_rows, dtype=np.int64), self._rules,
        )  # fmt: skip

    def _add(self, row: int, tender: TenderFacts) -> None:
        case, in_force = the_case(tender, None, self._rules, _DAYLESS)
        places = {lot.id: len(self._lot_rows) + n for n, lot in enumerate(tender.lots)}
        self._lot_rows += [row] * len(tender.lots)
        joint = not any(
            isinstance(each.value, Permission) and each.value.allowed is False for each in case.clauses(Kind.CONSORTIUM)
        )
        law = Question(LAW, tender, None, joint=False)
        self._items.append((row, _WHOLE, self._number(law, _law_key(case, in_force))))
        for clause in tender.clauses:
            if (clause.kind in JUDGED and clause.kind is not Kind.BOND) or clause.kind is Kind.RESERVED:
                lot = lot_of(clause)
                place = _WHOLE if lot is None else places.get(lot, _STRAY)
                self._items.append((row, place, self._clause(clause, case, in_force, joint=joint)))

    def _clause(self, clause: Clause, case: Case, in_force: InForce, *, joint: bool) -> int:
        asked = clause.value
        tender, lot = case.tender, lot_of(clause)
        if isinstance(asked, References | Certificate) and asked.lot is not None:
            asked = replace(asked, lot=None)
        told: dict[str, int] = {}
        shape: Key = (clause.kind, asked, clause.confidence >= DOUBTFUL, in_force.highest_tax, joint)
        if isinstance(asked, Certificate):
            shape = (*shape, case.last_day is None)
            told["last_day"] = _ordinal(case.last_day)
        elif isinstance(asked, References):
            trades = next((each.trades for each in tender.lots if each.id == lot), frozenset()) or tender.trades
            shape = (*shape, bool(trades), case.last_day is None)
            told = {"trades": self._trades.setdefault(trades, len(self._trades)), **_dated(asked, case)}
        elif isinstance(asked, Reservation):
            shape = (*shape, _group_key(asked, case, in_force))
        elif clause.kind is Kind.LOCAL_PRESENCE:
            shape = (*shape, tender.country)
        number = self._shapes.setdefault(shape, len(self._shapes))
        question = Question(clause.kind, tender, clause, joint, shape=number, **told)
        return self._number(
            question, (question.shape, question.last_day, question.trades, question.recent, question.old)
        )

    def _number(self, question: Question, key: Key) -> int:
        known = self._numbers.setdefault((question.kind, *key), len(self._questions))
        if known == len(self._questions):
            self._questions.append(question)
        return known


def _dated(asked: References, case: Case) -> dict[str, int]:
    """The days from which references count; of a call without a deadline, each is a question of its own."""
    last = case.last_day
    if asked.years is None:
        return {}
    if last is None:
        return {"recent": _ordinal(case.tender.published), "old": UNDATED}
    first = min(last, case.tender.published.date() if case.tender.published else last)
    recent, old = (_years_before(day, asked.years) for day in (last, first))
    return {"recent": _ordinal(recent), "old": _ordinal(old)}


def _years_before(day: dt.date, years: int) -> dt.date:
    year = max(1, day.year - years)
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _ordinal(day: dt.date | None) -> int:
    return NO_DAY if day is None else day.toordinal()


def _law_key(case: Case, in_force: InForce) -> Key:
    """What the binding rules and the reservation look at in a call."""
    tender = case.tender
    unclaused = tender.reserved is not None and not case.clauses(Kind.RESERVED)
    groups = _group_key(Reservation(tuple(tender.reserved or ())), case, in_force) if unclaused else None
    return (tender.sector, tender.invited, _looked_at(_binding(in_force), case), groups)


def _binding(in_force: InForce) -> tuple[Rule, ...]:
    return tuple(rule for rule in in_force.checks if rule.effect == "binds")


def _group_key(asked: Reservation, case: Case, in_force: InForce) -> Key:
    groups = tuple(sorted(asked.groups))
    defined = tuple(in_force.definitions[group] for group in groups if group in in_force.definitions)
    return (groups, case.tender.sector, in_force.highest_tax, _looked_at(defined, case))


def _looked_at(rules: tuple[Rule, ...], case: Case) -> Key:
    return tuple((id(rule), *(_told(test, case) for test in _tests(rule))) for rule in rules)


def _tests(rule: Rule) -> tuple[Test, ...]:
    return (*tests(rule.applies), *tests(rule.requires))


def _told(test: Test, case: Case) -> Hashable:
    """A test of the call alone by its truth; one of the moment or of a startup by what the call says for it."""
    facts = (test.fact, *((test.operand.fact,) if isinstance(test.operand, Multiple) else ()))
    if all(fact.name.startswith("tender.") for fact in facts):
        return judge(test, case).truth
    return tuple(fact.read(case) for fact in facts if fact.name.startswith("tender."))
