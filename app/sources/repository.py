"""Where sources stand, their runs and what they list, in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.ingest.repository import storable
from app.kit.ids import OrganisationId, new_uuid
from app.models.crawl_run import CrawlKind, CrawlOutcome, CrawlRejection, CrawlRun
from app.models.listed_notice import ListedNotice
from app.models.organisation import Organisation, OrganisationKind
from app.models.source import Source
from app.models.source_state import SourceHalt, SourceState
from scrapers.payload import Rejection

ALL = "*"
"""The name under which one switch stops every source."""

_PAST_RUNS = 400


@dataclass(frozen=True, slots=True)
class Card:
    """What a source says of itself, as it is shown with its data."""

    name: str
    title: str
    licence: str | None
    attribution: str | None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class RunKey:
    """A run: its source, and the instant at which it was begun (through all its interruptions)."""

    source_id: uuid.UUID
    kind: CrawlKind
    started: dt.datetime
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class PastRun:
    """A complete run: when it began, how its fields were filled, and whether they had drifted."""

    started: dt.datetime
    fills: JsonObject
    drifted: bool


class SourceRepository:
    """Rows of sources."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def enter(self, card: Card, now: dt.datetime) -> SourceState:
        """The state of a source, made at its first run; what it says of itself is brought up to date."""
        told = {"title": card.title, "licence": card.licence, "attribution": card.attribution}
        source_id = await self._session.scalar(
            insert(Source)
            .values(id=new_uuid(), name=card.name, **told)
            .on_conflict_do_update(index_elements=[Source.name], set_=told)
            .returning(Source.id)
        )
        assert source_id is not None  # the row is held until the end of the transaction: only one can be first
        state = await self._session.get(SourceState, source_id)
        if state is None:
            owner = Organisation(id=new_uuid(), kind=OrganisationKind.BUYER, name=card.title, country=card.country)
            self._session.add(owner)
            await self._session.flush()
            state = SourceState(source_id=source_id, organisation_id=owner.id, cursor={}, drift=[], updated_at=now)
            self._session.add(state)
            await self._session.flush()
        return state

    async def state_of(self, name: str) -> SourceState | None:
        """The state of a source by its name; ``None`` where it has never run."""
        return await self._session.scalar(
            select(SourceState).join(Source, Source.id == SourceState.source_id).where(Source.name == name)
        )

    async def held(self, source_id: uuid.UUID) -> SourceState:
        """The state, held against other writers until the transaction ends."""
        found = await self._session.scalars(
            select(SourceState)
            .where(SourceState.source_id == source_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return found.one()

    async def begin_run(self, key: RunKey, *, anew: bool) -> CrawlRun:
        """The row of a run: a new one, or the one that was interrupted; ``anew``: it counts from nothing again."""
        run = await self._session.scalar(
            insert(CrawlRun)
            .values(
                id=new_uuid(), source_id=key.source_id, kind=key.kind, started_at=key.started, since_at=key.since,
                until_at=key.until, outcome=CrawlOutcome.PARTIAL, reason="interrupted", fills={}, drift=[],
            )
            .on_conflict_do_update(
                index_elements=[CrawlRun.source_id, CrawlRun.started_at],
                set_={
                    "attempts": CrawlRun.attempts + 1, "ended_at": None, "outcome": CrawlOutcome.PARTIAL,
                    "reason": "interrupted", "detail": "", "retry_after": None,
                },
            )
            .returning(CrawlRun)
            .execution_options(populate_existing=True)
        )  # fmt: skip
        assert run is not None
        if anew and run.attempts > 1:
            await self._session.execute(delete(CrawlRejection).where(CrawlRejection.run_id == run.id))
            await self.set_run(run.id, {"rejected": 0, "fills": {}})
        return run

    async def set_run(self, run_id: uuid.UUID, values: Mapping[str, object]) -> None:
        """Set columns of a run."""
        await self._session.execute(update(CrawlRun).where(CrawlRun.id == run_id).values(dict(values)))

    async def keep_rejections(self, run_id: uuid.UUID, first: int, rejections: Sequence[Rejection]) -> None:
        """Keep what was refused; ``first`` is the position of the first of them within the run."""
        if rejections:
            await self._session.execute(
                insert(CrawlRejection),
                [
                    {"run_id": run_id, "position": position, "code": row.code, "reason": storable(row.reason),
                     "ref": storable(row.ref), "excerpt": storable(row.excerpt)}
                    for position, row in enumerate(rejections, start=first)
                ],
            )  # fmt: skip

    async def rejected_so_far(self, run_id: uuid.UUID) -> int:
        """How many rows of refusals a run has; the position of the next one."""
        found = await self._session.scalar(
            select(func.coalesce(func.max(CrawlRejection.position) + 1, 0)).where(CrawlRejection.run_id == run_id)
        )
        return found or 0

    async def runs(self, name: str, before: uuid.UUID | None, limit: int) -> Sequence[CrawlRun]:
        """The runs of a source, the newest first."""
        query = select(CrawlRun).join(Source, Source.id == CrawlRun.source_id).where(Source.name == name)
        if before is not None:
            query = query.where(CrawlRun.id < before)
        return (await self._session.scalars(query.order_by(CrawlRun.id.desc()).limit(limit))).all()

    async def run(self, name: str, run_id: uuid.UUID) -> CrawlRun | None:
        """One run of a source."""
        query = select(CrawlRun).join(Source, Source.id == CrawlRun.source_id)
        return await self._session.scalar(query.where(Source.name == name, CrawlRun.id == run_id))

    async def has_run(self, name: str, run_id: uuid.UUID) -> bool:
        """Whether this is a run of this source."""
        query = select(CrawlRun.id).join(Source, Source.id == CrawlRun.source_id)
        return await self._session.scalar(query.where(Source.name == name, CrawlRun.id == run_id)) is not None

    async def rejections(self, run_id: uuid.UUID, after: int, limit: int) -> Sequence[CrawlRejection]:
        """What a run refused, after a position."""
        query = select(CrawlRejection).where(CrawlRejection.run_id == run_id, CrawlRejection.position > after)
        return (await self._session.scalars(query.order_by(CrawlRejection.position).limit(limit))).all()

    async def past_runs(self, state: SourceState, before: dt.datetime) -> Sequence[PastRun]:
        """The complete runs that a run is compared with, the newest first."""
        query = (
            select(CrawlRun.started_at, CrawlRun.fills, CrawlRun.drift != [])
            .where(
                CrawlRun.source_id == state.source_id,
                CrawlRun.started_at < before,
                CrawlRun.outcome == CrawlOutcome.COMPLETE,
                CrawlRun.kind != CrawlKind.SAMPLE,
            )
            .order_by(CrawlRun.id.desc())
            .limit(_PAST_RUNS)
        )
        if state.trusted_from is not None:
            query = query.where(CrawlRun.started_at >= state.trusted_from)
        return [PastRun(*row) for row in await self._session.execute(query)]

    async def fingerprints(self, source_id: uuid.UUID) -> dict[str, str]:
        """What the list said of each notice when it was last stored."""
        found = await self._session.execute(
            select(ListedNotice.ref, ListedNotice.fingerprint).where(
                ListedNotice.source_id == source_id, ListedNotice.fingerprint != ""
            )
        )
        return {row.ref: row.fingerprint for row in found}

    async def listed(self, source_id: uuid.UUID) -> frozenset[str]:
        """The notices that stand on the source's list, as far as it was read."""
        found = await self._session.scalars(
            select(ListedNotice.ref).where(
                ListedNotice.source_id == source_id,
                ListedNotice.vanished_at.is_(None),
                ListedNotice.external_id.is_not(None),
            )
        )
        return frozenset(found)

    async def halted(self, names: Collection[str]) -> SourceHalt | None:
        """The switch that stops one of these sources, if one is set."""
        return await self._session.scalar(
            select(SourceHalt).where(SourceHalt.name.in_([ALL, *names])).order_by(SourceHalt.name).limit(1)
        )

    async def halt(self, name: str, reason: str | None, now: dt.datetime) -> None:
        """Set the switch of a source, or with ``ALL`` of every one."""
        await self._session.execute(
            insert(SourceHalt)
            .values(name=name, reason=reason, halted_at=now)
            .on_conflict_do_update(index_elements=[SourceHalt.name], set_={"reason": reason, "halted_at": now})
        )

    async def resume(self, name: str) -> bool:
        """Take a switch back; whether it was set."""
        found = await self._session.scalar(delete(SourceHalt).where(SourceHalt.name == name).returning(SourceHalt.name))
        return found is not None

    def owner_of(self, state: SourceState) -> OrganisationId:
        """The organisation whose calls a source brings."""
        return OrganisationId(state.organisation_id)
