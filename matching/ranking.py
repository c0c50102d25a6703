"""Queries over one snapshot: gates, candidates, exact scores, the best in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from operator import itemgetter
from types import MappingProxyType
from typing import Final, Generic, TypeAlias, TypeVar

import numpy as np

from matching.features import PairSignals
from matching.gates import Codes, Verdict, judge_startups, judge_tenders, pick
from matching.kernels.pairs import pair_signals
from matching.retrieval import Part, Question, asking, nearest, question, traits_of
from matching.scoring import Algorithm
from matching.segments import Segment
from matching.types import Gates, StartupDoc, TenderDoc
from matching.vectorizer import F32, F64, I32, I64, Idf
from matching.views import View, find

Doc = TypeVar("Doc", TenderDoc, StartupDoc)

RERANK: Final = 500
"""Documents, the best by what their rows tell, that get the exact score with all signals. A request for more results
than a quarter of this widens it."""

RERANK_PER_RESULT: Final = 4


@dataclass(frozen=True)
class Scored(Generic[Doc]):
    """Candidates of one segment, each with the unit (0 the whole, then lots) that scored best."""

    segment: Segment[Doc]
    positions: I64
    units: I64
    signals: PairSignals
    scores: F64
    verdict: Verdict


RowsOf: TypeAlias = Callable[[Segment[Doc], int, int], tuple[tuple[I32, F32], tuple[I32, F32]]]
"""For a document (by its place in a segment) and one of its units that unit's row, and the startup's row."""


@dataclass(frozen=True)
class Hit(Generic[Doc]):
    """One ranked document with its best unit. The document and its rows are read only where they are asked for."""

    segment: Segment[Doc]
    position: int
    score: float
    unit: int
    unknown: tuple[str, ...]
    rows_of: RowsOf[Doc]

    @property
    def id(self) -> str:
        """The document's id."""
        return self.segment.ids[self.position]

    @property
    def doc(self) -> Doc:
        """The document."""
        return self.segment.doc(self.position)

    @property
    def rows(self) -> tuple[tuple[I32, F32], tuple[I32, F32]]:
        """The row of its best unit, and the startup's row."""
        return self.rows_of(self.segment, self.position, self.unit)


@dataclass(frozen=True)
class Hits(Generic[Doc]):
    """The best documents, the signals of each, and what the gates did."""

    items: tuple[Hit[Doc], ...]
    signals: PairSignals
    considered: int
    gated: Mapping[str, int]


def signals_of(
    pairs: I64, tenders: Segment[TenderDoc], startups: Segment[StartupDoc], idf: Idf, algorithm: Algorithm
) -> PairSignals:
    """The signals of pairs of (tender unit row, startup position)."""
    measured = pair_signals(
        pairs, tenders.units.flat(), startups.units.flat(), startups.references.flat(), startups.reference_ptr,
        tenders.units.facts, startups.references.facts, idf.channels, algorithm.reference_vector,
    )  # fmt: skip
    wins = np.diff(startups.reference_ptr)[pairs[:, 1]]
    told, serves = (startups.columns.single[name][pairs[:, 1]] for name in ("told", "serves"))
    return PairSignals(*measured, wins, told, serves, _regional(pairs, tenders, startups))


def _regional(pairs: I64, tenders: Segment[TenderDoc], startups: Segment[StartupDoc]) -> F64:
    """1 where the startup's region is among those known for what the tender asks, else 0."""
    known = tenders.columns.single["known_regions"]
    asked = known[tenders.owners[pairs[:, 0]] if tenders.owners.size else pairs[:, 0]]
    number = startups.columns.single["region"][pairs[:, 1]]
    inside = np.isfinite(number)
    bits = np.asarray(asked, np.int64) >> np.where(inside, number, 0.0).astype(np.int64)
    return np.where(inside, bits & 1, 0).astype(np.float64)


def best_startups(tender: Segment[TenderDoc], view: View[StartupDoc], ask: Ask) -> Hits[StartupDoc]:
    """The best startups for the one tender of a segment."""
    parts = view.all_parts()
    verdicts = [judge_startups(part.segment.columns, tender.doc(0), ask.gates, ask.codes, part.alive) for part in parts]
    units = len(tender.units)
    questions = [question(tender.units, unit, ask.idf) for unit in range(units)]
    scored = []
    for part, verdict, positions in _candidates(parts, verdicts, questions, ask):
        if not positions.size:
            continue
        pairs = np.empty((positions.size * units, 2), np.int64)
        pairs[:, 0] = np.tile(np.arange(units), positions.size)
        pairs[:, 1] = np.repeat(positions, units)
        signals = signals_of(pairs, tender, part.segment, ask.idf, ask.algorithm)
        first = np.arange(positions.size + 1, dtype=np.int64) * units
        scored.append(_best_units(part.segment, positions, first, signals, verdict, ask.algorithm))
    return _hits(scored, verdicts, ask, lambda part, at, unit: (tender.units.row(unit), part.units.row(at)))


