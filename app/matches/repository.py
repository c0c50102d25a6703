"""Matches in the database: kept in step with each new ranking, read by pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import Boolean, ColumnElement, literal_column, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import driver_connection
from app.events.matches import GONE, Seen, Turn, tell_matches
from app.jobs.errors import Retry
from app.kit.ids import new_uuid
from app.matches.ranking import wire_reasons
from app.models.match import Match, MatchState
from app.models.startup import Startup
from app.models.tender import Tender
from matching.types import MatchResult


class KeptFor(StrEnum):
    """Whose list a ranking is."""

    TENDER = "tender"
    STARTUP = "startup"


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome of ranking one document: its best, and the pairs kept for the other side that still hold.

    ``looked_at``: the other ends that were kept for the other side when the ranking began, all of which it judged. A
    pair that the other side's own ranking has made since is not for this one to end. ``None``: it ends them all.
    """

    side: KeptFor
    id: uuid.UUID
    version: int
    algorithm: str
    best: Sequence[MatchResult]
    others: Sequence[MatchResult]
    looked_at: Collection[uuid.UUID] | None = None


MatchRow: TypeAlias = dict[str, Any]
_MADE: ColumnElement[bool] = literal_column("match.xmax = 0", Boolean())
"""Whether a row that an upsert returns was inserted by it."""
_CONTENT = (
    "lot_id",
    "score",
    "grade",
    "reasons",
    "unknown",
    "algorithm",
    "tender_version",
    "startup_version",
    "public",
)


class MatchRepository:
    """Rows of matches. Jobs write them; nobody else does."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def kept_for_startups(self, tender_id: uuid.UUID) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
        """The startups in whose own best list a tender stands: those that are listed, and those that are not."""
        rows = await self._session.execute(
            select(Match.startup_id, Startup.listed)
            .join(Startup, Startup.id == Match.startup_id)
            .where(Match.tender_id == tender_id, Match.for_startup, Match.state == MatchState.ACTIVE)
        )
        found = rows.all()
        return [row for row, listed in found if listed], [row for row, listed in found if not listed]

    async def kept_for_tenders(self, startup_id: uuid.UUID) -> list[uuid.UUID]:
        """The tenders in whose own best list a startup stands."""
        rows = await self._session.scalars(
            select(Match.tender_id).where(
                Match.startup_id == startup_id, Match.for_tender, Match.state == MatchState.ACTIVE
            )
        )
        return list(rows)

    async def replace(self, judged: Judged) -> int:
        """Make the rows of one document say what its new ranking says; how many rows changed.

        A row whose content stays the same is not written, so the change feed tells of changes only; the database
        stamps the rows that say something new (a trigger, see the first migration). What either side sees otherwise
        than before becomes an event.

        Raises:
            Retry: another transaction made one of the pairs at this moment.

        """
        rows = [_row(judged, result, best=True) for result in judged.best]
        rows += [_row(judged, result, best=False) for result in judged.others]
        turns = await self._upsert(judged.side, await self._completed(rows)) if rows else []
        kept = [row["startup_id" if judged.side is KeptFor.TENDER else "tender_id"] for row in rows]
        turns += await self._let_go(judged, kept)
        if turns:
            await tell_matches(await driver_connection(self._session), turns)
        return len(turns)

    async def _completed(self, rows: list[MatchRow]) -> list[MatchRow]:
        """Fill in what the rows of both ends say now; a pair of which one end is gone by now is left out."""
        tenders = await self._session.execute(
            select(Tender.id, Tender.version).where(Tender.id.in_({row["tender_id"] for row in rows}))
        )
        # Held until the rows are written: an erasure that comes meanwhile waits, and erases these rows too.
        startups = await self._session.execute(
            select(Startup.id, Startup.version, Startup.listed)
            .where(Startup.id.in_({row["startup_id"] for row in rows}), Startup.deleted_at.is_(None))
            .order_by(Startup.id)
            .with_for_update(read=True, key_share=True)
        )
        calls = dict(tenders.all())
        firms = {startup: {"startup_version": version, "public": listed} for startup, version, listed in startups}
        return [
            {**row, "tender_version": calls[row["tender_id"]], **firms[row["startup_id"]]}
            for row in rows
            if row["tender_id"] in calls and row["startup_id"] in firms
        ]

    async def _upsert(self, side: KeptFor, rows: list[MatchRow]) -> list[Turn]:
        if not rows:
            return []
        # Always in the same order: two jobs that write the same pairs wait for each other instead of deadlocking.
        ordered = sorted(rows, key=lambda row: (row["tender_id"], row["startup_id"]))
        before = await self._held([(row["tender_id"], row["startup_id"]) for row in ordered])
        statement = insert(Match).values(ordered)
        fresh = statement.excluded
        flag = "for_tender" if side is KeptFor.TENDER else "for_startup"
        written = {name: getattr(fresh, name) for name in (*_CONTENT, flag)}
        news = (getattr(Match, name).is_distinct_from(new) for name, new in written.items())
        done = await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=[Match.tender_id, Match.startup_id],
                set_={**written, "state": MatchState.ACTIVE},
                where=or_(Match.state != MatchState.ACTIVE, *news),
            ).returning(Match.id, Match.grade, Match.public, _MADE)
        )
        turns = []
        for match_id, grade, public, made in done:
            if not made and match_id not in before:  # it came between the two statements: what it said is not known
                raise Retry(dt.timedelta(0), "another ranking made the same pair at this moment")
            turns.append(Turn(match_id, before.get(match_id, GONE), Seen(grade, public)))
        return turns

    async def _held(self, pairs: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> dict[uuid.UUID, Seen]:
        """What is to be seen of the rows that there are of these pairs, held until the transaction ends."""
        rows = await self._session.execute(
            select(Match.id, Match.state, Match.grade, Match.public)
            .where(tuple_(Match.tender_id, Match.startup_id).in_(pairs))
            .order_by(Match.tender_id, Match.startup_id)
            .with_for_update()
        )
        return {row.id: Seen(row.grade, row.public) if row.state is MatchState.ACTIVE else GONE for row in rows}

    async def _let_go(self, judged: Judged, kept: Collection[uuid.UUID]) -> list[Turn]:
        mine, theirs, for_them = (
            (Match.tender_id, Match.startup_id, Match.for_startup)
            if judged.side is KeptFor.TENDER
            else (Match.startup_id, Match.tender_id, Match.for_tender)
        )
        mine_to_end = true() if judged.looked_at is None else or_(~for_them, theirs.in_(list(judged.looked_at)))
        done = await self._session.execute(
            update(Match)
            .where(mine == judged.id, Match.state == MatchState.ACTIVE, theirs.not_in(list(kept)), mine_to_end)
            .values(for_tender=False, for_startup=False, state=MatchState.WITHDRAWN)
            .returning(Match.id, Match.grade, Match.public)
        )
        return [Turn(row.id, Seen(row.grade, row.public), GONE) for row in done]


def _row(judged: Judged, result: MatchResult, *, best: bool) -> MatchRow:
    return {
        "id": new_uuid(),
        "tender_id": uuid.UUID(result.tender_id),
        "startup_id": uuid.UUID(result.startup_id),
        "lot_id": result.lot_id,
        "score": result.score,
        "grade": result.grade.value,
        "reasons": wire_reasons(result),
        "unknown": list(result.unknown),
        "algorithm": judged.algorithm,
        "for_tender": best and judged.side is KeptFor.TENDER,
        "for_startup": best and judged.side is KeptFor.STARTUP,
        "state": MatchState.ACTIVE,
    }
