"""The simplified-access lane as columns of a call: computed with it, and anew when its documents were read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import asyncpg

from app.events.tenders import tell_simplified
from app.files.to_eligibility import tender_facts
from matching.eligibility.facts import Procedure, TenderFacts
from matching.eligibility.lane import simplified_access
from matching.eligibility.loading import default_rules
from matching.eligibility.procedures import procedure_of
from matching.eligibility.rates import moment_at
from matching.requirements.findings import Finding, ReservedGroup
from scrapers.records import TenderRecord

_UNDATED = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""A call without a day of publication is judged by the newest law that is held."""


@dataclass(frozen=True, slots=True)
class LaneColumns:
    """Values of the two columns: whether the call is in the lane (``None``: unknown), and the words of its grounds."""

    simplified_access: bool | None
    simplified_grounds: tuple[str, ...] = ()


def lane_of(record: TenderRecord, findings: Sequence[Finding] = ()) -> LaneColumns:
    """The lane of a call by its record and by what was found in its texts."""
    if findings:
        return _judged(tender_facts(record, findings, trades=False))
    published = record.published
    day = published.date() if isinstance(published, dt.datetime) else published
    return _by_fields(record.country, record.sector, procedure_of(record.procedure), record.reserved_sme, day)


@lru_cache(maxsize=8_192)
def _by_fields(
    country: str | None, sector: str | None, procedure: Procedure | None, reserved: bool | None, day: dt.date | None
) -> LaneColumns:
    """Of a bare record these fields alone say it: imports of many calls judge each combination once."""
    return _judged(
        TenderFacts(
            id="",
            country=country,
            sector="public" if sector == "public" else "private" if sector == "private" else None,
            procedure=procedure,
            published=dt.datetime.combine(day, dt.time(), dt.UTC) if day else None,
            reserved=None if reserved is None else frozenset({ReservedGroup.SME} if reserved else ()),
        )
    )


def _judged(facts: TenderFacts) -> LaneColumns:
    lane = simplified_access(facts, default_rules(), moment_at(_UNDATED))
    return LaneColumns(lane.open, tuple(dict.fromkeys(ground.name for ground in lane.grounds)))


_SET = """
UPDATE tender SET simplified_access = $2, simplified_grounds = $3
WHERE id = $1 AND (simplified_access IS DISTINCT FROM $2 OR simplified_grounds IS DISTINCT FROM $3)
"""


async def set_lane(connection: asyncpg.Connection, tender_id: uuid.UUID, lane: LaneColumns, now: dt.datetime) -> bool:
    """Keep the lane of a call and tell of it, in the connection's transaction; whether it differs from before."""
    done: str = await connection.execute(_SET, tender_id, lane.simplified_access, list(lane.simplified_grounds))
    changed = done != "UPDATE 0"
    if changed:
        await tell_simplified(connection, [tender_id], now)
    return changed
