"""What readers ask for: lists, versions, the change feed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.feed import FeedKey, FeedPage, FeedRequest
from app.db.base import JsonObject
from app.kit.errors import NotFound
from app.kit.ids import OrganisationId, TenderId
from app.kit.paging import Keyset, Page, PageRequest
from app.models.tender import TenderStatus
from app.models.tender_version import TenderVersion
from app.tenders.document import flat_document
from app.tenders.filters import TenderFilters
from app.tenders.pages import BY_DEADLINE, BY_PUBLICATION, Slice, SortKey, Walk
from app.tenders.ranked import RankKey
from app.tenders.repository import ChangedTender, TenderRepository, VersionStep
from app.tenders.schemas import SourceOut, TenderChange, TenderOut, TenderSummary, VersionOut
from app.tenders.words import Words, read_words

Order = Literal["deadline", "newest"]
ListOrder = Literal["deadline", "newest", "relevance"]
_WALKS: Mapping[Order, tuple[Walk, Keyset[SortKey]]] = {
    "deadline": (BY_DEADLINE, Keyset("tenders.deadline", TypeAdapter(tuple[dt.datetime | None, uuid.UUID]))),
    "newest": (BY_PUBLICATION, Keyset("tenders.newest", TypeAdapter(tuple[dt.datetime | None, uuid.UUID]))),
}
RANKED: Keyset[RankKey] = Keyset("tenders.relevance", TypeAdapter(tuple[int, dt.datetime, uuid.UUID]))
MOST_VERSIONS = 10
"""Each holds a whole record and what it changed: a hundred of a large call were 140 MB and more."""
VERSIONS = Keyset("tenders.versions", TypeAdapter(tuple[uuid.UUID, int]))
CHANGES: Keyset[FeedKey] = Keyset("tenders.changes", TypeAdapter(tuple[int, uuid.UUID]))


async def listed(
    db: AsyncSession, caller: Caller, filters: TenderFilters, order: ListOrder, page: PageRequest
) -> Page[TenderSummary]:
    """A page of calls as a list shows them. Without words none is more relevant than another: by deadline then."""
    if order == "relevance":
        if filters.q is not None and (words := read_words(filters.q)):
            return await _ranked(db, caller, filters, words, page)
        order = "deadline"
    walk, keyset = _WALKS[order]
    beyond = filters.open_at if order == "deadline" else None
    part = Slice(page.after(keyset), page.limit + 1, beyond=beyond, statuses=filters.statuses)
    rows = await TenderRepository(db).listed(caller.organisation_id, filters, walk, part)
    return Page[TenderSummary](
        items=[_summary(row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, keyset, lambda row: (row[walk.column.key], row["id"])),
    )


async def _ranked(
    db: AsyncSession, caller: Caller, filters: TenderFilters, words: Words, page: PageRequest
) -> Page[TenderSummary]:
    rows = await TenderRepository(db).ranked(caller.organisation_id, filters, words, page.after(RANKED), page.limit + 1)
    return Page[TenderSummary](
        items=[_summary(row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, RANKED, lambda row: (row["place_of_words"], row["ends_at"], row["id"])),
    )


async def public_rows(
    db: AsyncSession, caller: Caller, filters: TenderFilters, order: Order, page: PageRequest
) -> tuple[Sequence[RowMapping], str | None]:
    """The whole rows of a page, none of them a draft, and the cursor of the next one."""
    walk, keyset = _WALKS[order]
    part = Slice(page.after(keyset), page.limit + 1, whole=True)
    rows = await TenderRepository(db).listed(caller.organisation_id, replace(filters, drafts=False), walk, part)
    return rows[: page.limit], page.next_cursor(rows, keyset, lambda row: (row[walk.column.key], row["id"]))


async def public_row(db: AsyncSession, caller: Caller, tender_id: TenderId) -> RowMapping:
    """One call that is or was public, whole."""
    row = await TenderRepository(db).visible(caller.organisation_id, tender_id)
    if row is None or row["status"] is TenderStatus.DRAFT:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class WholeCall:
    """A call with everything its record says. ``own``: the caller posted it. What linking made of it stands beside:
    the call that stands for it, and the one whose publisher says that it was cancelled.
    """

    tender: TenderOut
    own: bool
    duplicate_of: uuid.UUID | None
    cancelled_by: uuid.UUID | None


async def one(db: AsyncSession, caller: Caller, tender_id: TenderId) -> WholeCall:
    """One call that the caller may see: a draft is its owner's.

    Raises:
        NotFound: there is none.

    """
    row = await TenderRepository(db).visible(caller.organisation_id, tender_id)
    if row is None:
        raise NotFound
    document = flat_document({**row}, row["record"], source_of(row))
    return WholeCall(
        tender=TenderOut.model_validate(document),
        own=row["owner_id"] == OrganisationId(caller.organisation_id),
        duplicate_of=row["duplicate_of"],
        cancelled_by=row["cancelled_by"],
    )


async def timeline(
    db: AsyncSession, caller: Caller, tender_id: TenderId, before: int | None
) -> tuple[Sequence[VersionStep], int | None]:
    """What changed from version to version, the latest first, without the records; the version to go on before."""
    steps = await TenderRepository(db).steps(caller.organisation_id, tender_id, before, MOST_VERSIONS + 1)
    further = len(steps) > MOST_VERSIONS
    return steps[:MOST_VERSIONS], steps[MOST_VERSIONS - 1].version if further else None


async def own(db: AsyncSession, caller: Caller, tender_id: TenderId) -> RowMapping:
    """One call of the caller's in any state, whole.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    row = await TenderRepository(db).own(caller.organisation_id, tender_id)
    if row is None:
        raise NotFound
    return row


