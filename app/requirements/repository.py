"""Requirements in the database. Who is asking comes first, and is part of every query of the API's."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import ARRAY, Row, Uuid, and_, any_, cast, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.kit.ids import TenderId
from app.models.tender import Tender, TenderStatus
from app.models.tender_requirement import (
    DocumentState,
    RequirementCorrection,
    TenderDocument,
    TenderReading,
    TenderRequirement,
)
from app.requirements.findings import Asked, asked_of, counting, finding_of
from matching.requirements.findings import Finding


@dataclass(frozen=True, slots=True)
class Unread:
    """A call whose record was not read as it stands: its version, what it says, and its lane as it is known."""

    id: uuid.UUID
    version: int
    content_hash: bytes
    record: JsonObject


class RequirementRepository:
    """Findings, readings and corrections."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def seen(self, caller: Caller, tender_id: TenderId) -> Row[int, bytes, int, bytes, dt.datetime] | None:
        """The version and content of a call that the caller may see, and those that were read last, if any were."""
        visible = or_(Tender.status != TenderStatus.DRAFT, Tender.owner_id == caller.organisation_id)
        rows = await self._session.execute(
            select(
                Tender.version, Tender.content_hash, TenderReading.version, TenderReading.content_hash,
                TenderReading.read_at,
            )
            .outerjoin(TenderReading, TenderReading.tender_id == Tender.id)
            .where(Tender.id == tender_id, visible)
        )  # fmt: skip
        return rows.one_or_none()

    async def owned(self, caller: Caller, tender_id: TenderId, *, lock: bool = False) -> bool:
        """Whether the call is the caller's; ``lock`` holds it until the transaction ends."""
        query = select(Tender.id).where(Tender.id == tender_id, Tender.owner_id == caller.organisation_id)
        return await self._session.scalar(query.with_for_update(key_share=True) if lock else query) is not None

    async def asked(
        self, tender_ids: Iterable[uuid.UUID], *, corrected: bool = True
    ) -> Mapping[uuid.UUID, list[Asked]]:
        """All that is known of what calls ask for: findings of their last reading and of their documents, corrections.

        Whether the caller may see the calls is decided before. ``corrected`` off: it is known that nobody did.
        """
        ids = list(tender_ids)
        rows = await self._session.scalars(
            select(TenderRequirement)
            .outerjoin(TenderReading, TenderReading.tender_id == TenderRequirement.tender_id)
            .where(
                TenderRequirement.tender_id.in_(ids),
                or_(TenderRequirement.version == TenderReading.version, TenderRequirement.document_id.is_not(None)),
            )
            .order_by(TenderRequirement.id)
        )
        found: dict[uuid.UUID, list[TenderRequirement]] = defaultdict(list)
        for row in rows:
            found[row.tender_id].append(row)
        words: dict[uuid.UUID, list[RequirementCorrection]] = defaultdict(list)
        if corrected:
            for word in await self._session.scalars(
                select(RequirementCorrection).where(RequirementCorrection.tender_id.in_(ids))
            ):
                words[word.tender_id].append(word)
        return {each: asked_of(found[each], words[each]) for each in ids}

    async def beyond_the_record(self, tender_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[Finding, ...]]:
        """What counts of the requirements of those calls whose documents or owners say more than their records do.

        Others are left out: of them the record says it all. Whether the caller may see the calls is decided before.
        """
        in_document = exists().where(
            TenderRequirement.tender_id == Tender.id, TenderRequirement.document_id.is_not(None)
        )  # fmt: skip
        in_word = exists().where(RequirementCorrection.tender_id == Tender.id)
        told = await self._session.execute(
            select(Tender.id, in_word)
            .join(TenderReading, TenderReading.tender_id == Tender.id)
            .where(Tender.id.in_(list(tender_ids)), TenderReading.content_hash == Tender.content_hash)
            .where(or_(in_document, in_word))
        )
        ids: dict[uuid.UUID, bool] = dict(told.all())
        if not ids:
            return {}
        asked = await self.asked(ids, corrected=any(ids.values()))
        return {each: counting(found) for each, found in asked.items()}

    async def of_records(self, tender_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[Finding, ...]]:
        """What the records of those calls ask that were read as they stand, call by call; none of the others.

        Whether the caller may see the calls is decided before.
        """
        rows = await self._session.execute(
            select(Tender.id, TenderRequirement)
            .join(TenderReading, TenderReading.tender_id == Tender.id)
            .outerjoin(
                TenderRequirement,
                and_(TenderRequirement.tender_id == Tender.id, TenderRequirement.version == TenderReading.version),
            )
            .where(Tender.id == any_(cast(list(tender_ids), ARRAY(Uuid()))))
            .where(TenderReading.content_hash == Tender.content_hash)
            .order_by(TenderRequirement.id)
        )
        kept: dict[uuid.UUID, list[TenderRequirement | None]] = defaultdict(list)
        for tender_id, row in rows:
            kept[tender_id].append(row)
        return await asyncio.to_thread(_findings, kept)

    async def correct(
        self, caller: Caller, tender_id: TenderId, kind: str, told: Sequence[JsonValue], now: dt.datetime
    ) -> None:
        """Keep the owner's word about a kind, in place of an earlier one."""
        values = {"told": list(told), "author_id": caller.organisation_id, "corrected_at": now}
        await self._session.execute(
            insert(RequirementCorrection)
            .values(tender_id=tender_id, kind=kind, **values)
            .on_conflict_do_update(index_elements=["tender_id", "kind"], set_=values)
        )

    async def withdraw(self, tender_id: TenderId, kind: str) -> None:
        """Forget the owner's word about a kind: what was found counts again."""
        await self._session.execute(
            delete(RequirementCorrection).where(
                RequirementCorrection.tender_id == tender_id, RequirementCorrection.kind == kind
            )
        )

    async def corrected(self, tender_id: TenderId) -> Sequence[str]:
        """The kinds that the owner has a word about."""
        query = select(RequirementCorrection.kind).where(RequirementCorrection.tender_id == tender_id)
        return (await self._session.scalars(query.order_by(RequirementCorrection.kind))).all()

    async def unread(self, tender_ids: Iterable[uuid.UUID], *, lock: bool = False) -> Sequence[Unread]:
        """Those of the calls whose record was not read as it stands."""
        read = exists().where(
            TenderReading.tender_id == Tender.id, TenderReading.content_hash == Tender.content_hash
        )  # fmt: skip
        query = select(Tender.id, Tender.version, Tender.content_hash, Tender.record).where(
            Tender.id.in_(list(tender_ids)), ~read
        )
        if lock:
            query = query.order_by(Tender.id).with_for_update(key_share=True)
        return [Unread(*row) for row in await self._session.execute(query)]

    async def ids_after(self, after: uuid.UUID | None, limit: int) -> Sequence[uuid.UUID]:
        """Ids of calls, in their order, after one."""
        query = select(Tender.id).order_by(Tender.id).limit(limit)
        return (await self._session.scalars(query if after is None else query.where(Tender.id > after))).all()

    async def record_of(self, tender_id: uuid.UUID) -> JsonObject | None:
        """What a call says now."""
        return await self._session.scalar(select(Tender.record).where(Tender.id == tender_id))

    async def keep_readings(
        self, calls: Sequence[Unread], rows: Sequence[Mapping[str, object]], at: dt.datetime
    ) -> None:
        """Keep the findings of calls' records in place of those that an earlier reading of the version left."""
        for_version = or_(
            *(and_(TenderRequirement.tender_id == one.id, TenderRequirement.version == one.version) for one in calls)
        )
        await self._session.execute(delete(TenderRequirement).where(for_version))
        if rows:
            await self._session.execute(insert(TenderRequirement), rows)
        entered = insert(TenderReading)
        await self._session.execute(
            entered.on_conflict_do_update(
                index_elements=["tender_id"],
                set_={
                    "version": entered.excluded.version,
                    "content_hash": entered.excluded.content_hash,
                    "read_at": entered.excluded.read_at,
                },
            ),
            [
                {"tender_id": one.id, "version": one.version, "content_hash": one.content_hash, "read_at": at}
                for one in calls
            ],
        )


