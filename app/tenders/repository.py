"""Tenders in the database. Whoever looks comes first: a draft is a row for its owner only."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Executable,
    RowMapping,
    Select,
    Text,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.feed import FeedKey
from app.db.base import JsonObject, XactId
from app.db.feed import settled
from app.kit.ids import OrganisationId, TenderId
from app.models.source import Source
from app.models.tender import Tender, TenderStatus
from app.models.tender_version import TenderVersion
from app.tenders.columns import TenderColumns
from app.tenders.filters import TenderFilters, conditions, search_query, unworded
from app.tenders.pages import Slice, Walk, one_whole, page
from app.tenders.ranked import PLACES, RankKey, Sought, nearest_page, ranked_page
from app.tenders.words import Words, forms_of, narrowed

Shown = TypeVarTuple("Shown")


@dataclass(frozen=True, slots=True)
class ChangedTender:
    """An entry of the change feed."""

    id: uuid.UUID
    version: int
    status: TenderStatus
    changed_at: dt.datetime
    changed_tx: int


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A version without its record. ``changes``: field name to ``{"old": ..., "new": ...}``; empty for the first."""

    version: int
    status: TenderStatus
    created_at: dt.datetime
    changes: JsonObject


class TenderRepository:
    """Tenders and their versions."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, owner: OrganisationId, tender_id: TenderId, values: dict[str, object]) -> Tender | None:
        """Enter a call; ``None`` if the owner has one with this external id already."""
        made = await self._session.scalars(
            insert(Tender)
            .values(id=tender_id, owner_id=owner, **values)
            .on_conflict_do_nothing(index_elements=[Tender.owner_id, Tender.external_id])
            .returning(Tender)
        )
        return made.one_or_none()

    async def id_of(self, owner: OrganisationId, external_id: str) -> uuid.UUID | None:
        """The owner's call with this reference."""
        return await self._session.scalar(
            select(Tender.id).where(Tender.owner_id == owner, Tender.external_id == external_id)
        )

    async def own_for_update(self, owner: OrganisationId, tender_id: TenderId) -> Tender | None:
        """A call of this owner, held against other writers until the transaction ends."""
        found = await self._session.scalars(
            select(Tender).where(Tender.owner_id == owner, Tender.id == tender_id).with_for_update()
        )
        return found.one_or_none()

    async def delete(self, owner: OrganisationId, tender_id: TenderId) -> None:
        """Remove a call and its versions without a trace: for drafts, which nobody else has seen."""
        await self._session.execute(delete(Tender).where(Tender.owner_id == owner, Tender.id == tender_id))

    def add_version(self, tender: Tender, changes: JsonObject) -> None:
        """Keep what the call says now as a version of its own."""
        self._session.add(
            TenderVersion(
                tender_id=tender.id,
                version=tender.version,
                status=tender.status.value,
                record=tender.record,
                changes=changes,
                raw_notice_id=tender.raw_notice_id,
                created_at=tender.updated_at,
            )
        )

    async def flush(self) -> None:
        """Send what is pending, so that a job enqueued next refers to rows of the same transaction."""
        await self._session.flush()

    async def source(self, source_id: uuid.UUID | None) -> Source | None:
        """Where a notice came from."""
        return None if source_id is None else await self._session.get(Source, source_id)

    async def listed(
        self, viewer: OrganisationId, filters: TenderFilters, walk: Walk, part: Slice
    ) -> Sequence[RowMapping]:
        """A page of the calls that ``viewer`` may see and the filters let through."""
        return await self._rows(page(walk, conditions(filters, viewer), part))

    async def ranked(
        self, viewer: OrganisationId, filters: TenderFilters, words: Words, after: RankKey | None, limit: int
    ) -> Sequence[RowMapping]:
        """A page of the same calls, those first that say the words of ``filters.q`` best.

        Place after place: the calls of the first ones fill most pages, so that the others aren't looked for.
        """
        asked = await self._standing(words)
        sought = Sought(search_query(asked, wide=False), search_query(asked, wide=True), asked.denies)
        holds, first = unworded(filters, viewer), after[0] if after else 0
        near = nearest_page(sought, filters, holds, after, limit) if first == 0 else None
        if near is not None and len(rows := await self._rows(near)) == limit:
            return rows
        found = list[RowMapping]()
        for place in PLACES[first:]:
            left = limit - len(found)
            statement = ranked_page(sought, place, holds, after, left) if left else None
            found += await self._rows(statement) if statement is not None else ()
        return found

    async def _rows(self, statement: Executable) -> Sequence[RowMapping]:
        return (await self._session.execute(statement)).mappings().all()

    async def _standing(self, words: Words) -> Words:
        """A query with those forms only that stand in some call."""
        form = func.unnest(literal(sorted(forms_of(words)), ARRAY(Text))).column_valued("form")
        stands = select(true()).where(Tender.search.bool_op("@@")(cast(func.quote_literal(form), TSQUERY))).exists()
        return narrowed(words, (await self._session.scalars(select(form).where(stands))).all())

    async def visible(self, viewer: OrganisationId, tender_id: TenderId) -> RowMapping | None:
        """One call with its source, if ``viewer`` may see it."""
        rows = await self._session.execute(one_whole([Tender.id == tender_id, seen_by(viewer)]))
        return rows.mappings().one_or_none()

    async def own(self, owner: OrganisationId, tender_id: TenderId) -> RowMapping | None:
        """One call of this owner, in any state."""
        rows = await self._session.execute(one_whole([Tender.id == tender_id, Tender.owner_id == owner]))
        return rows.mappings().one_or_none()

    async def own_record(self, owner: OrganisationId, tender_id: TenderId, version: int) -> JsonObject | None:
        """What a version of this owner's call said."""
        return await self._session.scalar(
            select(TenderVersion.record)
            .join(Tender, Tender.id == TenderVersion.tender_id)
            .where(TenderVersion.tender_id == tender_id, TenderVersion.version == version, Tender.owner_id == owner)
        )

    async def versions(
        self, viewer: OrganisationId, tender_id: TenderId, before: int | None, limit: int
    ) -> Sequence[TenderVersion]:
        """Versions, the latest first. Those from the time it was a draft are the owner's only."""
        statement = _history(select(TenderVersion), viewer, tender_id, before).limit(limit)
        return (await self._session.scalars(statement)).all()

    async def steps(
        self, viewer: OrganisationId, tender_id: TenderId, before: int | None, limit: int
    ) -> Sequence[VersionStep]:
        """The same versions, without their records."""
        columns = (TenderVersion.version, TenderVersion.status, TenderVersion.created_at, TenderVersion.changes)
        rows = await self._session.execute(_history(select(*columns), viewer, tender_id, before).limit(limit))
        return [VersionStep(row[0], TenderStatus(row[1]), row[2], row[3]) for row in rows]

    async def changed_after(self, position: FeedKey, limit: int) -> Sequence[ChangedTender]:
        """Calls that are or were public, in the order their last changes were made."""
        rows = await self._session.execute(changed_statement(position, limit))
        return [ChangedTender(*row) for row in rows]