async def own_record(db: AsyncSession, caller: Caller, tender_id: TenderId, version: int) -> JsonObject:
    """What a version of the caller's call said.

    Raises:
        NotFound: there is no such version, or it is somebody else's.

    """
    record = await TenderRepository(db).own_record(caller.organisation_id, tender_id, version)
    if record is None:
        raise NotFound
    return record


async def versions(db: AsyncSession, caller: Caller, tender_id: TenderId, page: PageRequest) -> Page[VersionOut]:
    """The versions of a call that the caller may see, the latest first; at most ``MOST_VERSIONS`` a page."""
    page = replace(page, limit=min(page.limit, MOST_VERSIONS))
    after = page.after(VERSIONS)
    if after is not None and after[0] != tender_id:
        raise NotFound
    before = after[1] if after else None
    rows = await TenderRepository(db).versions(caller.organisation_id, tender_id, before, page.limit + 1)
    if not rows and after is None:
        raise NotFound  # a call that may be seen has at least one version that may
    return Page[VersionOut](
        items=[_version(row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, VERSIONS, lambda row: (tender_id, row.version)),
    )


async def changes(db: AsyncSession, feed: FeedRequest) -> FeedPage[TenderChange]:
    """What changed after a reader's last look."""
    rows = await TenderRepository(db).changed_after(feed.position(CHANGES), feed.limit + 1)
    return FeedPage[TenderChange](
        items=[_change(row) for row in rows[: feed.limit]],
        next=feed.next_cursor(rows, CHANGES, lambda row: (row.changed_tx, row.id)),
        more=len(rows) > feed.limit,
    )


def source_of(row: RowMapping) -> SourceOut | None:
    """The source beside a row, where it has one."""
    if row["source_name"] is None:
        return None
    return SourceOut(
        name=row["source_name"],
        title=row["source_title"],
        licence=row["source_licence"],
        attribution=row["source_attribution"],
    )


def _summary(row: RowMapping) -> TenderSummary:
    return TenderSummary.model_validate({**row, "cpv": row["cpv"] or [], "source": source_of(row)})


def _version(row: TenderVersion) -> VersionOut:
    return VersionOut(
        version=row.version,
        status=TenderStatus(row.status),
        created_at=row.created_at,
        changes=row.changes,
        record=row.record,
    )


def _change(row: ChangedTender) -> TenderChange:
    return TenderChange(
        operation="delete" if row.status is TenderStatus.WITHDRAWN else "upsert",
        id=row.id,
        version=row.version,
        status=row.status,
        changed_at=row.changed_at,
    )
