"""Judged sets as numbers: for each tender the signals of its candidates and what was judged of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.evaluate import Report, evaluate
from matching.features import SIGNALS, PairSignals
from matching.matcher import Matcher
from matching.scoring import Algorithm
from matching.types import StartupDoc, TenderDoc
from matching.vectorizer import F64, I64

POOL: Final = 2_000
"""Unjudged startups of a tender that are looked at: those the algorithm at hand ranks best."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Tenders and startups with judgements: tender id to startup id to grade, 0 for unsuitable.

    A tender with an empty table is a plain negative: nobody suits. One that isn't in the table was not looked at.
    """

    name: str
    tenders: Sequence[TenderDoc]
    startups: Sequence[StartupDoc]
    qrels: Mapping[str, Mapping[str, float]]

    @property
    def relevant_from(self) -> float:
        """Half of the highest grade: what counts as suitable where grades are reduced to yes and no."""
        return max((grade for each in self.qrels.values() for grade in each.values()), default=1.0) / 2


@dataclass(frozen=True, slots=True)
class Query:
    """One tender: its candidates, best first by the algorithm at hand, a row each of ``signals`` (a column for each of
    ``features.SIGNALS``), their ``told`` shares, and their grades, NaN where nobody judged.
    """

    tender_id: str
    startup_ids: tuple[str, ...]
    signals: F64
    told: F64
    grades: F64

    @property
    def gains(self) -> F64:
        """``2^grade - 1``, 0 where nobody judged."""
        return np.asarray(2.0 ** np.nan_to_num(self.grades) - 1.0, np.float64)


@dataclass(frozen=True, slots=True)
class Measured:
    """A judged set, measured."""

    name: str
    qrels: Mapping[str, Mapping[str, float]]
    relevant_from: float
    queries: tuple[Query, ...]

    def negatives(self) -> Iterator[Query]:
        """The tenders for which nobody suits."""
        return (query for query in self.queries if not self.qrels[query.tender_id])

    def report(self, score: Callable[[Query], F64]) -> Report:
        """How good the ranking by a score of a tender's candidates is."""
        run = {}
        for query in self.queries:
            scores = score(query)
            order = np.argsort(-scores, kind="stable")
            run[query.tender_id] = [(query.startup_ids[n], float(scores[n])) for n in order]
        return evaluate(run, self.qrels, relevant_from=self.relevant_from)


def measure(judged: JudgedSet, algorithm: Algorithm, progress: Callable[[str, int], None] | None = None) -> Measured:
    """Load a set and measure the judged pairs, and beside them the ``POOL`` best of each tender."""
    matcher = Matcher(algorithm)
    matcher.load(tenders=judged.tenders, startups=judged.startups)
    queries = []
    for tender in judged.tenders:
        if tender.id in judged.qrels:
            ids, signals = matcher.measure(tender)
            queries.append(_query(tender.id, ids, signals, judged.qrels[tender.id], algorithm))
            if progress is not None:
                progress(judged.name, len(queries))
    known = {query.tender_id for query in queries}
    qrels = {tender: grades for tender, grades in judged.qrels.items() if tender in known}
    return Measured(judged.name, qrels, judged.relevant_from, tuple(queries))


def _query(
    tender_id: str, ids: Sequence[str], signals: PairSignals, judged: Mapping[str, float], algorithm: Algorithm
) -> Query:
    grades = np.array([judged.get(each, np.nan) for each in ids], np.float64)
    order = np.argsort(-algorithm.scores(signals), kind="stable")
    kept: I64 = order[(np.arange(order.size) < POOL) | ~np.isnan(grades[order])]
    chosen = signals.take(kept)
    table = np.column_stack([kind.signal(chosen) for kind in SIGNALS])
    return Query(tender_id, tuple(ids[n] for n in kept), table, chosen.told, grades[kept])
