"""Making organisations and keys."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.accounts.repository import AccountRepository
from app.accounts.scopes import DEFAULT_SCOPES, Scope
from app.kit.clock import utc_now
from app.kit.crypto import Keyring, new_token, token_hint
from app.kit.errors import AppError, NotFound, Unauthenticated
from app.kit.ids import ApiKeyId, OrganisationId, new_uuid
from app.models.api_key import ApiKey
from app.models.organisation import Organisation, OrganisationKind

TOKEN_PREFIX = "sfq"  # noqa: S105 (the visible start of a token, for secret scanners)


class ScopeBeyondCaller(AppError):
    """A key can be given only scopes that the key asking for it has."""

    status, slug = 403, "scope-beyond-caller"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, with the token that is shown this once."""

    key: ApiKey
    token: str


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """What a new key should be: a name for people, its scopes, when it ends, and the person who makes it."""

    name: str
    scopes: Sequence[Scope]
    expires_at: dt.datetime | None = None
    made_by: uuid.UUID | None = None


def create_organisation(
    session: AsyncSession, *, kind: OrganisationKind, name: str, country: str | None, fictional: bool = False
) -> Organisation:
    """Enter an organisation; it has no key yet."""
    organisation = Organisation(
        id=new_uuid(), kind=kind, name=name, country=country, fictional=fictional, created_at=utc_now()
    )
    AccountRepository(session).add_organisation(organisation)
    return organisation


def create_key(session: AsyncSession, keyring: Keyring, organisation: OrganisationId, order: KeyOrder) -> NewKey:
    """Make a key; only the keyed hash of its token is stored."""
    token = new_token(TOKEN_PREFIX)
    key = ApiKey(
        id=new_uuid(),
        organisation_id=organisation,
        made_by_id=order.made_by,
        name=order.name,
        hint=token_hint(token),
        digest=keyring.token_hash(token),
        scopes=list(order.scopes),
        created_at=utc_now(),
        expires_at=order.expires_at,
    )
    AccountRepository(session).add_key(key)
    return NewKey(key, token)


async def create_key_for(session: AsyncSession, keyring: Keyring, caller: Caller, order: KeyOrder) -> NewKey:
    """Make a further key of the caller's organisation. One that a key asks for counts as made by who made that key: so
    it ends with the others that they made.

    Raises:
        ScopeBeyondCaller: a scope is asked for that the caller's own key lacks.
        Unauthenticated: the person who makes it was taken out of the organisation meanwhile.

    """
    if beyond := sorted(set(order.scopes) - caller.scopes):
        raise ScopeBeyondCaller(scopes=beyond)
    accounts = AccountRepository(session)
    if order.made_by is None:
        order = replace(order, made_by=await accounts.maker_of(caller.key_id))
    elif not await accounts.hold_member(caller.organisation_id, order.made_by):
        raise Unauthenticated
    return create_key(session, keyring, caller.organisation_id, order)


async def rotate_key(session: AsyncSession, keyring: Keyring, organisation: Organisation, name: str) -> NewKey:
    """Revoke the keys of this name and make a new one with the default scopes of the organisation's kind."""
    owner = OrganisationId(organisation.id)
    await AccountRepository(session).revoke_keys_named(owner, name, utc_now())
    return create_key(session, keyring, owner, KeyOrder(name, DEFAULT_SCOPES[organisation.kind]))


async def revoke_key(session: AsyncSession, caller: Caller, key_id: ApiKeyId) -> None:
    """End a key of the caller's organisation at once.

    Raises:
        NotFound: no live key of this id belongs to the caller's organisation.

    """
    if not await AccountRepository(session).revoke_key(caller.organisation_id, key_id, utc_now()):
        raise NotFound


async def onboard(
    session: AsyncSession, keyring: Keyring, caller: Caller, *, kind: OrganisationKind, name: str, country: str | None
) -> tuple[Organisation, NewKey]:
    """Enter an organisation with its first key, on behalf of an operator.

    Raises:
        NotFound: the caller is no operator.

    """
    if not caller.is_operator:
        raise NotFound
    organisation = create_organisation(session, kind=kind, name=name, country=country)
    await session.flush()
    order = KeyOrder("first key", DEFAULT_SCOPES[kind])
    return organisation, create_key(session, keyring, OrganisationId(organisation.id), order)


async def organisation_of(session: AsyncSession, caller: Caller) -> Organisation:
    """The caller's own organisation."""
    found = await AccountRepository(session).organisation(caller.organisation_id)
    if found is None:
        raise NotFound
    return found


async def get_organisation(session: AsyncSession, caller: Caller, organisation_id: uuid.UUID) -> Organisation:
    """An organisation that the caller may know of.

    Raises:
        NotFound: there is none, or it is somebody else's and the caller is no operator.

    """
    if not caller.is_operator and organisation_id != caller.organisation_id:
        raise NotFound
    found = await AccountRepository(session).organisation(OrganisationId(organisation_id))
    if found is None:
        raise NotFound
    return found


async def list_organisations(
    session: AsyncSession, caller: Caller, after: uuid.UUID | None, limit: int
) -> Sequence[Organisation]:
    """Organisations by age; for operators only.

    Raises:
        NotFound: the caller is no operator.

    """
    if not caller.is_operator:
        raise NotFound
    return await AccountRepository(session).organisations(after, limit)
