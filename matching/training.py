"""Weights from judgements: pairwise logistic regression over the signals, monotone, pulled towards simple answers.

For each tender every startup of a higher grade is set against the lower ones; a difference of two signal vectors is
an example, weighted by the difference of gains, all examples of a tender together counting one (a linear RankSVM with
the logistic loss: Herbrich 1999, Joachims 2002). Scale and bias come from ``calibration``.

A weight has two values, told and won. Each is a part of its own plus one that both share and that is penalised less
(Evgeniou and Pontil 2004), so that a signal seen with one kind of profile only is believed of the other in good part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from sklearn.linear_model import LogisticRegression

from matching.features import SIGNALS
from matching.judged import Measured, Query
from matching.model import Model, Weights
from matching.vectorizer import F64

PENALTY: Final = 8.0
"""scikit-learn's ``C``: how much one tender counts against half the squared length of the weights."""

LARGEST: Final = 100
"""Tenders that a set counts for at most, so that a large one doesn't drown the small ones."""

SHARED: Final = 2.0
"""How much less the shared part is penalised: its column is this many times larger."""

KNOWN: Final = 2.0
"""The same for the weights of the model that is trained further."""

HARD: Final = 100
EASY: Final = 60
UNJUDGED: Final = 0.5
"""How much a startup that nobody judged counts against one judged unsuitable: it mostly is, but nobody said so."""

FOLDS: Final = 5
_COUNT: Final = len(SIGNALS)
_SIGNS: Final = np.array([kind.sign for kind in SIGNALS], np.float64)

Vector: TypeAlias = F64
"""A weight for each signal told, then one for each signal won."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is fitted: ``start`` is the model that is trained further (``None``: from nothing), ``without`` are signals
    left out.
    """

    start: Model | None = None
    without: Collection[str] = ()

    def allowed(self) -> F64:
        """1 for each weight that may differ from zero."""
        each = [0.0 if kind.code in self.without else 1.0 for kind in SIGNALS]
        return np.array([*each, *each])


def design(query: Query) -> F64:
    """A query's signals as columns whose weights are all positive: shares of what is told, then of what is won."""
    signals = query.signals * _SIGNS
    told = query.told[:, None]
    return np.hstack([signals * told, signals * (1.0 - told)])


def scores(query: Query, weights: Vector) -> F64:
    """The candidates' scores, without bias."""
    return np.asarray(design(query) @ weights, np.float64)


def vector(model: Model) -> Vector:
    """The weights of a model, told then won, each counted positive in its own direction."""
    found = [model.signals.get(kind.code, Weights(0.0, 0.0)) for kind in SIGNALS]
    return np.array([*(each.told for each in found), *(each.won for each in found)]) * np.tile(_SIGNS, 2)


def signal_weights(weights: Vector) -> dict[str, Weights]:
    """The inverse of ``vector``."""
    signed = weights * np.tile(_SIGNS, 2)
    return {kind.code: Weights(float(signed[n]), float(signed[_COUNT + n])) for n, kind in enumerate(SIGNALS)}


def fit(sets: Sequence[Sequence[Query]], recipe: Recipe) -> Vector:
    """The weights that rank what was judged better above what was judged worse. None is negative: a signal that would
    be is left out, the worst first, and the others are fitted again.
    """
    examples, importance = _examples(sets)
    allowed = recipe.allowed()
    if not examples.size:
        return (vector(recipe.start) if recipe.start else np.zeros(2 * _COUNT)) * allowed
    mixing = _mixing(recipe.start)
    labels = np.where(np.arange(len(examples)) % 2, 1.0, -1.0)
    while True:
        columns = mixing * allowed[:, None]
        # liblinear needs no BLAS, whose threads wait for each other where processors are shared.
        regression = LogisticRegression(C=PENALTY, fit_intercept=False, solver="liblinear")
        regression.fit((examples @ columns) * labels[:, None], labels, sample_weight=importance)
        weights: Vector = columns @ regression.coef_[0]
        worst = int(np.argmin(weights))
        if weights[worst] >= 0.0:
            return weights
        allowed[worst] = 0.0


def _mixing(start: Model | None) -> F64:
    """How the parts that are fitted make up the weights: shared ones, those of each kind, and the known model."""
    own = np.eye(2 * _COUNT)
    parts = [SHARED * (own[:, :_COUNT] + own[:, _COUNT:]), own]
    if start is not None:
        known = vector(start)
        length = float(np.linalg.norm(known))
        parts.append(KNOWN * known[:, None] * (np.sqrt(2 * _COUNT) / length if length else 0.0))
    return np.hstack(parts)


def _examples(sets: Sequence[Sequence[Query]]) -> tuple[F64, F64]:
    """Differences of the better and the worse of each tender, with their importance."""
    rows, importance = [np.empty((0, 2 * _COUNT))], [np.empty(0)]
    for queries in sets:
        useful = [query for query in queries if query.gains.any()]
        for query in useful:
            differences, weights = _differences(query)
            rows.append(differences)
            importance.append(weights * min(1.0, LARGEST / len(useful)))
    return np.concatenate(rows), np.concatenate(importance)


def _differences(query: Query) -> tuple[F64, F64]:
    """Every graded startup against lower ones: the judged, the first ``HARD`` of the pool, and ``EASY`` spread over the
    rest, each of which stands for its neighbours.
    """
    gains, table = query.gains, design(query)
    step = max(1, (gains.size - HARD) // EASY)
    stands_for = np.zeros(gains.size)
    stands_for[HARD::step] = step
    stands_for[:HARD] = 1.0
    stands_for *= UNJUDGED
    stands_for[~np.isnan(query.grades)] = 1.0
    rows, importance = [], []
    for better in np.flatnonzero(gains > 0.0):
        worse = np.flatnonzero((gains < gains[better]) & (stands_for > 0.0))
        rows.append(table[better] - table[worse])
        importance.append((gains[better] - gains[worse]) * stands_for[worse])
    weights = np.concatenate(importance)
    return np.concatenate(rows), weights / max(float(weights.sum()), 1e-12)


def folds(sets: Sequence[Measured], seed: int = 0) -> Mapping[str, int]:
    """A fold for each tender id: the same in every set, so that a tender's translations are never split."""
    ids = sorted({query.tender_id for each in sets for query in each.queries})
    order = np.random.default_rng(seed).permutation(len(ids))
    return {ids[number]: place % FOLDS for place, number in enumerate(order)}


def cross_validated(
    sets: Sequence[Measured], recipe: Recipe, progress: Callable[[str, int], None] | None = None
) -> dict[tuple[str, str], F64]:
    """For each set and tender the scores (without bias) by weights fitted on the other folds."""
    fold_of = folds(sets)
    found: dict[tuple[str, str], F64] = {}
    for fold in range(FOLDS):
        weights = fit([[q for q in each.queries if fold_of[q.tender_id] != fold] for each in sets], recipe)
        for each in sets:
            for query in each.queries:
                if fold_of[query.tender_id] == fold:
                    found[each.name, query.tender_id] = scores(query, weights)
        if progress is not None:
            progress("folds", fold + 1)
    return found