def _findings(
    kept: Mapping[uuid.UUID, Sequence[TenderRequirement | None]],
) -> dict[uuid.UUID, tuple[Finding, ...]]:
    """The findings of calls, by call; pure work for a thread."""
    found: dict[uuid.UUID, tuple[Finding, ...]] = {}
    for tender_id, rows in kept.items():
        with suppress(ValueError):  # kept in another form, by another release: as if it was not read
            found[tender_id] = tuple(finding_of(row) for row in rows if row is not None)
    return found


class DocumentRepository:
    """Documents of calls."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, tender_id: TenderId) -> Sequence[TenderDocument]:
        """The documents of a call, the oldest first, without what they hold."""
        query = select(TenderDocument).where(TenderDocument.tender_id == tender_id).order_by(TenderDocument.id)
        return (await self._session.scalars(query)).all()

    async def one(self, caller: Caller, tender_id: TenderId, document_id: uuid.UUID) -> TenderDocument | None:
        """A document of the caller's call with its text."""
        return await self._session.scalar(
            select(TenderDocument)
            .join(Tender, Tender.id == TenderDocument.tender_id)
            .where(
                TenderDocument.id == document_id,
                TenderDocument.tender_id == tender_id,
                Tender.owner_id == caller.organisation_id,
            )
            .options(undefer(TenderDocument.text))
        )

    async def taken(self, tender_id: TenderId) -> tuple[int, int]:
        """How many documents a call has, and their bytes."""
        rows = await self._session.execute(
            select(func.count(), func.coalesce(func.sum(TenderDocument.size), 0)).where(
                TenderDocument.tender_id == tender_id
            )
        )
        count, size = rows.one()
        return count, int(size)

    async def add(self, values: Mapping[str, object]) -> TenderDocument | None:
        """Enter a document; ``None`` where the call has the same already."""
        return await self._session.scalar(
            insert(TenderDocument)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["tender_id", "sha256"])
            .returning(TenderDocument)
        )

    async def delete(self, tender_id: TenderId, document_id: uuid.UUID) -> bool:
        """Remove a document of a call that is held, and what was found in it; whether there was one."""
        done = await self._session.execute(
            delete(TenderDocument)
            .where(TenderDocument.id == document_id, TenderDocument.tender_id == tender_id)
            .returning(TenderDocument.id)
        )
        return done.one_or_none() is not None

    async def pending(self, document_id: uuid.UUID) -> TenderDocument | None:
        """A document that is to be read, with what it holds; one more attempt is counted."""
        return await self._session.scalar(
            update(TenderDocument)
            .where(TenderDocument.id == document_id, TenderDocument.state == DocumentState.PENDING)
            .values(attempts=TenderDocument.attempts + 1)
            .returning(TenderDocument)
            .options(undefer(TenderDocument.content))
        )

    async def end(
        self, document_id: uuid.UUID, values: Mapping[str, object], rows: Sequence[Mapping[str, object]]
    ) -> bool:
        """Note what became of a pending document and keep its findings; whether it was still there and pending."""
        done = await self._session.execute(
            update(TenderDocument)
            .where(TenderDocument.id == document_id, TenderDocument.state == DocumentState.PENDING)
            .values(content=None, **values)
            .returning(TenderDocument.id)
        )
        if done.one_or_none() is None:
            return False
        if rows:
            await self._session.execute(insert(TenderRequirement), rows)
        return True

    async def forget_texts(self, before: dt.datetime) -> int:
        """Let go of the texts of documents whose calls ended, or without a deadline were entered, before an instant."""
        ended = (
            select(Tender.id)
            .where(func.coalesce(Tender.deadline_at, Tender.updated_at) < before, Tender.id == TenderDocument.tender_id)
            .exists()
        )
        done = await self._session.execute(
            update(TenderDocument)
            .where(TenderDocument.text.is_not(None), ended)
            .values(text=None)
            .returning(TenderDocument.id)
            .execution_options(synchronize_session=False)
        )
        return len(done.all())
