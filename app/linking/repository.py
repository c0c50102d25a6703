"""Tenders, their blocking keys and links in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.db.base import JsonObject
from app.linking.notices import StoredNotice, trust_of
from app.models.source import Source
from app.models.tender import Tender, TenderStatus
from app.models.tender_link import LinkState, LinkStrength, TenderKey, TenderLink
from app.models.tender_version import TenderVersion

Pair = tuple[uuid.UUID, uuid.UUID]

MOST_OF_A_KEY = 200
"""Tenders that are compared because of one key: a commune's name and a day may be those of very many."""

_CANDIDATES = text(f"""
SELECT DISTINCT mine.tender_id, theirs.tender_id
FROM tender_key AS mine
JOIN tender AS one ON one.id = mine.tender_id
CROSS JOIN LATERAL (
    SELECT key.tender_id FROM tender_key AS key
    WHERE key.key = mine.key AND key.tender_id <> mine.tender_id ORDER BY key.tender_id DESC LIMIT {MOST_OF_A_KEY}
) AS theirs
JOIN tender AS other ON other.id = theirs.tender_id AND other.owner_id <> one.owner_id AND other.status <> 'draft'
WHERE mine.tender_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(UUID)))  # noqa: S608 (a constant of this module only)

JOINS: ColumnElement[bool] = or_(
    TenderLink.state == LinkState.CONFIRMED,
    and_(TenderLink.state == LinkState.FOUND, TenderLink.strength == LinkStrength.EXACT),
)
"""Links that make one call of two tenders."""


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link as the rules found it."""

    pair: Pair
    strength: LinkStrength
    rule: str
    evidence: JsonObject


@dataclass(frozen=True, slots=True)
class Standing:
    """What linking makes of a tender."""

    duplicate_of: uuid.UUID | None = None
    cancelled_by: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A tender of a group of linked ones, as the group is judged."""

    id: uuid.UUID
    owner_id: uuid.UUID
    trust: int
    status: TenderStatus
    standing: Standing

    @property
    def own_status(self) -> TenderStatus:
        """What its own publisher says: a call that another one's cancellation ended was published."""
        return self.status if self.standing.cancelled_by is None else TenderStatus.PUBLISHED


def ordered(one: uuid.UUID, other: uuid.UUID) -> Pair:
    """The two ids of a link, the smaller first."""
    return (one, other) if one < other else (other, one)


class LinkRepository:
    """Reads and writes of linking; tenders of every organisation, drafts apart."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def notices(self, ids: Iterable[uuid.UUID]) -> Sequence[StoredNotice]:
        """The tenders with these ids that are no drafts."""
        rows = await self._session.execute(
            select(
                Tender.id, Tender.owner_id, Source.name, Tender.status, Tender.country, Tender.deadline_at,
                Tender.record,
            )
            .outerjoin(Source, Source.id == Tender.source_id)
            .where(Tender.id.in_(list(ids)), Tender.status != TenderStatus.DRAFT)
        )  # fmt: skip
        return [StoredNotice(*row) for row in rows]

    async def replace_keys(self, keys: Mapping[uuid.UUID, frozenset[str]]) -> None:
        """Keep the blocking keys of tenders, in place of those they had."""
        rows = [{"tender_id": tender_id, "key": key} for tender_id, own in keys.items() for key in sorted(own)]
        await self._session.execute(
            delete(TenderKey).where(
                TenderKey.tender_id.in_(list(keys)),
                tuple_(TenderKey.tender_id, TenderKey.key).not_in([(row["tender_id"], row["key"]) for row in rows]),
            )
        )
        if rows:
            await self._session.execute(insert(TenderKey).on_conflict_do_nothing(), rows)

    async def candidates(self, ids: Iterable[uuid.UUID]) -> set[Pair]:
        """Pairs that share a key: one of ``ids``, and a tender of another organisation."""
        rows = await self._session.execute(_CANDIDATES, {"ids": list(ids)})
        return {ordered(*row) for row in rows}

    async def hold(self) -> None:
        """Keep whoever else links or decides waiting until the transaction ends: groups are judged one at a time."""
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtext("safqa.tender_link"))))

    async def replace_found(self, ids: Iterable[uuid.UUID], found: Sequence[FoundLink]) -> None:
        """Keep what the rules found about ``ids``; what they find no more goes, what a person decided stays."""
        told = list(ids)
        pairs = [link.pair for link in found]
        await self._session.execute(
            delete(TenderLink).where(
                or_(TenderLink.one_id.in_(told), TenderLink.other_id.in_(told)),
                TenderLink.state == LinkState.FOUND,
                tuple_(TenderLink.one_id, TenderLink.other_id).not_in(pairs),
            )
        )
        if not found:
            return
        entered = insert(TenderLink).values([
            {"one_id": link.pair[0], "other_id": link.pair[1], "strength": link.strength, "rule": link.rule,
             "evidence": link.evidence}
            for link in found
        ])  # fmt: skip
        new = entered.excluded
        await self._session.execute(
            entered.on_conflict_do_update(
                index_elements=[TenderLink.one_id, TenderLink.other_id],
                set_={"strength": new.strength, "rule": new.rule, "evidence": new.evidence},
            )
        )

    async def joined_to(self, ids: Iterable[uuid.UUID]) -> Sequence[Pair]:
        """Joining links that touch one of ``ids``."""
        told = list(ids)
        rows = await self._session.execute(
            select(TenderLink.one_id, TenderLink.other_id).where(
                JOINS, or_(TenderLink.one_id.in_(told), TenderLink.other_id.in_(told))
            )
        )
        return [(one, other) for one, other in rows]

    async def members(self, ids: Iterable[uuid.UUID]) -> Sequence[Member]:
        """Tenders as the judgement of a group needs them, held against other writers."""
        rows = await self._session.execute(
            select(Tender.id, Tender.owner_id, Source.name, Tender.status, Tender.duplicate_of, Tender.cancelled_by)
            .outerjoin(Source, Source.id == Tender.source_id)
            .where(Tender.id.in_(list(ids)))
            .order_by(Tender.id)
            .with_for_update(of=Tender, key_share=True)
        )
        return [Member(row[0], row[1], trust_of(row[2]), row[3], Standing(row[4], row[5])) for row in rows]

    async def stand(self, member: Member, standing: Standing, now: dt.datetime) -> None:
        """Note what linking makes of a tender; a cancellation, or its end, is a version of its own."""
        values: dict[str, object] = {"duplicate_of": standing.duplicate_of, "cancelled_by": standing.cancelled_by}
        status = member.own_status if standing.cancelled_by is None else TenderStatus.CANCELLED
        moves = status is not member.status
        if moves:
            values |= {"status": status, "version": Tender.version + 1, "updated_at": now}
        row = await self._session.execute(
            update(Tender)
            .where(Tender.id == member.id)
            .values(**values)
            .returning(Tender.version, Tender.record)
            .execution_options(synchronize_session=False)
        )
        version, record = row.one()
        if moves:
            said = {"old": member.status.value, "new": status.value}
            self._session.add(
                TenderVersion(
                    tender_id=member.id, version=version, status=status.value, record=record,
                    changes={"status": said}, created_at=now,
                )
            )  # fmt: skip

    async def decide(self, pair: Pair, state: LinkState, by: uuid.UUID, at: dt.datetime) -> bool:
        """Note a person's decision about a link; whether there is such a link."""
        done = await self._session.execute(
            update(TenderLink)
            .where(TenderLink.one_id == pair[0], TenderLink.other_id == pair[1])
            .values(state=state, decided_by=by, decided_at=at)
            .returning(TenderLink.one_id)
        )
        return done.one_or_none() is not None

    async def standing_of(self, tender_id: uuid.UUID) -> Standing:
        """What linking made of a tender."""
        found = await self._session.execute(
            select(Tender.duplicate_of, Tender.cancelled_by).where(Tender.id == tender_id)
        )
        return Standing(*found.one())

    async def links_of(self, tender_id: uuid.UUID, limit: int) -> Sequence[RowMapping]:
        """The links of a tender, each with the other tender."""
        other = aliased(Tender)
        rows = await self._session.execute(
            select(
                TenderLink.strength, TenderLink.rule, TenderLink.evidence, TenderLink.state, TenderLink.decided_at,
                other.id, other.title, other.status, other.record["url"].astext.label("url"),
                Source.name.label("source"), Source.title.label("source_title"),
                Source.attribution.label("attribution"),
            )
            .join(
                other,
                or_(
                    and_(TenderLink.one_id == tender_id, other.id == TenderLink.other_id),
                    and_(TenderLink.other_id == tender_id, other.id == TenderLink.one_id),
                ),
            )
            .outerjoin(Source, Source.id == other.source_id)
            .where(or_(TenderLink.one_id == tender_id, TenderLink.other_id == tender_id))
            .where(other.status != TenderStatus.DRAFT)
            .order_by(other.id)
            .limit(limit)
        )  # fmt: skip
        return rows.mappings().all()

    async def to_review(
        self, strength: LinkStrength, state: LinkState, after: Pair | None, limit: int
    ) -> Sequence[RowMapping]:
        """Links of one strength and state, with both titles, in the order of their ids."""
        one, other = aliased(Tender), aliased(Tender)
        query = (
            select(
                TenderLink.one_id, TenderLink.other_id, TenderLink.strength, TenderLink.rule, TenderLink.evidence,
                TenderLink.state, TenderLink.decided_at, one.title.label("one_title"),
                other.title.label("other_title"),
            )
            .join(one, one.id == TenderLink.one_id)
            .join(other, other.id == TenderLink.other_id)
            .where(TenderLink.strength == strength, TenderLink.state == state)
            .order_by(TenderLink.one_id, TenderLink.other_id)
            .limit(limit)
        )  # fmt: skip
        if after is not None:
            query = query.where(tuple_(TenderLink.one_id, TenderLink.other_id) > tuple_(*after))
        return (await self._session.execute(query)).mappings().all()
