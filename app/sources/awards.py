"""Awards as rows: linked to their call by the source's own ids, and ending it once all of it is decided."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import orjson

from app.db.base import JsonObject
from app.events.tenders import tell_tenders
from app.kit.ids import OrganisationId, new_uuid
from matching.dedupe import name_key
from scrapers.records import AwardRecord

# $1: rows as JSON, $2 source, $3 owner, $4 the instant. An award that is linked keeps its link.
_UPSERT = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (
        id uuid, external_id text, tender_ref text, ocid text, reference text, lot_id text, title text, buyer_id text,
        buyer_name text, buyer_key text, outcome text, value_amount numeric, value_currency text, offers int,
        cpv text[], country text, awarded_on date, record jsonb, content_hash text
    )
)
INSERT INTO award AS kept (
    id, source_id, external_id, tender_id, tender_ref, ocid, reference, lot_id, title, buyer_id, buyer_name, buyer_key,
    outcome, value_amount, value_currency, offers, cpv, country, awarded_on, record, content_hash, created_at,
    updated_at
)
SELECT
    given.id, $2, given.external_id, tender.id, tender_ref, given.ocid, reference, lot_id, given.title, buyer_id,
    given.buyer_name, buyer_key, outcome, given.value_amount, given.value_currency, offers, coalesce(cpv, '{}'),
    given.country, awarded_on, given.record, decode(given.content_hash, 'hex'), $4, $4
FROM given LEFT JOIN tender
    ON tender.owner_id = $3 AND tender.external_id = coalesce(given.tender_ref, given.ocid)
ON CONFLICT (source_id, external_id) DO UPDATE SET
    tender_id = coalesce(kept.tender_id, excluded.tender_id), tender_ref = excluded.tender_ref,
    ocid = excluded.ocid, reference = excluded.reference, lot_id = excluded.lot_id, title = excluded.title,
    buyer_id = excluded.buyer_id, buyer_name = excluded.buyer_name, outcome = excluded.outcome,
    value_amount = excluded.value_amount, value_currency = excluded.value_currency, offers = excluded.offers,
    cpv = excluded.cpv, country = excluded.country, awarded_on = excluded.awarded_on, record = excluded.record,
    content_hash = excluded.content_hash, updated_at = excluded.updated_at
WHERE kept.content_hash <> excluded.content_hash
RETURNING kept.id, kept.external_id
"""

_WINNERS = """
INSERT INTO award_winner (award_id, position, identifier, name, name_key, country)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[])
"""

# $1 source, $2 owner, $3 external ids: awards that came before their call.
_LINK = """
UPDATE award SET tender_id = tender.id FROM tender
WHERE award.source_id = $1 AND award.tender_id IS NULL AND (award.tender_ref = ANY($3) OR award.ocid = ANY($3))
    AND tender.owner_id = $2 AND tender.external_id = coalesce(award.tender_ref, award.ocid)
"""

# $1 owner, $2 external ids of calls, $3 the instant. A call whose record has a status word is the source's to end; one
# with several lots has ended when each of them is decided, or when something is said of the whole.
_END = """
WITH decided AS (
    SELECT tender.id, tender.version + 1 AS version, tender.status AS before, CASE
        WHEN bool_or(award.outcome = 'awarded') THEN 'awarded'
        WHEN bool_and(award.outcome = 'cancelled') THEN 'cancelled'
        ELSE 'closed'
    END AS status
    FROM tender JOIN award ON award.tender_id = tender.id
    WHERE tender.owner_id = $1 AND tender.external_id = ANY($2) AND tender.status IN ('published', 'closed')
        AND NOT tender.record ? 'status'
    GROUP BY tender.id
    HAVING bool_or(award.lot_id IS NULL)
        OR count(DISTINCT award.lot_id) >= coalesce(jsonb_array_length(tender.record -> 'lots'), 0)
), ended AS (
    UPDATE tender SET status = decided.status, version = decided.version, updated_at = $3
    FROM decided WHERE tender.id = decided.id AND decided.status <> decided.before
    RETURNING tender.id, tender.record, decided.version, decided.before, decided.status
)
INSERT INTO tender_version (tender_id, version, status, record, created_at, changes)
SELECT id, version, status, record, $3, jsonb_build_object('status', jsonb_build_object('old', before, 'new', status))
FROM ended
RETURNING tender_id
"""


