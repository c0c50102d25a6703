"""Sessions: who is signed in, for how long, and with what they may do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.scopes import DEFAULT_SCOPES
from app.accounts.service import create_organisation
from app.db.session import driver_connection
from app.kit.clock import utc_now
from app.kit.crypto import Keyring
from app.kit.ids import OrganisationId
from app.members.roles import Role
from app.members.service import enrol, join
from app.members.sessions import (
    IDLE,
    LONGEST,
    SignedIn,
    awaited,
    begin_session,
    end_other_sessions,
    end_session,
    live_sessions,
    seen,
    signed_in,
    switch_organisation,
)
from app.models.organisation import OrganisationKind
from app.models.person import Membership, Person, PersonSession

KEYRING = Keyring(["a secret that is only ever used in tests, 32+ characters"])


@dataclass(frozen=True)
class House:
    """An organisation and somebody who belongs there."""

    session: AsyncSession
    organisation: OrganisationId
    person: Person

    async def begin(self, *, second_factor: bool = False, now: dt.datetime | None = None) -> str:
        return await begin_session(
            self.session, KEYRING, self.person.id, self.organisation, now or utc_now(), second_factor=second_factor
        )

    async def who(self, token: str) -> SignedIn | None:
        await self.session.flush()
        return await signed_in(await driver_connection(self.session), KEYRING.token_hashes(token))


@pytest.fixture
async def house(db: AsyncSession) -> House:
    return await _house(db, Role.MEMBER)


async def _house(db: AsyncSession, role: Role, kind: OrganisationKind = OrganisationKind.BUYER) -> House:
    organisation = create_organisation(db, kind=kind, name="Commune fictive", country="MA", fictional=True)
    await db.flush()
    owner = OrganisationId(organisation.id)
    person = await enrol(
        db, KEYRING, mail="Officer@Commune.example", name="Officer", lang="fr", organisation=owner, role=role,
        password=None, now=utc_now(),
    )  # fmt: skip
    return House(db, owner, person)


async def test_whoever_holds_the_token_is_signed_in_and_the_database_holds_it_nowhere(house: House) -> None:
    token = await house.begin()

    found = await house.who(token)

    assert found is not None
    assert (found.person_id, found.name, found.lang, found.role) == (house.person.id, "Officer", "fr", Role.MEMBER)
    assert (found.organisation, found.fictional, found.others) == ("Commune fictive", True, 0)
    assert (found.caller.organisation_id, found.caller.key_id) == (house.organisation, house.person.id)
    assert await house.who("sfs_" + "0" * 43) is None
    for table in ("person_session", "person"):
        rows = (await house.session.execute(text(f"SELECT x::text FROM {table} AS x"))).scalars().all()
        assert not any(token in row or "commune.example" in row.lower() for row in rows)


@pytest.mark.parametrize("kind", OrganisationKind)
async def test_a_role_leaves_a_part_of_what_the_organisation_may(db: AsyncSession, kind: OrganisationKind) -> None:
    every = frozenset(DEFAULT_SCOPES[kind])
    house = await _house(db, Role.ADMIN, kind)
    token = await house.begin()
    scopes = {}
    for role in Role:
        await join(db, house.person.id, house.organisation, role, utc_now())
        found = await house.who(token)
        assert found is not None
        scopes[role] = found.caller.scopes

    assert scopes[Role.ADMIN] == every
    assert scopes[Role.MEMBER] == every - {"accounts:write"}
    assert scopes[Role.READER] == {scope for scope in every if scope.endswith(":read")}


async def test_a_session_ends_when_it_idles_when_it_is_old_and_when_it_is_ended(house: House) -> None:
    now = utc_now()
    idle = await house.begin(now=now - IDLE - dt.timedelta(minutes=1))
    lively = await house.begin(now=now - IDLE + dt.timedelta(minutes=1))
    old = await house.begin(now=now - LONGEST - dt.timedelta(minutes=1))
    await seen(house.session, (await _row(house, old)).id, now)
    ended = await house.begin()
    row = await _row(house, ended)
    assert not await end_session(house.session, (await _house_of_another(house)).person.id, row.id, now)
    assert await house.who(ended) is not None
    assert await end_session(house.session, house.person.id, row.id, now)

    assert [await house.who(token) is not None for token in (idle, lively, old, ended)] == [False, True, False, False]
    assert [one.id for one in await live_sessions(house.session, house.person.id, now)] == [
        (await _row(house, lively)).id
    ]


async def test_who_is_disabled_or_no_longer_a_member_is_signed_in_nowhere(house: House) -> None:
    token = await house.begin()
    house.person.disabled_at = utc_now()
    assert await house.who(token) is None
    house.person.disabled_at = None
    assert await house.who(token) is not None
    member = await house.session.get(Membership, (house.person.id, house.organisation))
    await house.session.delete(member)
    assert await house.who(token) is None


async def test_who_has_a_second_factor_is_not_signed_in_before_it_is_given(house: House) -> None:
    house.person.totp_secret = b"sealed"
    half, whole = await house.begin(), await house.begin(second_factor=True)
    assert (await house.who(half), await house.who(whole) is not None) == (None, True)
    connection = await driver_connection(house.session)
    waiting = await awaited(connection, KEYRING.token_hashes(half))
    assert waiting is not None
    assert waiting.person_id == house.person.id
    assert await awaited(connection, KEYRING.token_hashes(whole)) is None
    await house.session.execute(update(PersonSession).values(created_at=utc_now() - dt.timedelta(minutes=11)))
    assert await awaited(connection, KEYRING.token_hashes(half)) is None


async def test_being_seen_is_written_once_in_five_minutes(house: House) -> None:
    now = utc_now()
    token = await house.begin(now=now - dt.timedelta(minutes=6))
    before = await house.who(token)
    assert before is not None
    assert before.seen_long_ago
    await seen(house.session, before.session_id, now)
    await seen(house.session, before.session_id, now + dt.timedelta(minutes=4))
    after = await house.who(token)
    assert after is not None
    assert not after.seen_long_ago
    assert (await _row(house, token)).last_seen_at == now


async def test_only_a_member_switches_and_ending_the_others_keeps_this_one(house: House) -> None:
    token, other = await house.begin(), await house.begin()
    second = create_organisation(house.session, kind=OrganisationKind.STARTUP, name="Jeune pousse", country="MA")
    await house.session.flush()
    signed = await house.who(token)
    assert signed is not None
    assert not await switch_organisation(house.session, signed, OrganisationId(second.id))
    await join(house.session, house.person.id, OrganisationId(second.id), Role.READER, utc_now())
    assert await switch_organisation(house.session, signed, OrganisationId(second.id))
    moved = await house.who(token)
    assert moved is not None
    assert (moved.organisation, moved.role, moved.others) == ("Jeune pousse", Role.READER, 1)
    assert await end_other_sessions(house.session, house.person.id, moved.session_id, utc_now()) == 1
    assert await house.who(other) is None
    assert await house.who(token) is not None


async def _row(house: House, token: str) -> PersonSession:
    from sqlalchemy import select

    found = await house.session.scalars(
        select(PersonSession)
        .where(PersonSession.digest == KEYRING.token_hash(token))
        .execution_options(populate_existing=True)
    )
    return found.one()


async def _house_of_another(house: House) -> House:
    person = await enrol(
        house.session, KEYRING, mail="another@commune.example", name="Another", lang=None,
        organisation=house.organisation, role=Role.ADMIN, password=None, now=utc_now(),
    )  # fmt: skip
    return House(house.session, house.organisation, person)