def _history(chosen: Select[*Shown], viewer: OrganisationId, tender_id: TenderId, before: int | None) -> Select[*Shown]:
    statement = (
        chosen.join(Tender, Tender.id == TenderVersion.tender_id)
        .where(
            TenderVersion.tender_id == tender_id,
            or_(Tender.owner_id == viewer, TenderVersion.status != TenderStatus.DRAFT.value),
        )
        .order_by(TenderVersion.version.desc())
    )
    return statement if before is None else statement.where(TenderVersion.version < before)


def changed_statement(position: FeedKey, limit: int) -> Select[uuid.UUID, int, TenderStatus, dt.datetime, int]:
    """Calls that are or were public, after a place in the feed."""
    return (
        select(Tender.id, Tender.version, Tender.status, Tender.updated_at, Tender.changed_tx)
        .where(
            tuple_(Tender.changed_tx, Tender.id) > tuple_(literal(position[0], XactId()), position[1]),
            settled(Tender.changed_tx),
            Tender.status != TenderStatus.DRAFT,
        )
        .order_by(Tender.changed_tx, Tender.id)
        .limit(limit)
    )


def seen_by(viewer: OrganisationId) -> ColumnElement[bool]:
    """Drafts are their owner's; every other call is public to whoever has a key."""
    return or_(Tender.status != TenderStatus.DRAFT, Tender.owner_id == viewer)


def column_values(columns: TenderColumns) -> dict[str, object]:
    """The derived columns by name, to insert or to set."""
    return {name: getattr(columns, name) for name in columns.__dataclass_fields__}
