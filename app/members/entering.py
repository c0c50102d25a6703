"""Coming in: by a password, and what every way in ends with.

No connection to the database is held while a password is hashed: whoever tries many at once would take them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import Sessions, unit_of_work
from app.kit.crypto import Keyring
from app.kit.ids import OrganisationId
from app.members import addresses, passwords
from app.members.attempts import PASSWORD_BY_ADDRESS, PASSWORD_BY_NETWORK, forgive, within
from app.members.entry_repository import EntryRepository
from app.members.repository import PersonRepository
from app.members.sessions import begin_session, end_other_sessions, end_presented
from app.models.person import Person


class Refusal(StrEnum):
    """Why nobody came in: address or password is wrong; that is no address; the code is wrong; tried too often; a
    member of no organisation; a link that is used, too old or none; the address has an account; no mail is sent here;
    the provider of identities failed, or vouches for somebody whom nobody knows here.
    """

    WRONG = "wrong"
    NO_ADDRESS = "no-address"
    WRONG_CODE = "wrong-code"
    TOO_OFTEN = "too-often"
    NOWHERE = "nowhere"
    SPENT = "spent"
    KNOWN = "known"
    NO_MAIL = "no-mail"
    PROVIDER = "provider"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Browser:
    """What comes in. ``digests``: the keyed hashes of the session's token that it had before, which ends."""

    network: str
    agent: str | None = None
    digests: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """A session has begun. ``half``: nobody is signed in before a second factor is given."""

    token: str
    half: bool
    next_path: str | None = None


Entry: TypeAlias = Entered | Refusal


@dataclass(frozen=True, slots=True)
class Door:
    """What the ways in need."""

    sessions: Sessions
    keyring: Keyring


async def by_password(door: Door, mail: str, password: str, browser: Browser, now: dt.datetime) -> Entry:
    """Come in with address and password. Takes as long for addresses that nobody has."""
    address = addresses.cleaned(mail) or ""
    person: Person | None = None
    async with unit_of_work(door.sessions) as session:
        allowed = await within(session, door.keyring, PASSWORD_BY_NETWORK, browser.network, now)
        allowed = await within(session, door.keyring, PASSWORD_BY_ADDRESS, address.lower(), now) and allowed
        if allowed:
            person = await PersonRepository(session).by_mail(addresses.hashes_of(door.keyring, address))
    if not allowed:
        return Refusal.TOO_OFTEN
    stored = person.password_hash if person is not None and person.disabled_at is None else None
    if not await passwords.verified(stored, password) or person is None or stored is None:
        return Refusal.WRONG
    renewed = await passwords.hashed(password) if passwords.outdated(stored) else None
    async with unit_of_work(door.sessions) as session:
        people = PersonRepository(session)
        person = await people.held(person.id)
        if person is None or person.password_hash != stored:  # changed while it was hashed: others are shut out by now
            return Refusal.WRONG
        if renewed is not None:
            await people.renew_password(person.id, stored, renewed)
        await forgive(session, door.keyring, PASSWORD_BY_ADDRESS, address.lower())
        return await enter(session, door.keyring, person, browser, now)


async def enter(session: AsyncSession, keyring: Keyring, person: Person, browser: Browser, now: dt.datetime) -> Entry:
    """Sign in a person who has shown who they are, into the organisation where they were last."""
    if person.disabled_at is not None:
        return Refusal.WRONG
    where = await PersonRepository(session).last_organisation(person.id)
    if where is None:
        return Refusal.NOWHERE
    await end_presented(session, browser.digests, now)
    token = await begin_session(
        session, keyring, person.id, OrganisationId(where), now, second_factor=False, agent=browser.agent
    )
    return Entered(token, half=person.totp_secret is not None)


async def confirm_address(session: AsyncSession, person: Person, now: dt.datetime) -> None:
    """Note that an address is this person's own. Whoever entered it before without showing so is shut out."""
    if person.mail_confirmed_at is not None:
        return
    people = PersonRepository(session)
    person.mail_confirmed_at, person.password_hash = now, None
    await people.forget_second_factor(person)
    await people.settle(person.id)
    await EntryRepository(session).spend_moves(person.id, now)
    await end_other_sessions(session, person.id, None, now)
