"""Facts of startups and calls, kept in memory by version, so that only what changed is read again."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.evidence.facts import startup_facts
from app.files.to_eligibility import tender_facts
from app.kit.aside import ASIDE_SECONDS, Aside
from app.kit.observability import get_logger
from app.openness.repository import OpennessRepository, Stored, Version
from app.requirements.repository import RequirementRepository
from app.startups.views import public_record
from matching.eligibility.asked import clauses_of
from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.openness.pool import Pool
from matching.requirements import read_record
from matching.requirements.findings import Finding
from scrapers.evidence import EvidenceRecord
from scrapers.records import StartupRecord, TenderRecord

log = get_logger(__name__)

MOST_KEPT = 200_000
"""Facts of one side that are kept; beyond, the oldest make room."""

_MOST_PUBLIC = 50_000
_POOLS_KEPT = 32
Facts = TypeVar("Facts", StartupFacts, TenderFacts)
Read = TypeVar("Read")


class Kept(Generic[Facts]):
    """Facts by id, each with the version it was made of; ``None``: a row that can't be read."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._facts: dict[uuid.UUID, tuple[Version, Facts | None]] = {}

    def missing(self, versions: dict[uuid.UUID, Version]) -> list[uuid.UUID]:
        """The ids that are not here as they stand now."""
        return [id_ for id_, version in versions.items() if self._facts.get(id_, (None, None))[0] != version]

    def take(self, id_: uuid.UUID, version: Version, facts: Facts | None) -> None:
        """Keep one."""
        self._facts.pop(id_, None)
        self._facts[id_] = (version, facts)
        while len(self._facts) > self._most:
            del self._facts[next(iter(self._facts))]

    def read(
        self, ids: Iterable[uuid.UUID], versions: Mapping[uuid.UUID, Version], one: Callable[[uuid.UUID], Facts]
    ) -> None:
        """Read and keep some; one bad record does not keep the others out."""
        for id_ in ids:
            self.take(id_, versions[id_], readable(id_, partial(one, id_)))

    def of(self, ids: Collection[uuid.UUID]) -> list[Facts]:
        """Those of these ids that can be read, in their order."""
        found = (self._facts.get(id_, (None, None))[1] for id_ in ids)
        return [facts for facts in found if facts is not None]


