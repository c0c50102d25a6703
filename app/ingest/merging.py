"""A mapped batch into the database: staged through COPY, merged by one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import asyncpg

from app.events.tenders import tell_tenders
from app.ingest import startup_sql, tender_sql
from app.ingest.mapping import Mapped
from app.ingest.outcome import Counts, Taken, Target
from app.models.import_run import ImportKind


@dataclass(frozen=True, slots=True)
class _Statements:
    stage: str
    columns: tuple[str, ...]
    create: str
    hold: str
    merge: str
    refused: tuple[str, str]


def _statements(module: object) -> _Statements:
    names = ("STAGE", "STAGED", "CREATE", "HOLD", "MERGE", "REFUSED")
    return _Statements(*(getattr(module, name) for name in names))


_BY_KIND: Mapping[ImportKind, _Statements] = MappingProxyType(
    {ImportKind.TENDERS: _statements(tender_sql), ImportKind.STARTUPS: _statements(startup_sql)}
)


# The planner knows nothing of a table just made, nor of one that grows from nothing to half a million rows.
_SESSION = """
SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL statement_timeout = '120s'
"""


async def merge(connection: asyncpg.Connection, target: Target, batch: Mapped) -> Taken:
    """Store a batch inside the connection's transaction.

    Rows of other organisations are never met: a row is found by its owner and external id. A row that somebody enters
    at the same moment under the same id makes this raise ``UniqueViolationError``: then the batch is to be merged
    again, in a new transaction.
    """
    if not batch.rows:
        return Taken(Counts(rejected=len(batch.rejected)), batch.rejected)
    sql = _BY_KIND[target.kind]
    await connection.execute(f"{_SESSION}; {sql.create}")
    await connection.copy_records_to_table(sql.stage, records=batch.rows, columns=sql.columns)
    parameters = (target.organisation_id, target.agreed if target.kind is ImportKind.STARTUPS else target.source_id)
    if batch.notices:
        await _keep_notices(connection, target, batch)
    await connection.execute(sql.hold, *parameters[: sql.hold.count("$")])
    merging = tender_sql.MERGE_JUDGED if target.judged else sql.merge
    done = await connection.fetchrow(merging, *parameters, target.now)
    assert done is not None
    if target.kind is ImportKind.TENDERS:
        await tell_tenders(connection, done["to_link"])
    elif any(row[-1] is not None for row in batch.rows):
        await connection.execute(startup_sql.KEEP_EVIDENCE, target.organisation_id, target.now)
    await connection.execute(f"DROP TABLE {sql.stage}")  # several batches may share a transaction
    rejected = [*batch.rejected, *(batch.refuse(position, *sql.refused) for position in done["refused"])]
    counts = Counts(done["created"], done["updated"], done["unchanged"], len(rejected))
    return Taken(counts, rejected, done["to_rank"], done["to_link"])


async def _keep_notices(connection: asyncpg.Connection, target: Target, batch: Mapped) -> None:
    """Keep what the publishers of staged tenders wrote, and note it beside them."""
    await connection.execute(tender_sql.CREATE_NOTICES)
    await connection.copy_records_to_table("stage_notice", records=batch.notices)
    await connection.execute(tender_sql.KEEP_NOTICES, target.organisation_id, target.source_id)
    await connection.execute(f"{tender_sql.NAME_NOTICES}; DROP TABLE stage_notice")
