"""``safqa match --dask``: the ranking of ``safqa match``, made by many processes from startups that fit no memory.

The startups' file is read once, by this process, and set aside; parts of it go to the workers, first to count the
feature space, then to measure the profiles in it, then to be ranked. Only winners come back to be explained.
"""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from app.cli import match_tasks
from app.cli.match_cluster import Workers, workers_at
from app.cli.match_input import RecordStream, load_tenders
from app.cli.match_output import Answer, Names
from app.cli.match_request import Cluster, MatchRequest, Ranked
from app.cli.match_spool import Spool
from app.cli.progress import Progress
from app.files.contract import MIB, Limits, ReadOptions
from matching import Basis
from matching.cpv import CpvTable
from matching.partition import Best, basis_of, merge_bases, merge_bests, with_lengths
from matching.types import Gates, StartupDoc, TenderDoc

T = TypeVar("T")

_DAY: Final = 86_400
_STREAMED: Final = Limits(file=MIB * MIB, unpacked=MIB * MIB, cpu_seconds=_DAY, waiting_seconds=_DAY)
"""The startups are never in memory together, so that their file may have any size."""

_HELD: Final = Limits(unpacked=Limits().file)
_PART_BYTES: Final = 32 * MIB
_NO_BASIS: Final = Basis((), (), 0)
"""What the feature space is before it was counted."""

_RESULTS_AT_ONCE: Final = 2_000
"""Results with their reasons that one task sends back: about 20 MB."""


@contextlib.contextmanager
def ranked_by(cluster: Cluster, request: MatchRequest, gates: Gates, progress: Progress) -> Iterator[Ranked]:
    """Rank on a Dask cluster; it is up until the answers have been taken. Raises UserMistake."""
    cpv = request.cpv_table()
    tenders = load_tenders(request.tenders, ReadOptions(zone=request.zone, limits=_HELD), progress)
    with workers_at(cluster.address) as workers, Spool() as spool:
        stream = RecordStream(request.startups, "startup", ReadOptions(request.zone, _STREAMED), progress)
        for records in stream:
            spool.add(records)
        names: dict[str, StartupDoc] = {}
        run = _Run(workers, spool, cluster.part_rows, names, progress)
        job = run.fitted(tenders.docs, gates, request, cpv)
        yield Ranked(
            run.for_startups(job) if request.for_startups else run.for_tenders(job),
            Names({tender.id: tender for tender in tenders.docs}, names),
            (len(tenders.docs), len(spool)),
            tenders.rejected + stream.rejected,
        )


@dataclass(frozen=True, slots=True)
class _Run:
    """One ranking over parts. ``names`` holds the startups of the answers under way."""

    workers: Workers
    spool: Spool
    part_rows: int
    names: dict[str, StartupDoc]
    progress: Progress

    def fitted(
        self, tenders: Sequence[TenderDoc], gates: Gates, request: MatchRequest, cpv: CpvTable | None
    ) -> match_tasks.Job:
        """The job with the feature space that the whole collection has."""
        parts = list(self.spool.parts(self.part_rows, _PART_BYTES))
        held = self.workers.hold(match_tasks.Job(uuid.uuid4().hex, _NO_BASIS, cpv=cpv))
        counts = self.workers.in_order(match_tasks.count, ((self.spool.read(part), held) for part in parts))
        own = [basis_of(tenders=tenders, cpv=cpv)]
        basis = merge_bases(itertools.chain(self._told("counting words", counts, parts), own))
        held = self.workers.hold(match_tasks.Job(uuid.uuid4().hex, basis, cpv=cpv))
        lengths = self.workers.in_order(match_tasks.measure, ((self.spool.read(part), held) for part in parts))
        basis = with_lengths(basis, self._told("measuring profiles", lengths, parts))
        reasons = request.format != "trec"
        return match_tasks.Job(uuid.uuid4().hex, basis, tenders, gates, request.top, with_reasons=reasons, cpv=cpv)

    def for_tenders(self, job: match_tasks.Job) -> Iterator[Answer]:
        """The best startups for each tender: ranked part by part, merged, and the winners explained."""
        parts = list(self.spool.parts(self.part_rows, _PART_BYTES))
        held = self.workers.hold(job)
        found = self.workers.in_order(match_tasks.best, ((self.spool.read(part), part.start, held) for part in parts))
        bests: list[Best] = []
        for part in self._told("ranking parts", found, parts):
            bests = [merge_bests(*pair, job.top) for pair in zip(bests, part, strict=True)] if bests else part
        chunks = [list(chunk) for chunk in _chunks(range(len(bests)), max(1, _RESULTS_AT_ONCE // job.top))]
        rows = [sorted({row for number in chunk for _, _, row in bests[number].keys}) for chunk in chunks]
        calls = (
            (self.spool.pick(winners), chunk, [bests[number] for number in chunk], held)
            for chunk, winners in zip(chunks, rows, strict=True)
        )
        rankings = self.workers.in_order(match_tasks.explain, calls)
        for chunk, winners, ranked in zip(chunks, rows, rankings, strict=True):
            self._name(self.spool.pick(winners))
            yield from (Answer(job.tenders[number], ranking) for number, ranking in zip(chunk, ranked, strict=True))

    def for_startups(self, job: match_tasks.Job) -> Iterator[Answer]:
        """The best tenders for each startup."""
        parts = list(self.spool.parts(min(self.part_rows, max(1, _RESULTS_AT_ONCE // job.top)), _PART_BYTES))
        held = self.workers.hold(job)
        found = self.workers.in_order(match_tasks.tenders_for, ((self.spool.read(part), held) for part in parts))
        for part, rankings in zip(parts, found, strict=True):
            startups = self._name(self.spool.read(part))
            yield from (Answer(startup, ranking) for startup, ranking in zip(startups, rankings, strict=True))

    def _name(self, records: bytes) -> list[StartupDoc]:
        """The startups of some records, which the ids of the next answers stand for."""
        startups = match_tasks.startups_of(records)
        self.names.clear()
        self.names.update((startup.id, startup) for startup in startups)
        return startups

    def _told(self, what: str, outcomes: Iterable[T], parts: Sequence[range]) -> Iterator[T]:
        """The outcomes, with the progress told in startups."""
        for part, outcome in zip(parts, outcomes, strict=True):
            self.progress.tell(what, part.stop, len(self.spool))
            yield outcome


def _chunks(numbers: range, size: int) -> Iterator[range]:
    return (numbers[start : start + size] for start in range(0, len(numbers), size))
