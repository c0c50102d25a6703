"""How good a ranking is, against judgements: nDCG, recall, MRR, ROC-AUC, with confidence intervals.

A judged set is a folder with ``qrels.json`` (tender id to startup id to grade); a run is what ``trec`` prints.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from matching.errors import MatchingError

Qrels: TypeAlias = Mapping[str, Mapping[str, float]]
Run: TypeAlias = Mapping[str, Sequence[tuple[str, float]]]

BOOTSTRAP_ROUNDS: Final = 2_000
CONFIDENCE: Final = 0.95
CUT: Final = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its bootstrap confidence interval over queries; NaN where there are none."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Report:
    """The measures of one run.

    ``ndcg`` takes an unjudged startup for unsuitable, ``judged_ndcg`` leaves it out; ``unjudged`` is the share of such
    in the first ten. ``auc`` is the chance that the best score of a tender with a suitable startup is above that of a
    plain negative: a tender for which nobody is judged because nobody could suit.
    """

    queries: int
    ndcg: Interval
    judged_ndcg: Interval
    recall_10: Interval
    recall_50: Interval
    mrr: Interval
    auc: float
    unjudged: float


def load_qrels(folder: Path) -> dict[str, dict[str, float]]:
    """The judgements of a folder. Raises ``MatchingError`` where they can't be read."""
    path = folder / "qrels.json"
    try:
        table = json.loads(path.read_text("utf-8"))
        return {str(query): {str(doc): float(grade) for doc, grade in each.items()} for query, each in table.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise MatchingError(f"{path}: not readable as judgements ({error})") from error


def read_run(lines: Iterable[str]) -> dict[str, list[tuple[str, float]]]:
    """A run in TREC form (``query Q0 document rank score name``), each query by falling score, ties as they came."""
    run: dict[str, list[tuple[str, float]]] = {}
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts:
            continue
        try:
            query, _, document, _, score, _ = parts
            run.setdefault(query, []).append((document, float(score)))
        except ValueError as error:
            raise MatchingError(f"line {number} of the run: {error}") from error
    for documents in run.values():
        documents.sort(key=lambda entry: -entry[1])
    return run


def evaluate(run: Run, qrels: Qrels, *, relevant_from: float = 1.0, seed: int = 0) -> Report:
    """The measures of a run; queries without any judgement count in ``auc`` only, on its other side, and those whose
    judgements are all below ``relevant_from`` nowhere.
    """
    queries = [query for query, grades in qrels.items() if _relevant(grades, relevant_from)]
    others = [query for query, grades in qrels.items() if not grades]
    ranked = {query: [document for document, _ in run.get(query, ())] for query in qrels}

    def over(measure: Callable[[Sequence[str], Mapping[str, float]], float]) -> Interval:
        return bootstrap([measure(ranked[query], qrels[query]) for query in queries], seed=seed)

    shown = [document in qrels[query] for query in queries for document in ranked[query][:CUT]]
    return Report(
        queries=len(queries),
        ndcg=over(ndcg),
        judged_ndcg=over(lambda documents, grades: ndcg([each for each in documents if each in grades], grades)),
        recall_10=over(lambda documents, grades: recall(documents, _relevant(grades, relevant_from), 10)),
        recall_50=over(lambda documents, grades: recall(documents, _relevant(grades, relevant_from), 50)),
        mrr=over(lambda documents, grades: reciprocal_rank(documents, _relevant(grades, relevant_from))),
        auc=auc([_top(run, query) for query in queries], [_top(run, query) for query in others]),
        unjudged=1.0 - sum(shown) / len(shown) if shown else math.nan,
    )


def _relevant(grades: Mapping[str, float], relevant_from: float) -> set[str]:
    return {document for document, grade in grades.items() if grade >= relevant_from}


def _top(run: Run, query: str) -> float:
    return max((score for _, score in run.get(query, ())), default=-math.inf)


def ndcg(documents: Sequence[str], grades: Mapping[str, float], cut: int = CUT) -> float:
    """Normalised discounted cumulated gain with gain ``2^grade - 1``, 0 for what isn't judged."""
    gains = [2.0 ** grades.get(document, 0.0) - 1.0 for document in documents[:cut]]
    best = sorted((2.0**grade - 1.0 for grade in grades.values()), reverse=True)[:cut]
    ideal = _discounted(best)
    return _discounted(gains) / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))


def recall(documents: Sequence[str], relevant: set[str], cut: int) -> float:
    """The share of the relevant documents among the first ``cut``."""
    return len(relevant.intersection(documents[:cut])) / len(relevant) if relevant else 0.0


def reciprocal_rank(documents: Sequence[str], relevant: set[str]) -> float:
    """One over the rank of the first relevant document, 0 without any."""
    return next((1.0 / rank for rank, document in enumerate(documents, 1) if document in relevant), 0.0)


def auc(above: Sequence[float], below: Sequence[float]) -> float:
    """The chance that one of ``above`` exceeds one of ``below``, ties counting half; NaN if either is empty."""
    if not above or not below:
        return math.nan
    return sum((a > b) + 0.5 * (a == b) for a in above for b in below) / (len(above) * len(below))


def bootstrap(values: Sequence[float], *, seed: int = 0) -> Interval:
    """The mean with its percentile bootstrap interval; the same for the same seed."""
    if not values:
        return Interval(math.nan, math.nan, math.nan)
    sample = np.asarray(values, np.float64)
    draws = np.random.default_rng(seed).integers(0, sample.size, (BOOTSTRAP_ROUNDS, sample.size))
    edge = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(sample[draws].mean(axis=1), [edge, 100 - edge])
    return Interval(float(sample.mean()), float(low), float(high))
