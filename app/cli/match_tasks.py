"""What the workers of a Dask cluster do for ``safqa match``: a part of the startups in, counts or rankings out.

Records travel as checked JSON, one a line. Nothing here keeps state but the tenders' index, once for each process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version

from app.cli.match_input import startup_of
from matching import Basis, Matcher
from matching.cpv import CpvTable
from matching.partition import Best, basis_of, best_of_part, lengths_of, result
from matching.types import Gates, Ranking, StartupDoc, TenderDoc
from matching.vectorizer import Lengths


@dataclass(frozen=True, slots=True)
class Job:
    """What every task of one run needs, sent to each worker once; runs are told apart by ``name``."""

    name: str
    basis: Basis = field(compare=False)
    tenders: Sequence[TenderDoc] = field(compare=False, default=())
    gates: Gates = field(compare=False, default=Gates())
    top: int = field(compare=False, default=0)
    with_reasons: bool = field(compare=False, default=True)
    cpv: CpvTable | None = field(compare=False, default=None)

    def matcher(self) -> Matcher:
        """An empty matcher in the run's feature space."""
        return Matcher(basis=self.basis, cpv=self.cpv)


def installed() -> str:
    """Which Safqa a worker runs: the release, and what tells two states of its matching apart."""
    return f"{version('safqa')} {basis_of().version}"


def keep(job: Job) -> Job:
    """The job, held by a worker for the tasks that need it."""
    return job


def count(records: bytes, job: Job) -> Basis:
    """The feature space of a part by itself, whatever that of the job."""
    return basis_of(startups=startups_of(records), cpv=job.cpv)


def measure(records: bytes, job: Job) -> Lengths:
    """The profile lengths of a part."""
    return lengths_of(job.matcher(), startups_of(records))


def best(records: bytes, first: int, job: Job) -> list[Best]:
    """The best startups of a part for each tender; the part begins at row ``first``."""
    return best_of_part(job.matcher(), job.tenders, startups_of(records), first, job.top, job.gates)


def explain(records: bytes, numbers: Sequence[int], bests: Sequence[Best], job: Job) -> list[Ranking]:
    """The rankings of some tenders, by their numbers; ``records`` holds all startups among ``bests``."""
    matcher = job.matcher()
    matcher.load(startups=startups_of(records))
    return [
        result(matcher, job.tenders[number], found, job.gates, with_reasons=job.with_reasons)
        for number, found in zip(numbers, bests, strict=True)
    ]


def tenders_for(records: bytes, job: Job) -> list[Ranking]:
    """The best tenders for each startup of a part."""
    matcher = _tender_index(job)
    return [
        matcher.tenders_for(startup, k=job.top, gates=job.gates, with_reasons=job.with_reasons)
        for startup in startups_of(records)
    ]


@lru_cache(maxsize=1)
def _tender_index(job: Job) -> Matcher:
    matcher = job.matcher()
    matcher.load(tenders=job.tenders)
    return matcher


def startups_of(records: bytes) -> list[StartupDoc]:
    """The startups of some records."""
    return [startup_of(record) for record in records.split(b"\n") if record]
