"""Organisations and keys in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.ids import ApiKeyId, OrganisationId
from app.kit.observability import count_query
from app.models.api_key import ApiKey
from app.models.organisation import Organisation, OrganisationKind
from app.models.person import Membership, Person

CALLER = "key.id AS key_id, key.scopes, key.organisation_id, organisation.kind"
LIVE_KEYS = "api_key AS key JOIN organisation ON organisation.id = key.organisation_id"
IS_CALLERS = """key.digest = ANY($1::bytea[]) AND key.revoked_at IS NULL
AND (key.expires_at IS NULL OR key.expires_at > now())"""
"""Parts of a statement that finds its caller on the way: what :func:`caller_of` reads, from where, and of which key."""

BY_DIGEST = f"SELECT {CALLER} FROM {LIVE_KEYS} WHERE {IS_CALLERS}"  # noqa: S608 (constants of this module only)


async def caller_by_digest(hot: asyncpg.Pool, digests: Sequence[bytes]) -> Caller | None:
    """The caller whose live key has one of these keyed hashes."""
    row = await hot.fetchrow(BY_DIGEST, digests)
    count_query(int(row is not None))
    return None if row is None else caller_of(row)


def caller_of(row: asyncpg.Record) -> Caller:
    """The caller in a row with the columns of ``CALLER``."""
    return Caller(
        organisation_id=OrganisationId(row["organisation_id"]),
        kind=OrganisationKind(row["kind"]),
        scopes=frozenset(row["scopes"]),
        key_id=ApiKeyId(row["key_id"]),
    )


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made a key. ``member``: whether they belong to its organisation still."""

    name: str
    member: bool


class AccountRepository:
    """Organisations and their keys; every read of keys takes the owner first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add_organisation(self, organisation: Organisation) -> None:
        """Enter a new organisation."""
        self._session.add(organisation)

    async def organisation(self, organisation_id: OrganisationId) -> Organisation | None:
        """One organisation by its id."""
        return await self._session.get(Organisation, organisation_id)

    async def organisation_named(self, name: str, kind: OrganisationKind) -> Organisation | None:
        """The oldest organisation of this name and kind."""
        found = await self._session.scalars(
            select(Organisation).where(Organisation.name == name, Organisation.kind == kind).order_by(Organisation.id)
        )
        return found.first()

    async def organisations(self, after: uuid.UUID | None, limit: int) -> Sequence[Organisation]:
        """Organisations by age, ``limit`` after the given one."""
        query = select(Organisation).order_by(Organisation.id).limit(limit)
        if after is not None:
            query = query.where(Organisation.id > after)
        return (await self._session.scalars(query)).all()

    def add_key(self, key: ApiKey) -> None:
        """Enter a new key."""
        self._session.add(key)

    async def keys(self, organisation_id: OrganisationId) -> Sequence[ApiKey]:
        """Every key of an organisation, the newest first, revoked ones included."""
        found = await self._session.scalars(
            select(ApiKey).where(ApiKey.organisation_id == organisation_id).order_by(ApiKey.id.desc()).limit(500)
        )
        return found.all()

    async def makers(self, organisation_id: OrganisationId) -> Mapping[uuid.UUID, Maker]:
        """Who made the keys of an organisation, by their id."""
        rows = await self._session.execute(
            select(Person.id, Person.name, Membership.person_id.is_not(None))
            .outerjoin(
                Membership,
                (Membership.person_id == Person.id) & (Membership.organisation_id == organisation_id),
            )
            .where(Person.id.in_(select(ApiKey.made_by_id).where(ApiKey.organisation_id == organisation_id)))
        )
        return {id_: Maker(name, member) for id_, name, member in rows}

    async def live_keys_by_maker(self, organisation_id: OrganisationId) -> Mapping[uuid.UUID, int]:
        """How many keys of an organisation each person made that open something still."""
        rows = await self._session.execute(
            select(ApiKey.made_by_id, func.count())
            .where(*_live(organisation_id), ApiKey.made_by_id.is_not(None))
            .group_by(ApiKey.made_by_id)
        )
        return {maker: count for maker, count in rows if maker is not None}

    async def maker_of(self, key_id: ApiKeyId) -> uuid.UUID | None:
        """Who made a key."""
        return await self._session.scalar(select(ApiKey.made_by_id).where(ApiKey.id == key_id))

    async def hold_member(self, organisation_id: OrganisationId, person_id: uuid.UUID) -> bool:
        """Whether a person belongs to an organisation; they do until this transaction ends."""
        found = await self._session.scalar(
            select(Membership.person_id)
            .where(Membership.organisation_id == organisation_id, Membership.person_id == person_id)
            .with_for_update(read=True)
        )
        return found is not None

    async def all_keys(self, organisation_name: str | None = None) -> Sequence[tuple[Organisation, ApiKey]]:
        """The keys of every organisation, or of those of one name; for who runs the installation. At most 10,000."""
        query = (
            select(Organisation, ApiKey)
            .join(ApiKey, ApiKey.organisation_id == Organisation.id)
            .order_by(Organisation.name, Organisation.id, ApiKey.id.desc())
            .limit(10_000)
        )
        if organisation_name is not None:
            query = query.where(Organisation.name == organisation_name)
        return [(owner, key) for owner, key in await self._session.execute(query)]

    async def revoke_any(self, key_id: uuid.UUID, at: dt.datetime) -> bool:
        """Revoke a live key whoever owns it; for who runs the installation. Whether there was one."""
        done = await self._session.execute(
            update(ApiKey)
            .where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
            .values(revoked_at=at)
            .returning(ApiKey.id)
        )
        return done.first() is not None

    async def revoke_key(self, organisation_id: OrganisationId, key_id: ApiKeyId, at: dt.datetime) -> bool:
        """Revoke a live key of this organisation; whether there was one."""
        done = await self._session.execute(
            update(ApiKey)
            .where(ApiKey.organisation_id == organisation_id, ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
            .values(revoked_at=at)
            .returning(ApiKey.id)
        )
        return done.first() is not None

    async def revoke_keys_made_by(self, organisation_id: OrganisationId, person_id: uuid.UUID, at: dt.datetime) -> None:
        """Revoke the live keys of an organisation that a person made."""
        await self._session.execute(
            update(ApiKey)
            .where(*_live(organisation_id), ApiKey.made_by_id == person_id)
            .values(revoked_at=at)
            .execution_options(synchronize_session=False)
        )

    async def revoke_keys_named(self, organisation_id: OrganisationId, name: str, at: dt.datetime) -> None:
        """Revoke the live keys of this name (rotation)."""
        await self._session.execute(
            update(ApiKey)
            .where(ApiKey.organisation_id == organisation_id, ApiKey.name == name, ApiKey.revoked_at.is_(None))
            .values(revoked_at=at)
        )


def _live(organisation_id: OrganisationId) -> tuple[ColumnElement[bool], ...]:
    unexpired = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now())
    return ApiKey.organisation_id == organisation_id, ApiKey.revoked_at.is_(None), unexpired
