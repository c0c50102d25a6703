"""What organisations decided about pairs, and what people said of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import OrganisationId, StartupId, TenderId
from app.models.decision import Decision, DecisionKind, Feedback
from app.models.match import Match
from app.models.startup import Startup

OF_BUYERS: Final = frozenset({DecisionKind.SHORTLISTED, DecisionKind.INVITED, DecisionKind.DISMISSED})
OF_STARTUPS: Final = frozenset(
    {DecisionKind.SAVED, DecisionKind.PARTNER_WANTED, DecisionKind.BID, DecisionKind.DISMISSED}
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A tender and a startup."""

    tender_id: TenderId
    startup_id: StartupId


class DecisionRepository:
    """Decisions of one organisation at a time; the owner comes first in every call."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(
        self, owner: OrganisationId, pair: Pair, kind: DecisionKind, note: str | None, now: dt.datetime
    ) -> Decision:
        """Make ``kind`` the standing decision about a pair."""
        statement = insert(Decision).values(
            organisation_id=owner, tender_id=pair.tender_id, startup_id=pair.startup_id, kind=kind, note=note,
            created_at=now, updated_at=now,
        )  # fmt: skip
        made = await self._session.scalars(
            statement.on_conflict_do_update(
                index_elements=[Decision.organisation_id, Decision.tender_id, Decision.startup_id],
                set_={"kind": kind, "note": note, "updated_at": now},
            ).returning(Decision),
            execution_options={"populate_existing": True},
        )
        return made.one()

    async def side_of(self, startup_id: StartupId) -> Collection[uuid.UUID]:
        """Who hears of an invitation: the startup's own organisation; where it has none, the one that registered it."""
        row = await self._session.execute(
            select(func.coalesce(Startup.owner_id, Startup.registrar_id)).where(Startup.id == startup_id)
        )
        return row.scalars().all()

    async def drop(self, owner: OrganisationId, pair: Pair) -> bool:
        """Take a decision back; whether there was one."""
        done = await self._session.execute(
            delete(Decision)
            .where(
                Decision.organisation_id == owner,
                Decision.tender_id == pair.tender_id,
                Decision.startup_id == pair.startup_id,
            )
            .returning(Decision.kind)
        )
        return done.first() is not None

    async def of_tender(
        self, owner: OrganisationId, tender_id: TenderId, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
    ) -> Sequence[Decision]:
        """The decisions about one tender, the earliest first."""
        query = (
            select(Decision)
            .where(Decision.organisation_id == owner, Decision.tender_id == tender_id)
            .order_by(Decision.created_at, Decision.startup_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(Decision.created_at, Decision.startup_id) > after)
        return (await self._session.scalars(query)).all()

    async def invitations(
        self, startup_id: StartupId, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
    ) -> Sequence[Decision]:
        """The invitations of one startup by whichever buyer, the latest first."""
        query = (
            select(Decision)
            .where(Decision.startup_id == startup_id, Decision.kind == DecisionKind.INVITED)
            .order_by(Decision.updated_at.desc(), Decision.tender_id.desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(Decision.updated_at, Decision.tender_id) < after)
        return (await self._session.scalars(query)).all()

    async def kinds_for_tender(
        self, owner: OrganisationId, tender_id: TenderId, startup_ids: Collection[uuid.UUID]
    ) -> dict[uuid.UUID, DecisionKind]:
        """What was decided about these startups for one tender."""
        rows = await self._session.execute(
            select(Decision.startup_id, Decision.kind).where(
                Decision.organisation_id == owner,
                Decision.tender_id == tender_id,
                Decision.startup_id.in_(list(startup_ids)),
            )
        )
        return dict(rows.all())

    async def kinds_for_startup(
        self, owner: OrganisationId, startup_id: StartupId, tender_ids: Collection[uuid.UUID]
    ) -> dict[uuid.UUID, DecisionKind]:
        """What was decided about these tenders for one startup."""
        rows = await self._session.execute(
            select(Decision.tender_id, Decision.kind).where(
                Decision.organisation_id == owner,
                Decision.startup_id == startup_id,
                Decision.tender_id.in_(list(tender_ids)),
            )
        )
        return dict(rows.all())

    async def said_of_pair(self, owner: OrganisationId, pair: Pair, limit: int) -> Sequence[Feedback]:
        """The owner's words on a match, the latest first."""
        query = (
            select(Feedback)
            .where(
                Feedback.organisation_id == owner,
                Feedback.tender_id == pair.tender_id,
                Feedback.startup_id == pair.startup_id,
            )
            .order_by(Feedback.id.desc())
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def partners_wanted(
        self, tender_id: TenderId, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
    ) -> Sequence[Decision]:
        """The listed startups whose own side looks for a partner for a call, the latest first."""
        query = (
            select(Decision)
            .join(Startup, Startup.id == Decision.startup_id)
            .where(
                Decision.tender_id == tender_id,
                Decision.kind == DecisionKind.PARTNER_WANTED,
                Decision.organisation_id == Startup.owner_id,
                Startup.listed,
                Startup.deleted_at.is_(None),
            )
            .order_by(Decision.updated_at.desc(), Decision.startup_id.desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(Decision.updated_at, Decision.startup_id) < after)
        return (await self._session.scalars(query)).all()

    async def score_of(self, pair: Pair) -> float | None:
        """The kept score of a pair."""
        return await self._session.scalar(
            select(Match.score).where(Match.tender_id == pair.tender_id, Match.startup_id == pair.startup_id)
        )

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep a person's word on a match."""
        self._session.add(feedback)
