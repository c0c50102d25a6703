"""Tenders and startups as lists of matches show them, fetched by id in one statement each."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from app.matches.documents import LISTED
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from app.startups.schemas import StartupSummary
from app.tenders.browse import source_of
from app.tenders.pages import some
from app.tenders.schemas import TenderSummary

QUOTED_CHARACTERS = 20_000
"""How much of a description is looked at for a list."""

_LOT_IDS, _LOT_TITLES = (
    func.jsonb_path_query_array(Tender.record, cast(literal(f"$.lots[0 to 199].{name}"), JSONPATH))
    for name in ("id", "title")
)
_LISTS = ("regions", "sectors", "languages", "labels", "certifications")


async def tender_cards(session: AsyncSession, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, TenderSummary]:
    """Calls that are or were public, by id; drafts and unknown ids are left out."""
    if not ids:
        return {}
    holds = [Tender.id.in_(list(ids)), Tender.status != TenderStatus.DRAFT]
    rows = (await session.execute(some(holds))).mappings()
    return {
        row["id"]: TenderSummary.model_validate({**row, "cpv": row["cpv"] or [], "source": source_of(row)})
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class TenderTexts:
    """What a call says in its own words, as far as a list quotes it. ``lots``: titles by the lot's id."""

    title: str
    description: str
    lots: Mapping[str, str]


async def tender_texts(session: AsyncSession, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, TenderTexts]:
    """The beginnings of the texts of calls that are or were public, by id."""
    if not ids:
        return {}
    description = func.left(Tender.record["description"].astext, QUOTED_CHARACTERS)
    rows = await session.execute(
        select(Tender.id, Tender.title, description, _LOT_IDS, _LOT_TITLES).where(
            Tender.id.in_(list(ids)), Tender.status != TenderStatus.DRAFT
        )
    )
    return {
        row: TenderTexts(title, said or "", dict(zip(lots, titles, strict=True)) if len(lots) == len(titles) else {})
        for row, title, said, lots, titles in rows
    }


async def startup_cards(session: AsyncSession, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, StartupSummary]:
    """The public line of listed startups, by id; unlisted, deleted and unknown ones are left out."""
    if not ids:
        return {}
    written = [Startup.record[name].label(name) for name in _LISTS]
    plain = (Startup.id, Startup.name, Startup.country, Startup.city, Startup.employees, Startup.listed)
    rows = await session.execute(
        select(*plain, *written, Startup.version, Startup.updated_at).where(Startup.id.in_(list(ids)), LISTED)
    )
    return {
        row["id"]: StartupSummary.model_validate({**row, **{name: row[name] or [] for name in _LISTS}})
        for row in rows.mappings()
    }
