"""Another address for an account, confirmed by a link that goes there; and the way back, by one to the address before.

The link to the new address works in a browser where its person is signed in: who gets it by a slip of the keyboard
comes in by nothing. The one to the old address works anywhere, for a week: whoever moved the account may have set
another password as well. So it undoes what lets others in: sessions, the password, and what was set up since.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import unit_of_work
from app.kit.crypto import Keyring
from app.kit.i18n import DEFAULT_LANG, Lang
from app.members import addresses
from app.members.attempts import LINK_BY_ADDRESS, LINK_BY_NETWORK, MOVES, within
from app.members.entering import Browser, Door, Entry, Refusal, enter
from app.members.entry_repository import EntryRepository
from app.members.links import Asked, order_link
from app.members.repository import PersonRepository
from app.members.sessions import SignedIn, begin_session, end_other_sessions, require_live
from app.models.entry import LinkPurpose
from app.models.person import Person

TAKEN_BACK_WITHIN: Final = dt.timedelta(days=7)
"""From the sending of the letter to the old address on."""


class NotMoved(StrEnum):
    """Why an account keeps its address: that is none, it is theirs already, it has another account, a provider of
    identities is their only way in, they asked too often, the link does not work (any more).
    """

    ADDRESS = "address"
    SAME = "same"
    TAKEN = "taken"
    PROVIDER = "provider"
    TOO_OFTEN = "too-often"
    SPENT = "spent"


async def ask_to_move(door: Door, who: SignedIn, asked: Asked, browser: Browser, now: dt.datetime) -> NotMoved | None:
    """Have a link sent to a new address, or to the present one if nobody has confirmed it; ``None``: it was taken down.

    Whether they may is for the caller to ask (:func:`app.members.account.proven`). Whether the address has an account
    is not told: the letter is for its owner then, and moves nothing.
    """
    address = addresses.cleaned(asked.mail)
    async with unit_of_work(door.sessions) as session:
        people = PersonRepository(session)
        person = await people.person(who.person_id)
        if person is None or address is None:
            return NotMoved.ADDRESS
        if person.password_hash is None and await people.has_identity(person.id):
            return NotMoved.PROVIDER
        if person.mail_confirmed_at is not None and person.mail_hash in addresses.hashes_of(door.keyring, address):
            return NotMoved.SAME
        allowed = await within(session, door.keyring, LINK_BY_NETWORK, browser.network, now)
        allowed = await within(session, door.keyring, LINK_BY_ADDRESS, address.lower(), now) and allowed
        if not await within(session, door.keyring, MOVES, person.id, now) or not allowed:
            return NotMoved.TOO_OFTEN
        await order_link(session, door.keyring, LinkPurpose.MOVE, asked, now, person_id=person.id)
    return None


async def ask_to_confirm(
    door: Door, who: SignedIn, lang: Lang, browser: Browser, now: dt.datetime
) -> NotMoved | None:  # fmt: skip
    """Have a link sent to the present address. It gives nobody anything whose address it is not: no proof is needed."""
    async with unit_of_work(door.sessions) as session:
        person = await PersonRepository(session).person(who.person_id)
        own = "" if person is None else addresses.unseal(door.keyring, person.id, person.mail)
    return await ask_to_move(door, who, Asked(own, lang), browser, now)


async def shown(session: AsyncSession, keyring: Keyring, token: str, who: SignedIn, now: dt.datetime) -> str | None:
    """The address that a link moves the account of ``who`` to, or confirms; ``None``: it is none of theirs."""
    link = await EntryRepository(session).link(keyring.token_hashes(token), (LinkPurpose.MOVE,), now)
    if link is None or link.person_id != who.person_id:
        return None
    return addresses.unseal(keyring, link.id, link.address)


async def move(door: Door, who: SignedIn, token: str, browser: Browser, now: dt.datetime) -> str | NotMoved:
    """Use a link to a new address; all sessions end, and another begins for this browser: its token.

    Raises:
        Unauthenticated: they were signed out meanwhile.

    """
    digests = door.keyring.token_hashes(token)
    async with unit_of_work(door.sessions) as session:
        people, entries = PersonRepository(session), EntryRepository(session)
        address = await shown(session, door.keyring, token, who, now)
        if address is None:
            return NotMoved.SPENT
        await people.hold(addresses.hash_of(door.keyring, address))
        person = await people.held(who.person_id)
        if person is None or await entries.link(digests, (LinkPurpose.MOVE,), now) is None:
            return NotMoved.SPENT
        await require_live(session, who.session_id)
        holder = await people.by_mail(addresses.hashes_of(door.keyring, address))
        if holder is not None and holder.id != person.id:
            return NotMoved.TAKEN
        await entries.spend_moves(person.id, now)
        await entries.spend_links(addresses.hashes_of(door.keyring, address), now)
        if holder is None and person.mail_confirmed_at is not None:
            before = Asked(addresses.unseal(door.keyring, person.id, person.mail), _lang(person))
            had = person.totp_secret is not None
            await order_link(
                session, door.keyring, LinkPurpose.TAKE_BACK, before, now, person_id=person.id, second_factor=had
            )  # fmt: skip
        await end_other_sessions(session, person.id, None, now)
        await _settle(session, door.keyring, person, address, now)
        return await begin_session(
            session, door.keyring, person.id, who.caller.organisation_id, now,
            second_factor=person.totp_secret is not None, agent=browser.agent,
        )  # fmt: skip


async def may_take_back(session: AsyncSession, keyring: Keyring, token: str, now: dt.datetime) -> bool:
    """Whether a link brings an account back to the address before; looking at it does not use it."""
    link = await EntryRepository(session).link(keyring.token_hashes(token), (LinkPurpose.TAKE_BACK,), now)
    return link is not None


async def take_back(door: Door, token: str, browser: Browser, now: dt.datetime) -> Entry:
    """Bring an account back to the address that it had before, and come in.

    All sessions end, the password is none any more; so are the second factor, if there was none then, and identities
    that were linked since.
    """
    digests, purpose = door.keyring.token_hashes(token), (LinkPurpose.TAKE_BACK,)
    async with unit_of_work(door.sessions) as session:
        people, entries = PersonRepository(session), EntryRepository(session)
        link = await entries.link(digests, purpose, now)
        if link is None or link.person_id is None:
            return Refusal.SPENT
        address = addresses.unseal(door.keyring, link.id, link.address)
        await people.hold(addresses.hash_of(door.keyring, address))
        person = await people.held(link.person_id)
        link = await entries.link(digests, purpose, now)
        if link is None or person is None or person.disabled_at is not None:
            return Refusal.SPENT
        holder = await people.by_mail(addresses.hashes_of(door.keyring, address))
        if holder is not None and holder.id != person.id:
            if holder.mail_confirmed_at is not None or holder.created_at < link.created_at:
                return Refusal.KNOWN
            await people.remove(holder)  # whoever moved the account could else bar the way back by signing up
        await entries.spend_moves(person.id, now, since=link.created_at)
        await end_other_sessions(session, person.id, None, now)
        await people.forget_identities(person.id, link.created_at)
        if not link.second_factor:
            await people.forget_second_factor(person)
        person.password_hash = None
        await _settle(session, door.keyring, person, address, now)
        return await enter(session, door.keyring, person, browser, now)


async def put(session: AsyncSession, keyring: Keyring, person: Person, mail: str, now: dt.datetime) -> NotMoved | None:
    """Give an account another address, or confirm the one it has, on the word of who runs this installation.

    Nothing is sent; sessions end where the address is another one, and no link brings it back.
    """
    address = addresses.cleaned(mail)
    if address is None:
        return NotMoved.ADDRESS
    people = PersonRepository(session)
    await people.hold(addresses.hash_of(keyring, address))
    holder = await people.by_mail(addresses.hashes_of(keyring, address))
    if holder is not None and holder.id != person.id:
        return NotMoved.TAKEN
    await EntryRepository(session).spend_moves(person.id, now, since=person.created_at)
    if holder is None:
        await end_other_sessions(session, person.id, None, now)
    await _settle(session, keyring, person, address, now)
    return None


async def _settle(session: AsyncSession, keyring: Keyring, person: Person, address: str, now: dt.datetime) -> None:
    """The address is this person's, and shown to be. Sessions end before: who comes in locks rows in that order."""
    person.mail = addresses.seal(keyring, person.id, address)
    person.mail_hash = addresses.hash_of(keyring, address)
    person.mail_confirmed_at = now
    await session.flush()
    await PersonRepository(session).settle(person.id)


def _lang(person: Person) -> Lang:
    return cast("Lang", person.lang or DEFAULT_LANG)