@dataclass(frozen=True, slots=True)
class KeptAwards:
    """What became of the awards of a batch: how many are new or changed, and the calls that ended by them."""

    changed: int = 0
    ended: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class AwardTarget:
    """Where awards are stored: their source, the owner of its calls, and the instant of the batch."""

    source_id: uuid.UUID
    owner_id: OrganisationId
    now: dt.datetime


async def keep_awards(
    connection: asyncpg.Connection, target: AwardTarget, awards: Sequence[StagedAward], calls: Sequence[str]
) -> KeptAwards:
    """Store awards inside the connection's transaction, and link those that waited for one of ``calls``.

    An award is found by its source and id: the same one again changes nothing.
    """
    given = {staged.award.id: staged for staged in awards}
    changed: Sequence[asyncpg.Record] = ()
    if given:
        rows = b"[" + b",".join(staged.row for staged in given.values()) + b"]"
        changed = await connection.fetch(_UPSERT, rows.decode(), target.source_id, target.owner_id, target.now)
        await _keep_winners(connection, [(found["id"], given[found["external_id"]].award) for found in changed])
    if calls:
        await connection.execute(_LINK, target.source_id, target.owner_id, list(calls))
    about = {*calls, *(ref for staged in awards if (ref := staged.award.tender_id or staged.award.ocid))}
    ended = await connection.fetch(_END, target.owner_id, sorted(about), target.now) if about else ()
    ids = [found["tender_id"] for found in ended]
    await tell_tenders(connection, ids)
    return KeptAwards(len(changed), ids)


async def _keep_winners(connection: asyncpg.Connection, changed: Sequence[tuple[uuid.UUID, AwardRecord]]) -> None:
    if not changed:
        return
    await connection.execute("DELETE FROM award_winner WHERE award_id = ANY($1)", [ident for ident, _ in changed])
    rows = [
        (ident, position, winner.id, winner.name, name_key(winner.name), winner.country)
        for ident, award in changed
        for position, winner in enumerate(award.winners)
    ]
    if rows:
        await connection.execute(_WINNERS, *map(list, zip(*rows, strict=True)))


@dataclass(frozen=True, slots=True)
class StagedAward:
    """An award and the row that is made of it, as JSON."""

    award: AwardRecord
    row: bytes

    @classmethod
    def of(cls, award: AwardRecord) -> StagedAward:
        """The award ready to be stored. Raises ValueError where it holds what PostgreSQL can't keep."""
        try:
            row = orjson.dumps(_row(award))
        except TypeError as wrong:  # half a surrogate pair, a whole number of over 64 bits
            raise ValueError(f"holds a value that can't be stored: {wrong}") from wrong
        if b"\\u0000" in row:
            raise ValueError("holds a NUL character")
        return cls(award, row)


def _row(award: AwardRecord) -> JsonObject:
    record = award.__pydantic_serializer__.to_python(award, mode="json", exclude_defaults=True)
    return {
        "id": str(new_uuid()),
        "external_id": award.id,
        "tender_ref": award.tender_id,
        "ocid": award.ocid,
        "reference": award.reference,
        "lot_id": award.lot_id,
        "title": award.title,
        "buyer_id": award.buyer.id if award.buyer else None,
        "buyer_name": award.buyer.name if award.buyer else None,
        "buyer_key": name_key(award.buyer.name) if award.buyer else "",
        "outcome": award.outcome,
        "value_amount": str(award.value.amount) if award.value else None,
        "value_currency": award.value.currency if award.value else None,
        "offers": award.offers,
        "cpv": list(award.cpv),
        "country": award.country,
        "awarded_on": award.date.isoformat() if award.date else None,
        "record": record,
        "content_hash": hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest(),
    }
