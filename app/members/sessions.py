"""Sessions: in which browsers a person is signed in. The token is in the cookie only, the database has its keyed hash.

A token is made anew whenever what its session may do grows (at sign-in, with the second factor), so that a token that
somebody planted or saw before is worth nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import asyncpg
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.crypto import Keyring, new_token
from app.kit.errors import Unauthenticated
from app.kit.i18n import Lang
from app.kit.ids import ApiKeyId, OrganisationId, new_uuid
from app.kit.observability import count_query
from app.members.roles import Role, scopes_of
from app.models.organisation import OrganisationKind
from app.models.person import Membership, PersonSession

TOKEN_PREFIX: Final = "sfs"  # noqa: S105 (the visible start of a token, for secret scanners)
IDLE: Final = dt.timedelta(days=14)
LONGEST: Final = dt.timedelta(days=60)
SEEN_EVERY: Final = dt.timedelta(minutes=5)
SECOND_FACTOR_WITHIN: Final = dt.timedelta(minutes=10)
"""How long a session waits for its second factor."""
_LONGEST_AGENT = 300
_MOST_LISTED = 100

_LIVE = """person_session AS session
JOIN person ON person.id = session.person_id AND person.disabled_at IS NULL
JOIN membership AS member
    ON member.person_id = session.person_id AND member.organisation_id = session.organisation_id
JOIN organisation AS org ON org.id = session.organisation_id
WHERE session.digest = ANY($1::bytea[]) AND session.ended_at IS NULL AND session.expires_at > now()"""
_SIGNED_IN = f"""
SELECT session.id, session.person_id, session.last_seen_at < now() - $3::interval AS seen_long_ago,
    person.name, person.lang, member.role, member.provisional, session.organisation_id, org.name AS organisation,
    org.kind, org.fictional,
    (SELECT count(*) FROM membership AS further WHERE further.person_id = session.person_id) - 1 AS others
FROM {_LIVE} AND session.last_seen_at > now() - $2::interval
    AND (person.totp_secret IS NULL OR session.second_factor_at IS NOT NULL)
