"""The one place where matches are computed: both sides, with the same gates and the same grade to be kept."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.db.base import JsonObject
from app.kit.cpu_pool import CpuPool
from app.kit.metrics import Metrics
from app.matches.live_index import LiveIndex
from matching import AlgorithmInfo, list_algorithms
from matching.scoring import describe
from matching.types import Gates, Grade, MatchResult, ProfileTerm, Ranking, Span, StartupDoc, TenderDoc


@dataclass(frozen=True, slots=True)
class Depth:
    """How many are kept on each side, and how long one ranking may take."""

    per_tender: int
    per_startup: int
    deadline_seconds: float


class Ranker:
    """Ranks over the live index in the CPU pool."""

    def __init__(self, index: LiveIndex, cpu: CpuPool, depth: Depth, metrics: Metrics) -> None:
        self.index = index
        self.depth = depth
        self._cpu = cpu
        self._metrics = metrics

    def algorithms(self) -> tuple[AlgorithmInfo, ...]:
        """The algorithm in use, then the others that ship."""
        used = describe(self.index.matcher.algorithm)
        others = (known for known in list_algorithms() if (known.name, known.version) != (used.name, used.version))
        return (used, *others)

    async def startups_for(self, tender: TenderDoc, *, k: int, gates: Gates) -> Ranking:
        """The best ``k`` startups for a tender, with reasons."""
        return await self._ranked("startups", lambda: self.index.matcher.startups_for(tender, k=k, gates=gates))

    async def tenders_for(self, startup: StartupDoc, *, k: int, gates: Gates) -> Ranking:
        """The best ``k`` tenders for a startup, with reasons."""
        return await self._ranked("tenders", lambda: self.index.matcher.tenders_for(startup, k=k, gates=gates))

    async def best_of(self, startup: StartupDoc, tenders: Sequence[TenderDoc], *, k: int) -> tuple[MatchResult, ...]:
        """The best ``k`` of some calls that stand in no index for a startup, with reasons; no gate removes any."""

        def ranked() -> tuple[MatchResult, ...]:
            return self.index.matcher.best_of(startup, tenders, k=k)

        return await self._cpu.run(ranked, deadline=self.depth.deadline_seconds)

    async def fitting_startups(self, tender: TenderDoc, *, k: int, gates: Gates) -> Ranking:
        """As ``startups_for``, without reasons: for counting."""
        matcher = self.index.matcher
        return await self._ranked(
            "startups", lambda: matcher.startups_for(tender, k=k, gates=gates, with_reasons=False)
        )

    async def fitting_tenders(self, startup: StartupDoc, *, k: int, gates: Gates) -> Ranking:
        """As ``tenders_for``, without reasons: for counting."""
        matcher = self.index.matcher
        return await self._ranked("tenders", lambda: matcher.tenders_for(startup, k=k, gates=gates, with_reasons=False))

    async def _ranked(self, of: str, rank: Callable[[], Ranking]) -> Ranking:
        def timed() -> Ranking:
            started = time.perf_counter()
            try:
                return rank()
            finally:
                self._metrics.ranked(of, time.perf_counter() - started)

        return await self._cpu.run(timed, deadline=self.depth.deadline_seconds)

    async def profile(self, startup: StartupDoc, limit: int) -> tuple[str, tuple[ProfileTerm, ...]]:
        """The algorithm's name, and the heaviest coordinates of a startup's profile."""
        matcher = self.index.matcher
        algorithm = f"{matcher.algorithm.name}-{matcher.algorithm.version}"
        return algorithm, await self._cpu.run(matcher.profile, startup, limit, deadline=self.depth.deadline_seconds)

    async def matches_of_tender(
        self, tender: TenderDoc, *, now: dt.datetime, also: Iterable[uuid.UUID] = ()
    ) -> tuple[Ranking, Ranking]:
        """What is worth keeping for a tender: its best, and how the pairs in ``also`` stand now."""
        gates = Gates(as_of=now, min_grade=Grade.POSSIBLE)
        best = await self.startups_for(tender, k=self.depth.per_tender, gates=gates)
        others = _beyond(also, (item.startup_id for item in best.items))
        rest = await self.startups_for(tender, k=len(others), gates=replace(gates, only=others)) if others else _NOTHING
        return best, rest

    async def matches_of_startup(
        self, startup: StartupDoc, *, now: dt.datetime, also: Iterable[uuid.UUID] = ()
    ) -> tuple[Ranking, Ranking]:
        """What is worth keeping for a startup: its best, and how the pairs in ``also`` stand now."""
        gates = Gates(as_of=now, min_grade=Grade.POSSIBLE)
        best = await self.tenders_for(startup, k=self.depth.per_startup, gates=gates)
        others = _beyond(also, (item.tender_id for item in best.items))
        rest = await self.tenders_for(startup, k=len(others), gates=replace(gates, only=others)) if others else _NOTHING
        return best, rest


_NOTHING = Ranking(items=(), considered=0)


def _beyond(also: Iterable[uuid.UUID], best: Iterable[str]) -> frozenset[str]:
    return frozenset(str(row) for row in also) - frozenset(best)


def wire_reasons(result: MatchResult) -> list[JsonObject]:
    """The reasons of a match as they are kept and sent: codes and numbers; the sentence is made at the edge."""
    return [
        {
            "code": reason.code,
            "contribution": reason.contribution,
            "term": reason.term,
            "facts": dict(reason.facts),
            "in_tender": [wire_span(span) for span in reason.in_tender],
            "in_startup": [wire_span(span) for span in reason.in_startup],
        }
        for reason in result.reasons
    ]


def wire_span(span: Span) -> JsonObject:
    """Where a form stands, as it is kept and sent."""
    where: JsonObject = {"field": span.field, "start": span.start, "end": span.end, "text": span.text}
    return where if span.item is None else {**where, "item": span.item}
