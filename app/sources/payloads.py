"""Payloads as rows: compressed, once per content, in the order in which they last came."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.db.session import Sessions, reading
from app.ingest.repository import storable
from app.kit.ids import new_uuid
from app.models.kept_payload import KeptBody, KeptBundle
from scrapers.payload import Bundle, Payload

_LEVEL = 6
_BUNDLES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Packed:
    """Bundles ready to be stored: rows of ``kept_body`` and ``kept_bundle`` without source and time."""

    bodies: Sequence[dict[str, object]]
    bundles: Sequence[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Erased:
    """How many bodies and bundles were erased."""

    bodies: int
    bundles: int


def pack(bundles: Sequence[Bundle]) -> Packed:
    """Compress payloads, each content once; pure work for a thread."""
    bodies: dict[bytes, dict[str, object]] = {}
    rows: dict[bytes, dict[str, object]] = {}
    for bundle in bundles:
        parts: list[JsonObject] = []
        identity = hashlib.sha256()
        for payload in bundle:
            digest = hashlib.sha256(payload.body).digest()
            if digest not in bodies:
                packed = zlib.compress(payload.body, _LEVEL)
                bodies[digest] = {"digest": digest, "size": len(payload.body), "body": packed}
            parts.append(_part(payload, digest))
            identity.update(orjson.dumps({**parts[-1], "fetched_at": None}, option=orjson.OPT_SORT_KEYS))
        identity.update(orjson.dumps([storable(bundle.ref), bundle.fingerprint]))
        digest = identity.digest()
        rows.pop(digest, None)  # the same again in one batch: its last place counts
        rows[digest] = {
            "id": new_uuid(), "digest": digest, "ref": storable(bundle.ref), "fingerprint": bundle.fingerprint,
            "parts": parts, "position": new_uuid(),
        }  # fmt: skip
    return Packed(list(bodies.values()), list(rows.values()))


def _part(payload: Payload, digest: bytes) -> JsonObject:
    return {
        "kind": payload.kind,
        "digest": digest.hex(),
        "url": storable(payload.url),
        "content_type": storable(payload.content_type),
        "fetched_at": payload.fetched_at.isoformat() if payload.fetched_at else None,
        "context": {storable(key): storable(value) for key, value in payload.context.items()},
    }


async def keep(session: AsyncSession, source_id: uuid.UUID, packed: Packed, now: dt.datetime) -> None:
    """Store what a batch brought; what is there already is only dated anew."""
    about = {"source_id": source_id, "kept_at": now}
    if packed.bodies:
        bodies = insert(KeptBody)
        await session.execute(
            bodies.on_conflict_do_update(
                index_elements=[KeptBody.source_id, KeptBody.digest], set_={"kept_at": bodies.excluded.kept_at}
            ),
            [{**row, **about} for row in packed.bodies],
        )
    if packed.bundles:
        bundles = insert(KeptBundle)
        await session.execute(
            bundles.on_conflict_do_update(
                index_elements=[KeptBundle.source_id, KeptBundle.digest],
                set_={"kept_at": bundles.excluded.kept_at, "position": bundles.excluded.position},
            ),
            [{**row, **about} for row in packed.bundles],
        )


async def newest_first(sessions: Sessions, name: str, source_id: uuid.UUID) -> AsyncIterator[Bundle]:
    """Everything that is kept of a source; no transaction is open while the consumer works on a bundle.

    What comes in meanwhile has a later place and is not met; what is erased meanwhile is left out.
    """
    before: uuid.UUID | None = None
    while True:
        query = select(KeptBundle).where(KeptBundle.source_id == source_id)
        if before is not None:
            query = query.where(KeptBundle.position < before)
        async with reading(sessions) as session:
            found = (await session.scalars(query.order_by(KeptBundle.position.desc()).limit(_BUNDLES_AT_ONCE))).all()
        for row in found:
            payloads = await _payloads(sessions, name, row)
            if payloads is not None:
                yield Bundle(payloads, row.ref, row.fingerprint)
        if len(found) < _BUNDLES_AT_ONCE:
            return
        before = found[-1].position


async def _payloads(sessions: Sessions, name: str, row: KeptBundle) -> tuple[Payload, ...] | None:
    digests = [bytes.fromhex(str(part["digest"])) for part in row.parts]
    async with reading(sessions) as session:
        rows = await session.execute(
            select(KeptBody.digest, KeptBody.body).where(
                KeptBody.source_id == row.source_id, KeptBody.digest.in_(digests)
            )
        )
        bodies = {row.digest: row.body for row in rows}
    if not bodies.keys() >= {*digests}:
        return None
    return tuple(
        _payload(name, part, zlib.decompress(bodies[digest]))
        for part, digest in zip(row.parts, digests, strict=True)
    )  # fmt: skip


def _payload(name: str, part: JsonObject, body: bytes) -> Payload:
    context, fetched = part["context"], part["fetched_at"]
    return Payload(
        source=name,
        kind=str(part["kind"]),
        body=body,
        url=str(part["url"]),
        content_type=str(part["content_type"]),
        fetched_at=dt.datetime.fromisoformat(fetched) if isinstance(fetched, str) else None,
        context={key: str(value) for key, value in context.items()} if isinstance(context, dict) else {},
    )


async def count(session: AsyncSession, source_id: uuid.UUID) -> int:
    """How many bundles are kept of a source."""
    found = await session.scalar(select(func.count()).select_from(KeptBundle).where(KeptBundle.source_id == source_id))
    return found or 0


async def erase(session: AsyncSession, before: dt.datetime, source_id: uuid.UUID | None = None) -> Erased:
    """Erase what last came before an instant, of one source or of all. Calls that were read from it stay."""
    bundles, bodies = delete(KeptBundle), delete(KeptBody)
    if source_id is not None:
        bundles = bundles.where(KeptBundle.source_id == source_id)
        bodies = bodies.where(KeptBody.source_id == source_id)
    bundles, bodies = bundles.where(KeptBundle.kept_at < before), bodies.where(KeptBody.kept_at < before)
    gone = len((await session.scalars(bundles.returning(KeptBundle.id))).all())
    return Erased(len((await session.scalars(bodies.returning(KeptBody.digest))).all()), gone)