def best_tenders(startup: Segment[StartupDoc], view: View[TenderDoc], ask: Ask) -> Hits[TenderDoc]:
    """The best tenders for the one startup of a segment."""
    parts = view.all_parts()
    verdicts = [judge_tenders(part.segment.columns, startup.doc(0), ask.gates, ask.codes, part.alive) for part in parts]
    questions = [question(startup.units, 0, ask.idf, asking(traits_of(startup, ask.algorithm)))]
    scored = []
    for part, verdict, positions in _candidates(parts, verdicts, questions, ask):
        if not positions.size:
            continue
        segment = part.segment
        lengths = np.diff(segment.unit_ptr)[positions]
        first = np.zeros(positions.size + 1, np.int64)
        np.cumsum(lengths, out=first[1:])
        pairs = np.zeros((int(first[-1]), 2), np.int64)
        pairs[:, 0] = np.repeat(segment.unit_ptr[positions] - first[:-1], lengths) + np.arange(first[-1])
        signals = signals_of(pairs, segment, startup, ask.idf, ask.algorithm)
        scored.append(_best_units(segment, positions, first, signals, verdict, ask.algorithm))
    return _hits(
        scored,
        verdicts,
        ask,
        lambda part, at, unit: (part.units.row(int(part.unit_ptr[at]) + unit), startup.units.row(0)),
    )


@dataclass(frozen=True)
class Ask:
    """How many results are wanted, what must hold, and what scores them."""

    k: int
    gates: Gates
    codes: Codes
    idf: Idf
    algorithm: Algorithm


def _candidates(
    parts: Sequence[Part[Doc]], verdicts: Sequence[Verdict], questions: Sequence[Question], ask: Ask
) -> Iterator[tuple[Part[Doc], Verdict, I64]]:
    """The positions in each part that get an exact score, ascending."""
    for part, verdict in zip(parts, verdicts, strict=True):
        pick(verdict, ask.gates, partial(find, part.segment) if part.postings else part.segment.position.get)
    allowed = [verdict.allowed for verdict in verdicts]
    wanted = max(RERANK, ask.k * RERANK_PER_RESULT)
    eligible, documents = sum(int(np.count_nonzero(mask)) for mask in allowed), sum(mask.size for mask in allowed)
    if eligible <= min(wanted, documents // 2):  # a few picked out of many need no search
        chosen = [np.flatnonzero(mask).astype(np.int64) for mask in allowed]
    else:
        each = max(wanted // len(questions), ask.k * 2)
        found = [nearest(parts, allowed, asked, ask.idf.channels, each) for asked in questions]
        chosen = [np.unique(np.concatenate(positions)) for positions in zip(*found, strict=True)]
    return zip(parts, verdicts, chosen, strict=True)


def _best_units(
    segment: Segment[Doc], positions: I64, first: I64, signals: PairSignals, verdict: Verdict, algorithm: Algorithm
) -> Scored[Doc]:
    """Of each document's pairs, the best; the whole before a lot of equal score."""
    scores = algorithm.scores(signals)
    if scores.size == positions.size:  # each has one
        return Scored(segment, positions, np.zeros(positions.size, np.int64), signals, scores, verdict)
    group = np.repeat(np.arange(positions.size), np.diff(first))
    order = np.lexsort((np.arange(scores.size), -scores, group))
    best = order[first[:-1]]
    chosen = signals.take(best)
    return Scored(segment, positions, best - first[:-1], chosen, scores[best], verdict)


def _hits(scored: Sequence[Scored[Doc]], verdicts: Sequence[Verdict], ask: Ask, rows: RowsOf[Doc]) -> Hits[Doc]:
    gated: dict[str, int] = {}
    for verdict in verdicts:
        for name, count in verdict.gated.items():
            gated[name] = gated.get(name, 0) + count
    considered = sum(int(np.count_nonzero(verdict.allowed)) for verdict in verdicts)
    every = np.concatenate([part.scores for part in scored]) if scored else np.empty(0)
    kept = min(every.size, max(ask.k, 0))
    cut = np.partition(every, every.size - kept)[every.size - kept] if every.size > kept > 0 else -np.inf
    least = max(cut, ask.algorithm.floor(ask.gates.min_grade))
    finalists = [
        (-float(part.scores[n]), part.segment.ids[int(part.positions[n])], part, int(n), first + int(n))
        for part, first in zip(scored, accumulate((part.scores.size for part in scored), initial=0), strict=False)
        for n in np.flatnonzero(part.scores >= least)
    ]
    finalists.sort(key=itemgetter(0, 1))
    passed = finalists[:kept]
    if len(passed) < kept:
        gated["grade"] = kept - len(passed)
    items = tuple(_hit(part, n, rows) for _, _, part, n, _ in passed)
    measured = PairSignals.joined([part.signals for part in scored]) if scored else PairSignals.none()
    signals = measured.take(np.array([entry[4] for entry in passed], np.int64))
    return Hits(items, signals, considered, MappingProxyType(gated))


def _hit(part: Scored[Doc], n: int, rows: RowsOf[Doc]) -> Hit[Doc]:
    position = int(part.positions[n])
    unknown = part.verdict.unknown_at(position)
    return Hit(part.segment, position, float(part.scores[n]), int(part.units[n]), unknown, rows)