class FactsKeeper:
    """The facts of one process, and the columns made of them."""

    def __init__(self) -> None:
        self._startups: Kept[StartupFacts] = Kept()
        self._tenders: Kept[TenderFacts] = Kept()
        self._public: Kept[StartupFacts] = Kept(_MOST_PUBLIC)
        self._pools: dict[int, Pool] = {}

    async def startups(
        self, session: AsyncSession, ids: Collection[uuid.UUID], as_of: dt.datetime
    ) -> list[StartupFacts]:
        """Listed startups as they stand now. A label may end from one day to the next: the day is part of a version."""
        versions = await _versions(session, ids, as_of)
        missing = self._startups.missing(versions)
        if missing:
            stored = await OpennessRepository(session).told_by_startups(missing)
            await asyncio.to_thread(
                self._startups.read, stored, versions, lambda id_: startup_of(id_, stored[id_], as_of)
            )
        return self._startups.of([id_ for id_ in ids if id_ in versions])

    async def public_parts(
        self, session: AsyncSession, ids: Collection[uuid.UUID], as_of: dt.datetime
    ) -> list[StartupFacts]:
        """As ``startups``, but nothing beyond what anybody who may know of them may know."""
        versions = await _versions(session, ids, as_of)
        missing = self._public.missing(versions)
        if missing:
            records = await OpennessRepository(session).startup_records(missing)

            def read(id_: uuid.UUID) -> StartupFacts:
                return startup_of(id_, Stored(public_record(records[id_])), as_of)

            await asyncio.to_thread(self._public.read, records, versions, read)
        return self._public.of([id_ for id_ in ids if id_ in versions])

    async def pool(self, session: AsyncSession, ids: Collection[uuid.UUID], as_of: dt.datetime) -> Pool:
        """The columns of listed startups, made anew only where one of them changed."""
        facts = await self.startups(session, ids, as_of)
        key = hash(tuple(map(id, facts)))
        known = self._pools.get(key)
        if (
            known is not None
            and len(known) == len(facts)
            and all(a is b for a, b in zip(known.startups, facts, strict=True))
        ):
            return known
        pool = await asyncio.to_thread(Pool.of, facts)
        self._pools[key] = pool
        while len(self._pools) > _POOLS_KEPT:
            del self._pools[next(iter(self._pools))]
        return pool

    async def tenders(
        self,
        session: AsyncSession,
        ids: Sequence[uuid.UUID],
        beyond: Mapping[uuid.UUID, tuple[Finding, ...]] | None = None,
        aside: Aside | None = None,
    ) -> list[TenderFacts]:
        """Calls as they stand now, with what they were read to ask: by a worker, and where that is still to come, here
        and now. ``beyond``: what is said beyond their records, where that was read already. ``aside``: where no request
        waits for it.
        """
        repository, requirements = OpennessRepository(session), RequirementRepository(session)
        versions = await repository.tender_versions(ids)
        missing = self._tenders.missing(versions)
        if missing:
            records = await repository.tender_records(missing)
            read = await requirements.of_records(missing)
            if aside is None:
                facts = await asyncio.to_thread(tenders_of, records, read)
            else:
                facts = await aside.run(tenders_of, records, read, deadline=ASIDE_SECONDS)
            for id_, one in facts.items():
                self._tenders.take(id_, versions[id_], one)
        found = self._tenders.of([id_ for id_ in ids if id_ in versions])
        if beyond is None:
            beyond = await requirements.beyond_the_record(versions)
        return [_asking(each, beyond.get(uuid.UUID(each.id))) for each in found]

    async def tender(self, session: AsyncSession, tender_id: uuid.UUID, record: JsonObject) -> TenderFacts:
        """A call in any state, by its record, its documents and what its owner corrected."""
        beyond = await RequirementRepository(session).beyond_the_record([tender_id])
        facts = await asyncio.to_thread(tender_of, tender_id, record)
        return _asking(facts, beyond.get(tender_id))


async def _versions(session: AsyncSession, ids: Collection[uuid.UUID], as_of: dt.datetime) -> dict[uuid.UUID, Version]:
    today = as_of.date().toordinal()
    found = await OpennessRepository(session).startup_versions(ids)
    return {id_: (*version, today) for id_, version in found.items()}


def startup_of(id_: uuid.UUID, stored: Stored, as_of: dt.datetime) -> StartupFacts:
    """A startup's facts from its profile and evidence.

    Raises:
        ValidationError: one of them can't be read any more.
    """
    evidence = EvidenceRecord.model_validate(stored.evidence) if stored.evidence else None
    return startup_facts(str(id_), StartupRecord.model_validate({**stored.record, "id": str(id_)}), evidence, as_of)


def tender_of(id_: uuid.UUID | str, record: JsonObject, findings: tuple[Finding, ...] | None = None) -> TenderFacts:
    """A call's facts from its record, with what it was read to ask; ``None``: it is read now, which takes longer."""
    told = TenderRecord.model_validate({**record, "id": str(id_)})
    return replace(tender_facts(told, read_record(record) if findings is None else findings), id=str(id_))


def tenders_of(
    records: Mapping[uuid.UUID, JsonObject], findings: Mapping[uuid.UUID, tuple[Finding, ...]]
) -> dict[uuid.UUID, TenderFacts | None]:
    """The facts of calls by id; ``None``: a record that can't be read."""
    return {id_: readable(id_, partial(tender_of, id_, record, findings.get(id_))) for id_, record in records.items()}


def _asking(facts: TenderFacts, findings: tuple[Finding, ...] | None) -> TenderFacts:
    """A call that asks what is said beyond its record, if anything is."""
    return facts if findings is None else replace(facts, clauses=clauses_of(findings))


def readable(id_: uuid.UUID, read: Callable[[], Read]) -> Read | None:
    """What a row is read as, or ``None``: one bad record must not keep the others out."""
    try:
        return read()
    except ValidationError as wrong:
        log.error("openness.unreadable_record", row=str(id_), errors=wrong.error_count())  # noqa: TRY400
        return None
