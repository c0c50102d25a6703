"""What one startup answers to all questions of open calls, each kind of question put to the engine once."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from matching.eligibility.case import Case
from matching.eligibility.checking import the_case
from matching.eligibility.clauses import judge_clause, judge_reservation
from matching.eligibility.facts import Moment, StartupFacts
from matching.eligibility.laws import judge_rule
from matching.eligibility.rulebook import InForce
from matching.eligibility.verdicts import Check, Effect
from matching.openness.calls import LAW, UNDATED, Calls, Question
from matching.openness.columns import agreeing
from matching.openness.grades import GRADE_OF, PASS, Codes, Grades
from matching.requirements.findings import Kind, References

_MOST_REFERENCES = 48
"""Kinds of references that are told apart by bits of one number; with more, each call is asked by itself."""


class Asked:
    """The questions of calls as columns, at one moment; answers are for whoever asks."""

    def __init__(self, calls: Calls, moment: Moment) -> None:
        self.calls = calls
        self.moment = moment
        questions = calls.questions
        self.kinds = np.array([_CODES[each.kind] for each in questions], dtype=np.int64)
        self.joint = np.array([each.joint for each in questions], dtype=np.bool_)
        self.trades = np.array([each.trades for each in questions], dtype=np.int64)
        self._similar_only = np.array([_similar_only(each) for each in questions], dtype=np.bool_)
        self._shapes = np.array([each.shape for each in questions], dtype=np.int64)
        self._last = np.array([each.last_day for each in questions], dtype=np.int64)
        self._recent = np.array([each.recent for each in questions], dtype=np.int64)
        self._old = np.array([each.old for each in questions], dtype=np.int64)

    def of_kind(self, kind: Kind | None) -> npt.NDArray[np.bool_]:
        """Which questions are of a kind."""
        of_kind: npt.NDArray[np.bool_] = self.kinds == _CODES[kind]
        return of_kind

    def code(self, kind: Kind | None) -> int:
        """A kind as it stands in ``kinds``."""
        return _CODES[kind]

    def counting(self, trade: str) -> npt.NDArray[np.bool_]:
        """The questions for references in which one of a trade can count: of that trade, or of any."""
        of_trade = np.array([not asked or trade in asked for asked in self.calls.trades] or [False], dtype=np.bool_)
        counting: npt.NDArray[np.bool_] = of_trade[self.trades] | ~self._similar_only
        return counting

    def answers(self, startup: StartupFacts, which: npt.NDArray[np.bool_] | None = None) -> Grades:
        """The startup's grade for each question; ``PASS`` for those that are not in ``which``."""
        rows = np.arange(len(self.kinds)) if which is None else np.flatnonzero(which)
        told = np.full(len(self.kinds), PASS, dtype=np.int8)
        first, number = agreeing(_numbered(self._keys(startup, rows)))
        asked = [self._asked(self.calls.questions[int(rows[row])], startup) for row in first]
        told[rows] = np.array(asked, dtype=np.int8)[number]
        return told

    def _keys(self, startup: StartupFacts, rows: npt.NDArray[np.intp]) -> Codes:
        """For each of the questions what of it this startup can tell apart."""
        kinds = self.kinds[rows]
        keys = np.zeros((3, len(rows)), dtype=np.int64)
        keys[0] = np.where(kinds == _CODES[LAW], -1 - rows, self._shapes[rows])
        dated = kinds == _CODES[Kind.CERTIFICATE]
        keys[1][dated] = _places([each.expires for each in startup.certificates], self._last[rows[dated]])
        similar = kinds == _CODES[Kind.REFERENCES]
        asked = rows[similar]
        keys[1][similar] = self._similar(startup, asked)
        days = [each.date for each in startup.references]
        recent, old = self._recent[asked], self._old[asked]
        between = (len(days) + 2) * _places(days, recent) + _places(days, old)
        keys[2][similar] = np.where(old == UNDATED, -1 - recent, between)
        return keys

    def _similar(self, startup: StartupFacts, rows: npt.NDArray[np.intp]) -> Codes:
        """Which of the startup's references share a trade with the calls of some questions, as bits."""
        held = sorted({each.trades for each in startup.references}, key=sorted)
        if len(held) > _MOST_REFERENCES:
            return self.trades[rows]
        bits = [sum(1 << n for n, trades in enumerate(held) if trades & asked) for asked in self.calls.trades]
        return np.array(bits or [0], dtype=np.int64)[self.trades[rows]]

    def _asked(self, question: Question, startup: StartupFacts) -> int:
        case, in_force = the_case(question.tender, startup, self.calls.rules, self.moment)
        if question.clause is None:
            return min((_grade(check) for check in _of_law(case, in_force)), default=PASS)
        return _grade(judge_clause(question.clause, case, in_force))


def _similar_only(question: Question) -> bool:
    asked = question.clause.value if question.clause else None
    return isinstance(asked, References) and asked.similar is True


def _of_law(case: Case, in_force: InForce) -> list[Check | None]:
    found = [judge_rule(rule, case) for rule in in_force.checks if rule.effect == "binds"]
    reserved = case.tender.reserved
    if reserved is not None and not case.clauses(Kind.RESERVED):
        found.append(judge_reservation(tuple(reserved), case, in_force))
    return found


def _grade(check: Check | None) -> int:
    return PASS if check is None or check.effect is not Effect.BINDS else GRADE_OF[check.outcome]


def _places(days: list[dt.date | None], asked: Codes) -> Codes:
    """Between which of the days each asked one lies: equal where all comparisons with the days are."""
    known = np.array(sorted({day.toordinal() for day in days if day is not None}), dtype=np.int64)
    return np.searchsorted(known, asked, side="left").astype(np.int64)


def _numbered(keys: Codes) -> Codes:
    """Columns as one number each, equal where all of their rows are."""
    told = np.zeros(keys.shape[1], dtype=np.int64)
    for row in keys:
        _, number = np.unique(row, return_inverse=True)
        _, told = np.unique(told * (int(number.max(initial=0)) + 1) + number, return_inverse=True)
    return told.astype(np.int64)


_CODES: dict[Kind | None, int] = {LAW: 0, **{kind: n for n, kind in enumerate(Kind, 1)}}