"""  # noqa: S608 (constants of this module only)
_AWAITED = f"""
SELECT session.id, session.person_id
FROM {_LIVE} AND session.created_at > now() - $2::interval
    AND person.totp_secret IS NOT NULL AND session.second_factor_at IS NULL
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who uses the pages.

    ``caller`` is what services take: the organisation, with the scopes that the role leaves; its ``key_id`` is the
    person's id. ``provisional``: see :mod:`app.members.roles`. ``others``: further organisations that this person may
    switch to. ``seen_long_ago``: whoever answers should call :func:`seen`.
    """

    session_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    lang: Lang | None
    role: Role
    provisional: bool
    organisation: str
    fictional: bool
    others: int
    seen_long_ago: bool
    caller: Caller


@dataclass(frozen=True, slots=True)
class Awaited:
    """A session whose second factor has yet to be given: nobody is signed in with it."""

    session_id: uuid.UUID
    person_id: uuid.UUID


async def signed_in(hot: asyncpg.Pool, digests: Sequence[bytes]) -> SignedIn | None:
    """Who is signed in with a live session that has one of these keyed hashes (``keyring.token_hashes(cookie)``).

    ``None``: it has ended or idled too long, its second factor is missing, the person was disabled, or is no longer a
    member of the organisation.
    """
    row = await hot.fetchrow(_SIGNED_IN, digests, IDLE, SEEN_EVERY)
    count_query(int(row is not None))
    if row is None:
        return None
    kind, role = OrganisationKind(row["kind"]), Role(row["role"])
    return SignedIn(
        session_id=row["id"],
        person_id=row["person_id"],
        name=row["name"],
        lang=cast("Lang | None", row["lang"]),
        role=role,
        provisional=row["provisional"],
        organisation=row["organisation"],
        fictional=row["fictional"],
        others=row["others"],
        seen_long_ago=row["seen_long_ago"],
        caller=Caller(
            organisation_id=OrganisationId(row["organisation_id"]),
            kind=kind,
            scopes=scopes_of(kind, role, provisional=row["provisional"]),
            key_id=ApiKeyId(row["person_id"]),
        ),
    )


async def awaited(hot: asyncpg.Pool, digests: Sequence[bytes]) -> Awaited | None:
    """The session with one of these keyed hashes, if its second factor is still awaited."""
    row = await hot.fetchrow(_AWAITED, digests, SECOND_FACTOR_WITHIN)
    count_query(int(row is not None))
    return None if row is None else Awaited(row["id"], row["person_id"])


async def seen(session: AsyncSession, session_id: uuid.UUID, now: dt.datetime) -> None:
    """Note that a session is in use; at most every five minutes, whoever asks."""
    await session.execute(
        update(PersonSession)
        .where(PersonSession.id == session_id, PersonSession.last_seen_at < now - SEEN_EVERY)
        .values(last_seen_at=now)
    )


async def begin_session(  # noqa: PLR0913 (one row)
    session: AsyncSession,
    keyring: Keyring,
    person_id: uuid.UUID,
    organisation_id: OrganisationId,
    now: dt.datetime,
    *,
    second_factor: bool,
    agent: str | None = None,
) -> str:
    """Sign a person in; the token for the cookie, which is stored nowhere.

    ``second_factor``: whether one was given by now. Without it, a person who has one is not signed in yet. ``agent``:
    what the browser calls itself. The session that the browser had before is for the caller to end.
    """
    token = new_token(TOKEN_PREFIX)
    row = PersonSession(
        id=new_uuid(),
        digest=keyring.token_hash(token),
        person_id=person_id,
        organisation_id=organisation_id,
        agent=agent[:_LONGEST_AGENT] if agent else None,
        created_at=now,
        last_seen_at=now,
        expires_at=now + LONGEST,
        second_factor_at=now if second_factor else None,
    )
    session.add(row)
    await session.flush()
    return token


async def require_live(session: AsyncSession, session_id: uuid.UUID) -> None:
    """Let what decides on who comes in go on only in a session that was not ended while a password was hashed.

    Raises:
        Unauthenticated: it was.

    """
    query = select(PersonSession.id).where(PersonSession.id == session_id, PersonSession.ended_at.is_(None))
    if (await session.scalars(query)).first() is None:
        raise Unauthenticated


async def end_session(session: AsyncSession, person_id: uuid.UUID, session_id: uuid.UUID, now: dt.datetime) -> bool:
    """End a session of a person's at once; whether there was one."""
    done = await session.execute(
        update(PersonSession)
        .where(PersonSession.id == session_id, PersonSession.person_id == person_id, PersonSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(PersonSession.id)
    )
    return done.first() is not None


async def end_presented(session: AsyncSession, digests: Sequence[bytes], now: dt.datetime) -> None:
    """End the session that a browser came with, whosever it is."""
    await session.execute(
        update(PersonSession)
        .where(PersonSession.digest.in_(digests), PersonSession.ended_at.is_(None))
        .values(ended_at=now)
    )


async def end_other_sessions(
    session: AsyncSession, person_id: uuid.UUID, kept: uuid.UUID | None, now: dt.datetime
) -> int:
    """End all sessions of a person but ``kept``; how many there were."""
    query = update(PersonSession).where(PersonSession.person_id == person_id, PersonSession.ended_at.is_(None))
    if kept is not None:
        query = query.where(PersonSession.id != kept)
    done = await session.execute(query.values(ended_at=now).returning(PersonSession.id))
    return len(done.all())


async def switch_organisation(session: AsyncSession, signed: SignedIn, organisation_id: OrganisationId) -> bool:
    """Go on in another organisation of the person's; ``False``: they are no member of it."""
    member = await session.get(Membership, (signed.person_id, organisation_id))
    if member is None:
        return False
    await session.execute(
        update(PersonSession).where(PersonSession.id == signed.session_id).values(organisation_id=organisation_id)
    )
    return True


async def live_sessions(session: AsyncSession, person_id: uuid.UUID, now: dt.datetime) -> Sequence[PersonSession]:
    """The sessions in which a person is signed in, the newest first."""
    found = await session.scalars(
        select(PersonSession)
        .where(
            PersonSession.person_id == person_id,
            PersonSession.ended_at.is_(None),
            PersonSession.expires_at > now,
            PersonSession.last_seen_at > now - IDLE,
        )
        .order_by(PersonSession.id.desc())
        .limit(_MOST_LISTED)
    )
    return found.all()
