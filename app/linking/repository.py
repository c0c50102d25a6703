"""Tenders, their blocking keys and links in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.db.base import JsonObject
from app.linking.grouping import Member, Pair, Standing
from app.linking.notices import StoredNotice, trust_of
from app.models.organisation import Organisation, OrganisationKind
from app.models.push import PushSender
from app.models.source import Source
from app.models.source_state import SourceState
from app.models.tender import Tender, TenderStatus
from app.models.tender_link import LinkState, LinkStrength, TenderKey, TenderLink
from app.models.tender_version import TenderVersion

MOST_OF_A_KEY = 200
"""Tenders that are compared because of one key: a commune's name and a day may be those of very many."""
MOST_HANGING = 1_000
"""Tenders of others that are judged along with a call: look-alikes cost whoever writes them, not the worker."""
_OTHERS = "~ "
"""Before the keys of publishers that the operator does not run: their number crowds no portal's out."""

# Each key once for all tenders of an owner, its own left out before they are paired: a file may say one id in each row.

_CANDIDATES = text(f"""
WITH mine AS MATERIALIZED (
    SELECT tender.id, tender.owner_id,
        CASE WHEN starts_with(key, '{_OTHERS}') THEN substr(key, {len(_OTHERS) + 1}) ELSE key END AS key
    FROM tender_key JOIN tender ON tender.id = tender_key.tender_id WHERE tender.id = ANY(:ids)
), met AS MATERIALIZED (
    SELECT asked.key, asked.owner_id, other.id
    FROM (SELECT DISTINCT key, owner_id FROM mine) AS asked
    CROSS JOIN LATERAL (
        (SELECT tender_id FROM tender_key AS found
        WHERE found.key = asked.key ORDER BY tender_id DESC LIMIT :most)
        UNION ALL
        (SELECT tender_id FROM tender_key AS found
        WHERE found.key = '{_OTHERS}' || asked.key ORDER BY tender_id DESC LIMIT :most)
    ) AS theirs
    JOIN tender AS other
        ON other.id = theirs.tender_id AND other.owner_id <> asked.owner_id AND other.status <> 'draft'
)
SELECT DISTINCT mine.id, met.id FROM mine JOIN met USING (key, owner_id)
""").bindparams(bindparam("ids", type_=ARRAY(UUID)))  # noqa: S608 (a constant of this module only)

_JOINS: ColumnElement[bool] = or_(
    TenderLink.state == LinkState.CONFIRMED,
    and_(TenderLink.state == LinkState.FOUND, TenderLink.strength == LinkStrength.EXACT),
)
"""Links that say of two tenders that they are one call; ``app.linking.grouping`` tells which act on which."""

_PORTALS = select(SourceState.organisation_id)
_OPERATORS = select(Organisation.id).where(Organisation.kind == OrganisationKind.OPERATOR)


def _operated(tender: type[Tender]) -> ColumnElement[bool]:
    """Whether the operator runs a tender's publisher: a collected portal, or itself, without what others push to it."""
    pushed = exists().where(PushSender.source_id == tender.source_id)
    return or_(tender.owner_id.in_(_PORTALS), and_(tender.owner_id.in_(_OPERATORS), ~pushed))


_ONE, _OTHER = aliased(Tender, name="one"), aliased(Tender, name="other")
_ONE_OPERATED, _OTHER_OPERATED = _operated(_ONE), _operated(_OTHER)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link as the rules found it."""

    pair: Pair
    strength: LinkStrength
    rule: str
    evidence: JsonObject


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
        found = await self._session.scalars(select(Tender.id).where(Tender.id.in_(list(keys)), _operated(Tender)))
        operated = frozenset(found)
        rows = [
            {"tender_id": tender_id, "key": key if tender_id in operated else f"{_OTHERS}{key}"}
            for tender_id, own in keys.items()
            for key in sorted(own)
        ]
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
        rows = await self._session.execute(_CANDIDATES, {"ids": list(ids), "most": MOST_OF_A_KEY})
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
        """Links that touch one of ``ids`` and whose ends act on each other: confirmed, or both the operator's."""
        acts = or_(TenderLink.state == LinkState.CONFIRMED, and_(_ONE_OPERATED, _OTHER_OPERATED))
        rows = await self._session.execute(_links(ids).where(acts))
        return [(row[0], row[1]) for row in rows]

    async def hanging(self, ids: Iterable[uuid.UUID]) -> Sequence[Pair]:
        """Links that touch one of ``ids`` and act one way: the tender that follows, and the call of the operator's."""
        query = _links(ids).where(TenderLink.state == LinkState.FOUND, _ONE_OPERATED != _OTHER_OPERATED)
        newest = query.order_by(TenderLink.created_at.desc(), TenderLink.one_id, TenderLink.other_id)
        rows = await self._session.execute(newest.add_columns(_ONE_OPERATED).limit(MOST_HANGING))
        return [(row[1], row[0]) if row[2] else (row[0], row[1]) for row in rows]

    async def members(self, ids: Iterable[uuid.UUID]) -> Sequence[Member]:
        """Tenders as the judgement of a group needs them, held against other writers."""
        rows = await self._session.execute(
            select(
                Tender.id, Tender.owner_id, _operated(Tender), Source.name, Tender.status,
                Tender.duplicate_of, Tender.cancelled_by,
            )
            .outerjoin(Source, Source.id == Tender.source_id)
            .where(Tender.id.in_(list(ids)))
            .order_by(Tender.id)
            .with_for_update(of=Tender, key_share=True)
        )  # fmt: skip
        return [Member(*row[:3], trust_of(row[3]), row[4], Standing(row[5], row[6])) for row in rows]

    async def stand(self, member: Member, standing: Standing, now: dt.datetime) -> bool:
        """Note what linking makes of a tender; whether that is a version of its own: a cancellation, or its end."""
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
        return moves

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


def _links(ids: Iterable[uuid.UUID]) -> Select[uuid.UUID, uuid.UUID]:
    """Links that touch one of ``ids`` and say of two tenders that they are one call."""
    told = list(ids)
    return (
        select(TenderLink.one_id, TenderLink.other_id)
        .join(_ONE, _ONE.id == TenderLink.one_id)
        .join(_OTHER, _OTHER.id == TenderLink.other_id)
        .where(_JOINS, or_(TenderLink.one_id.in_(told), TenderLink.other_id.in_(told)))
    )
