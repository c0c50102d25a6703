"""Coming in with an identity that a provider vouches for."""

from __future__ import annotations

import datetime as dt
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import unit_of_work
from app.kit.i18n import Lang
from app.kit.ids import OrganisationId
from app.members import addresses
from app.members.attempts import PROVIDER_BY_NETWORK, PROVIDER_BY_SUBJECT, forgive, within
from app.members.entering import Browser, Door, Entry, Refusal, confirm_address, enter
from app.members.entry_repository import EntryRepository
from app.members.provider import Identity
from app.members.repository import PersonRepository
from app.members.service import join, new_person
from app.models.person import Person, PersonIdentity


async def may_try(door: Door, browser: Browser, now: dt.datetime) -> bool:
    """Count a way to the provider or back, whatever becomes of it; whether this network may still try."""
    async with unit_of_work(door.sessions) as session:
        return await within(session, door.keyring, PROVIDER_BY_NETWORK, browser.network, now)


async def by_identity(door: Door, identity: Identity, browser: Browser, now: dt.datetime) -> Entry:
    """Come in as the person whom the provider's subject is linked to.

    One who is not linked yet is by the address that the provider has verified: to the account of that address, or to a
    new one where an invitation waits for it. Who is refused is counted, as wrong passwords are.
    """
    whose = f"{identity.issuer} {identity.subject}"
    async with unit_of_work(door.sessions) as session:
        if not await within(session, door.keyring, PROVIDER_BY_SUBJECT, whose, now):
            return Refusal.TOO_OFTEN
        person = await PersonRepository(session).by_identity(identity.issuer, identity.subject)
        if person is None:
            person = await _linked(session, door, identity, now)
        if person is None:
            return Refusal.UNKNOWN
        await forgive(session, door.keyring, PROVIDER_BY_SUBJECT, whose)
        return await enter(session, door.keyring, person, browser, now)


async def _linked(session: AsyncSession, door: Door, identity: Identity, now: dt.datetime) -> Person | None:
    address = addresses.cleaned(identity.mail or "")
    if address is None:
        return None
    people, hashes = PersonRepository(session), addresses.hashes_of(door.keyring, address)
    await people.hold(addresses.hash_of(door.keyring, address))
    if (linked := await people.by_identity(identity.issuer, identity.subject)) is not None:
        return linked  # just now, by the same answer of the provider
    person = await people.by_mail(hashes) or await _invited(session, door, identity, address, now)
    if person is None or person.disabled_at is not None:
        return None
    await confirm_address(session, person, now)
    session.add(PersonIdentity(issuer=identity.issuer, subject=identity.subject, person_id=person.id, created_at=now))
    await session.flush()
    return person


async def _invited(
    session: AsyncSession, door: Door, identity: Identity, address: str, now: dt.datetime
) -> Person | None:
    """A new account for an address that was invited; further invitations wait to be accepted."""
    waiting = await EntryRepository(session).invitations_for(addresses.hashes_of(door.keyring, address), now)
    if not waiting:
        return None
    first = waiting[0]
    name = identity.name or address.partition("@")[0]
    person = new_person(door.keyring, address, name, cast("Lang", first.lang), now)
    PersonRepository(session).add(person)
    await session.flush()
    first.accepted_at = now
    await join(session, person.id, OrganisationId(first.organisation_id), first.role, now)
    return person
