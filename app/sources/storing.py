"""One batch of a source in one transaction: payloads, calls with their versions, awards, refusals, list, cursor.

Nothing is asked of a portal while the transaction is open, and whoever is killed leaves whole batches behind.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import driver_connection
from app.ingest.loading import parts
from app.ingest.mapping import map_batch
from app.ingest.merging import merge
from app.ingest.outcome import Counts, Taken, Target
from app.jobs.messages import LinkTenders, MatchTenders, ReadRequirements
from app.jobs.queue import enqueue
from app.kit.ids import OrganisationId
from app.models.import_run import ImportKind
from app.models.tender import TenderStatus
from app.sources.awards import AwardTarget, StagedAward, keep_awards
from app.sources.folding import Fold, Stored
from scrapers.base import Parsed
from scrapers.payload import Rejection
from scrapers.records import AwardRecord, TenderRecord

_STORED = """
SELECT external_id, status, record ->> 'status' AS word,
    CASE WHEN external_id = ANY($3) THEN record::text END AS record
FROM tender WHERE owner_id = $1 AND external_id = ANY($2) ORDER BY id FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where records of a source are stored, and the instant that their versions carry."""

    source_id: uuid.UUID
    owner_id: OrganisationId
    now: dt.datetime


@dataclass(slots=True)
class Gleaned:
    """What was read from payloads, sorted: calls folded together, awards, refusals."""

    calls: Fold = field(default_factory=Fold)
    awards: list[StagedAward] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    @classmethod
    def of(cls, parsed: Iterable[Parsed]) -> Gleaned:
        """Sort what was parsed, in the order it came."""
        gleaned = cls()
        for one in parsed:
            gleaned.add(one)
        return gleaned

    def add(self, one: Parsed) -> None:
        """Take one record in; one that can't be stored is a refusal."""
        try:
            if isinstance(one, TenderRecord):
                self.calls.add(one)
            elif isinstance(one, AwardRecord):
                self.awards.append(StagedAward.of(one))
            else:
                self.rejections.append(one)
        except (ValueError, TypeError) as wrong:
            self.rejections.append(Rejection("field.unstorable", str(wrong), getattr(one, "id", "")))


@dataclass(frozen=True, slots=True)
class Stocked:
    """What became of a batch: counts of calls, changed awards, what was refused, and the calls that were touched."""

    counts: Counts
    awards: int
    rejections: Sequence[Rejection]


async def stock(session: AsyncSession, place: Place, gleaned: Gleaned) -> Stocked:
    """Store calls and awards in the session's transaction, and queue the rankings that follow from them."""
    connection = await driver_connection(session)
    taken, refused = await _keep_calls(connection, place, gleaned.calls)
    target = AwardTarget(place.source_id, place.owner_id, place.now)
    kept = await keep_awards(connection, target, gleaned.awards, [*gleaned.calls.records])
    for part in parts(taken.to_link):
        await enqueue(session, LinkTenders(tender_ids=part), ReadRequirements(tender_ids=part))
    await rank(session, [*taken.to_rank, *kept.ended])
    return Stocked(taken.counts, kept.changed, [*gleaned.rejections, *refused])


async def _keep_calls(connection: asyncpg.Connection, place: Place, calls: Fold) -> tuple[Taken, list[Rejection]]:
    if not calls.records:
        return Taken(Counts()), []
    found = await connection.fetch(_STORED, place.owner_id, [*calls.records], calls.updates())
    stored = {row["external_id"]: _stored(row) for row in found}
    given = calls.gathered(stored)
    batch = await asyncio.to_thread(map_batch, ImportKind.TENDERS, given)
    target = Target(place.owner_id, ImportKind.TENDERS, place.now, source_id=place.source_id, judged=True)
    taken = await merge(connection, target, batch)
    ids = [*calls.records]
    refused = [Rejection(row.code, row.reason, ids[row.line - 1], row.excerpt) for row in taken.rejected]
    return taken, refused


def _stored(row: asyncpg.Record) -> Stored:
    record = row["record"]
    return Stored(TenderStatus(row["status"]), row["word"], orjson.loads(record) if record else None)


async def rank(session: AsyncSession, tender_ids: Sequence[uuid.UUID]) -> None:
    """Queue the rankings of calls that are new, changed or ended."""
    await enqueue(session, *(MatchTenders(tender_ids=part) for part in parts(list(dict.fromkeys(tender_ids)))))
