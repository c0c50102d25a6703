"""A new model from judged sets, with what is known about it; and the guard that keeps a worse one out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from matching.calibration import Calibration, calibrate, grade_counts, strong_above
from matching.errors import TrainingError
from matching.evaluate import Interval, Report
from matching.judged import Measured, Query
from matching.lexicon import default_lexicon
from matching.model import Json, Model, Weights
from matching.registry import get_model
from matching.text import ANALYSIS_VERSION
from matching.trades import default_trades
from matching.training import PENALTY, Recipe, Vector, cross_validated, fit, scores, signal_weights, vector
from matching.types import Grade
from matching.vectorizer import F64

ALLOWED_LOSS: Final = 0.005
"""nDCG@10 that a new model may lose on a set: below it, sets of some dozens of tenders can't tell two models apart."""

ALLOWED_OUT_OF_FOLD: Final = 0.02
"""The same on a set that the new model was trained on, out of fold: the model in use may have seen those tenders."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Name:
    """How a new model is called, and the day it is made (as ISO text; this package reads no clock)."""

    name: str
    version: str
    made: str


@dataclass(frozen=True, slots=True)
class Learned:
    """A new model; ``reports`` are out of fold: each tender ranked by weights that never saw it."""

    model: Model
    reports: Mapping[str, Report]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a set says of the current and of the new model; ``strong_negatives``: tenders that nobody suits for which
    each shows a ``strong`` match.
    """

    set_name: str
    current: Report
    new: Report
    strong_negatives: tuple[int, int] = (0, 0)
    allowed_loss: float = ALLOWED_LOSS

    @property
    def worse(self) -> str | None:
        """Why the new model must not be used, ``None`` where it may."""
        before, after = self.current.ndcg.mean, self.new.ndcg.mean
        if after < before - self.allowed_loss:
            return f"on {self.set_name} its nDCG@10 is {after:.3f} instead of {before:.3f}"
        if self.strong_negatives[1] > self.strong_negatives[0]:
            return (
                f"on {self.set_name} it calls matches strong for {self.strong_negatives[1]} tenders that nobody suits"
            )
        return None


def learn(sets: Sequence[Measured], recipe: Recipe, name: Name, progress: Progress | None = None) -> Learned:
    """Fit, cross-validate and calibrate a model. Raises ``TrainingError`` where the sets say too little."""
    if not any(query.gains.any() for each in sets for query in each.queries):
        raise TrainingError("no judgement says that a startup suits a tender")
    raw = cross_validated(sets, recipe, progress)
    calibration = calibrate(sets, raw)
    fitted = fit([each.queries for each in sets], recipe)
    best = [float(calibration.score(q, scores(q, fitted)).max()) for each in sets for q in each.negatives()]
    calibration = strong_above(calibration, best)
    reports = {each.name: each.report(_out_of_fold(each, raw, calibration)) for each in sets}
    model = Model(
        name=name.name,
        version=name.version,
        bias=calibration.bias,
        signals=MappingProxyType(signal_weights(fitted * calibration.scale)),
        reference=(recipe.start or get_model()).reference,
        grades=calibration.grades,
        card=MappingProxyType(
            {
                "made": name.made,
                "from": f"{recipe.start.name}-{recipe.start.version}" if recipe.start else None,
                "method": f"pairwise logistic regression (C {PENALTY:g} a tender), Platt scaling, isotonic grades",
                "lexicon": f"{default_lexicon().version}+{default_trades().version}",
                "analysis": ANALYSIS_VERSION,
                "sets": [_told_set(each) for each in sets],
                "cross_validated": {set_name: _told_report(report) for set_name, report in reports.items()},
                "grades": {
                    grade.value: {"pairs": count.pairs, "suitable": count.suitable}
                    for grade, count in grade_counts(sets, raw, calibration).items()
                },
            }
        ),
    )
    return Learned(model, MappingProxyType(reports))


def _out_of_fold(
    measured: Measured, raw: Mapping[tuple[str, str], F64], calibration: Calibration
) -> Callable[[Query], F64]:
    return lambda query: calibration.score(query, raw[measured.name, query.tender_id])


def compare(current: Model, new: Model, measured: Measured) -> Comparison:
    """Both models on a set that neither was trained on."""
    before, after = (measured.report(_scorer(model)) for model in (current, new))
    return Comparison(measured.name, before, after, (_strong(current, measured), _strong(new, measured)))


def compare_held_out(current: Model, learned: Learned, measured: Measured) -> Comparison:
    """The current model against the new one out of fold, on a set that the new one was trained on."""
    before, after = measured.report(_scorer(current)), learned.reports[measured.name]
    return Comparison(measured.name, before, after, allowed_loss=ALLOWED_OUT_OF_FOLD)


def _scorer(model: Model) -> Callable[[Query], F64]:
    weights: Vector = vector(model)
    bias: Weights = model.bias
    return lambda query: scores(query, weights) + query.told * bias.told + (1.0 - query.told) * bias.won


def _strong(model: Model, measured: Measured) -> int:
    score = _scorer(model)
    return sum(bool((score(query) >= model.grades[Grade.STRONG]).any()) for query in measured.negatives())


def _told_set(measured: Measured) -> Json:
    grades = [grade for each in measured.qrels.values() for grade in each.values()]
    return {
        "name": measured.name,
        "tenders": len(measured.queries),
        "judged": len(grades),
        "suitable": sum(grade >= measured.relevant_from for grade in grades),
    }


def _told_report(report: Report) -> Json:
    told: dict[str, Json] = {
        "ndcg_10": _told_interval(report.ndcg),
        "judged_ndcg_10": _told_interval(report.judged_ndcg),
        "recall_50": _told_interval(report.recall_50),
    }
    if report.auc == report.auc:
        told["auc"] = round(report.auc, 3)
    return told


def _told_interval(interval: Interval) -> Json:
    return [round(each, 3) for each in (interval.mean, interval.low, interval.high)]
