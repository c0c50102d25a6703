"""One query at one moment: its documents as rows, its hits as published results."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from matching.features import PairSignals
from matching.ranking import Ask, Hit, Hits, best_startups, best_tenders, signals_of
from matching.reasons import Explained, Explainer
from matching.segments import Segment
from matching.sharing import Shared
from matching.snapshots import Snapshot
from matching.store import Store
from matching.types import Gates, LotDoc, MatchResult, Reason, StartupDoc, TenderDoc
from matching.views import merged

EXPLAINED_TOGETHER: Final = 64
"""Hits whose reasons are worked out at once."""

_Pair: TypeAlias = tuple[TenderDoc, StartupDoc, "Hit[TenderDoc] | Hit[StartupDoc]"]
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

    def pair(self, tender: TenderDoc, startup: StartupDoc) -> Hits[StartupDoc]:
        """One pair by its best unit, without gates."""
        algorithm = self._explainer.algorithm
        left, right = self.tender(tender), self.startup(startup)
        pairs = np.array([[unit, 0] for unit in range(len(left.units))], np.int64)
        signals = signals_of(pairs, left, right, self._snapshot.idf, algorithm)
        scores = algorithm.scores(signals)
        unit = int(np.argmax(scores))
        unknown = () if tender.country and startup.country else ("country",)
        hit = Hit(right, 0, float(scores[unit]), unit, unknown,
                  lambda part, at, which: (left.units.row(which), part.units.row(at)))  # fmt: skip
        return Hits((hit,), signals.take(np.array([unit])), 1, MappingProxyType({}))

    def told_startups(self, tender: TenderDoc, hits: Hits[StartupDoc], limit: int | None) -> tuple[MatchResult, ...]:
        """The published form of a tender's hits, each with at most ``limit`` reasons (``None``: all; 0: none)."""
        if limit == 0:
            return tuple(self._bare(tender.id, hit.id, tender.lots, hit) for hit in hits.items)
        return self._results([(tender, hit.doc, hit) for hit in hits.items], hits.signals, limit)

    def told_tenders(self, startup: StartupDoc, hits: Hits[TenderDoc], limit: int | None) -> tuple[MatchResult, ...]:
        """The published form of a startup's hits, each with at most ``limit`` reasons (``None``: all; 0: none)."""
        if limit == 0:
            return tuple(
                self._bare(hit.id, startup.id, hit.doc.lots if hit.unit else (), hit) for hit in hits.items
            )  # fmt: skip
        return self._results([(hit.doc, startup, hit) for hit in hits.items], hits.signals, limit)

    def _bare(
        self, tender_id: str, startup_id: str, lots: Sequence[LotDoc], hit: Hit[TenderDoc] | Hit[StartupDoc],
        reasons: tuple[Reason, ...] = (),
    ) -> MatchResult:  # fmt: skip
        """A hit as it is published; without reasons its document is not read."""
        grade = self._explainer.algorithm.grade(hit.score)
        lot_id = lots[hit.unit - 1].id if hit.unit else None
        return MatchResult(tender_id, startup_id, hit.score, grade, lot_id, reasons, hit.unknown)

    def _results(self, pairs: Sequence[_Pair], signals: PairSignals, limit: int | None) -> tuple[MatchResult, ...]:
        """What the reasons need is read and measured for many hits together."""
        found: list[MatchResult] = []
        for first in range(0, len(pairs), EXPLAINED_TOGETHER):
            part = pairs[first : first + EXPLAINED_TOGETHER]
            measured = signals.take(np.arange(first, first + len(part)))
            reasons = self._reasons(part, measured, limit)
            found += [
                self._bare(tender.id, startup.id, tender.lots, hit, told)
                for (tender, startup, hit), told in zip(part, reasons, strict=True)
            ]
        return tuple(found)

    def _reasons(self, pairs: Sequence[_Pair], signals: PairSignals, limit: int | None) -> list[tuple[Reason, ...]]:
        taught = self._store.segmenter.taught
        units = {(tender.id, hit.unit): (tender, hit.unit) for tender, _, hit in pairs}
        startups = {startup.id: startup for _, startup, _ in pairs}
        by_tender = {unit: taught.learned_by_tender(*asked) for unit, asked in units.items()}
        by_startup = {startup.id: taught.learned_by_startup(startup) for startup in startups.values()}
        explained = [
            Explained(tender, hit.unit, startup, by_tender[tender.id, hit.unit], by_startup[startup.id])
            for tender, startup, hit in pairs
        ]
        shared = Shared([hit.rows for _, _, hit in pairs], self._snapshot.idf, self._snapshot.vocabulary)
        return self._explainer.explain(explained, signals, shared, limit)
