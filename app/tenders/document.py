"""A call as the API answers it: its record with the server's own fields laid over it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import orjson

from app.accounts.caller import Caller
from app.accounts.repository import CALLER, IS_CALLERS, LIVE_KEYS, caller_of
from app.db.base import JsonObject
from app.kit.ids import TenderId
from app.kit.observability import count_query
from app.models.source import Source
from app.models.tender import Tender
from app.tenders.schemas import SERVER_FIELDS

_EMPTY: JsonObject = {
    "title": "",
    "description": "",
    "buyer": None,
    "sector": None,
    "category": None,
    "procedure": None,
    "activities": [],
    "cpv": [],
    "place": None,
    "country": None,
    "value": None,
    "bond": None,
    "published": None,
    "deadline": None,
    "lots": [],
    "reserved_sme": None,
    "part_of": None,
    "language": None,
    "url": None,
}
"""Every field of the flat contract but the id, so that an answer has them all."""

_OWN = (
    "id", "external_id", "ocid", "status", "version", "region", "published_at", "deadline_at", "created_at",
    "updated_at", "simplified_access", "simplified_grounds",
)  # fmt: skip
_SOURCE = ("name", "title", "licence", "attribution")
_HIDDEN = sorted({*SERVER_FIELDS, "id"})
ONE = f"""
SELECT {CALLER},
       t.id, t.external_id, t.ocid, t.status, t.version, t.region, t.published_at, t.deadline_at, t.created_at,
       t.updated_at, t.simplified_access, t.simplified_grounds, s.name, s.title, s.licence, s.attribution,
       ('{orjson.dumps(_EMPTY).decode()}'::jsonb || (t.record - '{{{",".join(_HIDDEN)}}}'::text[]))::text AS flat
FROM {LIVE_KEYS}
LEFT JOIN tender AS t ON t.id = $2 AND (t.status <> 'draft' OR t.owner_id = key.organisation_id)
LEFT JOIN source AS s ON s.id = t.source_id
WHERE {IS_CALLERS}
"""  # noqa: S608 (constants only)


@dataclass(frozen=True, slots=True)
class TenderDocument:
    """A call ready to be sent: its JSON, and what its entity tag is made of."""

    id: uuid.UUID
    version: int
    lane: bool | None
    body: bytes


async def read_document(
    hot: asyncpg.Pool, digests: Sequence[bytes], tender_id: TenderId
) -> tuple[Caller | None, TenderDocument | None]:
    """Whose key it is, and the call if they may see it: one statement, the record passed on as PostgreSQL's text."""
    row = await hot.fetchrow(ONE, digests, tender_id)
    count_query(int(row is not None))
    if row is None:
        return None, None
    caller = caller_of(row)
    return caller, None if row["id"] is None else _document(row)


def _document(row: asyncpg.Record) -> TenderDocument:
    own: dict[str, object] = {name: row[name] for name in _OWN}
    own["source"] = None if row["name"] is None else {name: row[name] for name in _SOURCE}
    head = orjson.dumps(own | {"id": str(row["id"])}, option=orjson.OPT_UTC_Z)
    return TenderDocument(
        row["id"], row["version"], row["simplified_access"], head[:-1] + b"," + row["flat"][1:].encode()
    )


def flat_document(columns: Mapping[str, object], record: JsonObject, source: object) -> dict[str, object]:
    """The same as :func:`read_document` makes, from the columns of a row and its record."""
    flat = {name: value for name, value in record.items() if name not in _HIDDEN}
    return {**_EMPTY, **flat, **{name: columns[name] for name in _OWN}, "source": source}


def document_of(tender: Tender, source: Source | None) -> dict[str, object]:
    """The same as :func:`read_document` makes, from a loaded row."""
    own = {name: getattr(tender, name) for name in _OWN}
    told = None if source is None else {name: getattr(source, name) for name in _SOURCE}
    return flat_document(own, tender.record, told)
