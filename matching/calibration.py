"""From a ranking to a score that means something: Platt scaling, and the limits of the grades.

All of it is worked out on out-of-fold scores: what a pair scored by weights that never saw its tender.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from matching.errors import TrainingError
from matching.judged import Measured, Query
from matching.model import GRADES, Weights
from matching.types import Grade
from matching.vectorizer import F64

LEVELS: Final[Mapping[Grade, float]] = MappingProxyType({Grade.STRONG: 0.7, Grade.GOOD: 0.5, Grade.POSSIBLE: 0.25})
"""The share of suitable pairs, among those judged with about that score, at which a grade begins."""

SHOWN: Final = 10
"""Results of a tender that nobody suits which count as judged unsuitable: the ones a reader would have been shown."""

MARGIN: Final = 3.0
"""Standard deviations between the usual best score of such tenders and the least ``strong`` one."""

LEAST_STEP: Final = 0.25
LEAST_PAIRS: Final = 20
"""Suitable, and unsuitable, pairs without which nothing can be calibrated."""

OutOfFold = Mapping[tuple[str, str], F64]
"""For each set and tender the scores of its candidates, without bias."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns a raw score into the published one: ``scale * raw + bias``; and where each grade begins."""

    scale: float
    bias: Weights
    grades: Mapping[Grade, float]

    def score(self, query: Query, raw: F64) -> F64:
        """The published scores of a query's candidates."""
        return self.scale * raw + query.told * self.bias.told + (1.0 - query.told) * self.bias.won


@dataclass(frozen=True, slots=True)
class GradeCount:
    """How often a grade was given out of fold to judged pairs, and how many of them were suitable."""

    pairs: int
    suitable: int


def calibrate(sets: Sequence[Measured], raw: OutOfFold) -> Calibration:
    """Scale, biases and grades. Raises ``TrainingError`` where the judgements can't tell suitable from unsuitable."""
    pairs = [pair for each in sets if _has_both(each) for pair in _judged(each, raw)]
    scores, told, suits = np.array(pairs, np.float64).reshape(-1, 3).T
    suitable, unsuitable = int(suits.sum()), int((1.0 - suits).sum())
    if min(suitable, unsuitable) < LEAST_PAIRS:
        raise TrainingError(
            f"scale and grades need at least {LEAST_PAIRS} pairs judged suitable and as many judged unsuitable; "
            f"there are {suitable} and {unsuitable}"
        )
    columns = np.column_stack([scores, told, 1.0 - told])
    scale, bias_told, bias_won = LogisticRegression(C=100.0, fit_intercept=False).fit(columns, suits).coef_[0]
    if scale <= 0.0:
        raise TrainingError("the signals rank what was judged suitable below what was not: nothing can be learnt")
    if float((1.0 - told).sum()) < LEAST_PAIRS:
        bias_won = bias_told + scale * _gap(sets, raw)
    scaled = Calibration(float(scale), Weights(float(bias_told), float(bias_won)), {})
    best = [float(scaled.score(q, raw[each.name, q.tender_id]).max()) for each in sets for q in each.negatives()]
    return replace(scaled, grades=MappingProxyType(_grades(columns @ [scale, bias_told, bias_won], suits, best)))


def strong_above(calibration: Calibration, best: Sequence[float]) -> Calibration:
    """The same with ``strong`` a step above the best scores of tenders that nobody suits, by the weights that are used:
    fitted on everything, they spread scores a little further than out of fold.
    """
    least = max((score + LEAST_STEP for score in best), default=-np.inf)
    strong = max(calibration.grades[Grade.STRONG], least)
    return replace(calibration, grades=MappingProxyType({**calibration.grades, Grade.STRONG: strong}))


def _has_both(measured: Measured) -> bool:
    """Whether a set says of some pairs that they don't suit; awards only name who won."""
    grades = [grade for each in measured.qrels.values() for grade in each.values()]
    return any(grade < measured.relevant_from for grade in grades) and any(
        grade >= measured.relevant_from for grade in grades
    )


def _judged(measured: Measured, raw: OutOfFold) -> Iterator[tuple[float, float, bool]]:
    """Raw score, told share and suitability of what was judged."""
    for query in measured.queries:
        scores = raw[measured.name, query.tender_id]
        if measured.qrels[query.tender_id]:
            chosen = np.flatnonzero(~np.isnan(query.grades))
        else:
            chosen = np.argsort(-scores, kind="stable")[:SHOWN]
        for n in chosen:
            yield float(scores[n]), float(query.told[n]), bool(query.grades[n] >= measured.relevant_from)


def _gap(sets: Sequence[Measured], raw: OutOfFold) -> float:
    """How much lower the usual best score is in sets of awards than in judged ones."""

    def usual(chosen: list[Measured]) -> float:
        best = [
            float(raw[each.name, query.tender_id].max())
            for each in chosen
            for query in each.queries
            if (query.grades >= each.relevant_from).any()
        ]
        return float(np.median(best)) if best else 0.0

    judged = [each for each in sets if _has_both(each)]
    awards = [each for each in sets if not _has_both(each) and any(query.gains.any() for query in each.queries)]
    return usual(judged) - usual(awards) if awards else 0.0


def _grades(scores: F64, suits: F64, negatives: Sequence[float]) -> dict[Grade, float]:
    """The lowest score of each grade: where isotonic regression reaches its level. ``strong`` also stays ``MARGIN``
    standard deviations above the best scores of tenders that nobody suits.
    """
    share = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores, suits)
    order = np.sort(scores)
    reached = share.predict(order)
    limits: dict[Grade, float] = {}
    for grade in reversed(GRADES):
        above = order[reached >= LEVELS[grade]]
        limits[grade] = float(above[0]) if above.size else float(order[-1])
    if len(negatives) > 1:
        usual, spread = float(np.mean(negatives)), float(np.std(negatives, ddof=1))
        limits[Grade.STRONG] = max(limits[Grade.STRONG], usual + MARGIN * spread, *negatives)
    limits[Grade.GOOD] = max(limits[Grade.GOOD], limits[Grade.POSSIBLE] + LEAST_STEP)
    limits[Grade.STRONG] = max(limits[Grade.STRONG], limits[Grade.GOOD] + LEAST_STEP)
    return {grade: limits[grade] for grade in GRADES}


def grade_counts(sets: Sequence[Measured], raw: OutOfFold, calibration: Calibration) -> dict[Grade, GradeCount]:
    """For each grade, how many judged pairs had it out of fold and how many of them suited."""
    found = {grade: [0, 0] for grade in Grade}
    bias = calibration.bias
    for score, told, suits in (pair for each in sets if _has_both(each) for pair in _judged(each, raw)):
        published = calibration.scale * score + told * bias.told + (1.0 - told) * bias.won
        grade = next((grade for grade in GRADES if published >= calibration.grades[grade]), Grade.NONE)
        found[grade][0] += 1
        found[grade][1] += suits
    return {grade: GradeCount(*counts) for grade, counts in found.items()}
