"""One query at one moment: its documents as rows, its hits as published results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

from matching.features import PairSignals
from matching.ranking import Ask, Hit, Hits, best_startups, best_tenders, signals_of
from matching.reasons import Explained, Explainer, Product
from matching.segments import Segment
from matching.snapshots import Snapshot
from matching.store import Store
from matching.types import Gates, LotDoc, MatchResult, Reason, StartupDoc, TenderDoc
from matching.vectorizer import F32, I32
from matching.views import merged

EXPLAINED_TOGETHER: Final = 64
"""Hits whose reasons are worked out at once."""

Pair: TypeAlias = tuple[TenderDoc, StartupDoc, "Hit[TenderDoc] | Hit[StartupDoc]"]
"""A hit with both of its documents."""


class Moment:
    """A snapshot under one query. What is worked out about a document is kept until the query ends."""

    def __init__(self, store: Store, explainer: Explainer, snapshot: Snapshot) -> None:
        self._store = store
        self._explainer = explainer
        self._snapshot = snapshot
        self._tenders: dict[str, Segment[TenderDoc]] = {}
        self._startups: dict[str, Segment[StartupDoc]] = {}

    def term(self, number: int) -> str:
        """The key of a feature."""
        return self._snapshot.vocabulary.term(number)

    def tender(self, tender: TenderDoc) -> Segment[TenderDoc]:
        """A tender as rows of this moment, whether it is in the index or not."""
        if tender.id not in self._tenders:
            segment = self._store.segmenter.tenders([tender], self._snapshot.vocabulary)
            self._tenders[tender.id] = segment.known(self._snapshot.idf).weighted(self._snapshot.idf)
        return self._tenders[tender.id]

    def startup(self, startup: StartupDoc) -> Segment[StartupDoc]:
        """A startup as rows of this moment, whether it is in the index or not."""
        if startup.id not in self._startups:
            segment = self._store.segmenter.startups([startup], self._snapshot.vocabulary)
            self._startups[startup.id] = segment.known(self._snapshot.idf).weighted(self._snapshot.idf)
        return self._startups[startup.id]

    def startups_for(self, tender: TenderDoc, k: int, gates: Gates) -> Hits[StartupDoc]:
        """The best startups for a tender."""
        return best_startups(self.tender(tender), self._snapshot.startups, self._ask(k, gates))

    def tenders_for(self, startup: StartupDoc, k: int, gates: Gates) -> Hits[TenderDoc]:
        """The best tenders for a startup."""
        return best_tenders(self.startup(startup), self._snapshot.tenders, self._ask(k, gates))

    def measured(self, tender: TenderDoc) -> tuple[tuple[str, ...], PairSignals]:
        """The ids of all startups, and their signals with the unit of a tender that scores best."""
        algorithm, rows = self._explainer.algorithm, self.tender(tender)
        base = merged(self._snapshot.startups.all_parts())
        units, count = len(rows.units), len(base.ids)
        pairs = np.empty((units * count, 2), np.int64)
        pairs[:, 0] = np.repeat(np.arange(units), count)
        pairs[:, 1] = np.tile(np.arange(count), units)
        signals = signals_of(pairs, rows, base, self._snapshot.idf, algorithm)
        best = np.argmax(algorithm.scores(signals).reshape(units, count), axis=0)
        return base.ids, signals.take(best * count + np.arange(count))

    def _ask(self, k: int, gates: Gates) -> Ask:
        return Ask(k, gates, self._snapshot.codes, self._snapshot.idf, self._explainer.algorithm)

    def pair(self, tender: TenderDoc, startup: StartupDoc) -> Hit[StartupDoc]:
        """One pair by its best unit, without gates."""
        algorithm = self._explainer.algorithm
        left, right = self.tender(tender), self.startup(startup)
        pairs = np.array([[unit, 0] for unit in range(len(left.units))], np.int64)
        signals = signals_of(pairs, left, right, self._snapshot.idf, algorithm)
        scores = algorithm.scores(signals)
        unit = int(np.argmax(scores))
        unknown = () if tender.country and startup.country else ("country",)
        return Hit(
            startup, float(scores[unit]), unit, signals.at(unit), (left.units.row(unit), right.units.row(0)), unknown
        )

    def results(self, pairs: Sequence[Pair], limit: int | None) -> tuple[MatchResult, ...]:
        """The published form of hits, each with at most ``limit`` reasons (``None``: all; 0: none is worked out).

        What the reasons need is read and measured for many hits together.
        """
        found: list[MatchResult] = []
        for first in range(0, len(pairs), EXPLAINED_TOGETHER):
            part = pairs[first : first + EXPLAINED_TOGETHER]
            reasons = self._reasons(part, limit) if limit != 0 else [()] * len(part)
            for (tender, startup, hit), told in zip(part, reasons, strict=True):
                lot, grade = _lot(tender, hit.unit), self._explainer.algorithm.grade(hit.score)
                lot_id = lot.id if lot is not None else None
                found.append(MatchResult(tender.id, startup.id, hit.score, grade, lot_id, told, hit.unknown))
        return tuple(found)

    def _reasons(self, pairs: Sequence[Pair], limit: int | None) -> list[tuple[Reason, ...]]:
        explainer, taught = self._explainer, self._store.segmenter.taught
        asked = {(tender.id, hit.unit): (tender, _lot(tender, hit.unit)) for tender, _, hit in pairs}
        in_tenders = dict(zip(asked, explainer.tender_places(list(asked.values())), strict=True))
        in_startups = explainer.startup_places([startup for _, startup, _ in pairs])
        parts = explainer.parts(PairSignals.joined([hit.signals for _, _, hit in pairs]))
        by_tender = {unit: taught.learned_by_tender(tender, unit[1]) for unit, (tender, _) in asked.items()}
        startups = {startup.id: startup for _, startup, _ in pairs}
        by_startup = {number: taught.learned_by_startup(startup) for number, startup in startups.items()}
        found: list[tuple[Reason, ...]] = []
        for n, (tender, startup, hit) in enumerate(pairs):
            unit = (tender.id, hit.unit)
            pair = Explained(
                hit.signals, parts[n], self._products(*hit.rows), tender, asked[unit][1], startup,
                by_tender[unit], by_startup[startup.id],
            )  # fmt: skip
            found.append(explainer.reasons(pair, in_tenders[unit], in_startups[n], limit))
        return found

    def _products(self, left: tuple[I32, F32], right: tuple[I32, F32]) -> list[Product]:
        ids, at_left, at_right = np.intersect1d(left[0], right[0], assume_unique=True, return_indices=True)
        values = left[1][at_left].astype(np.float64) * right[1][at_right].astype(np.float64)
        numbers, channels = ids.tolist(), self._snapshot.idf.channels[ids].tolist()
        return list(map(Product, map(self.term, numbers), channels, values.tolist()))


def _lot(tender: TenderDoc, unit: int) -> LotDoc | None:
    return tender.lots[unit - 1] if unit else None
