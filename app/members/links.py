"""One-time links: asked for with an address, sent there, used once by the press of a button.

Asking does the same whether or not anybody has the address: a row is written and a letter queued. Who it goes to, and
whether it goes at all, is found out when it is sent, and so is its token made. A link is used by POST only: mail
scanners follow links.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.service import create_organisation
from app.db.session import unit_of_work
from app.jobs.messages import SendMemberLetter
from app.jobs.queue import enqueue
from app.kit.crypto import Keyring, new_token
from app.kit.i18n import Lang
from app.kit.ids import OrganisationId, new_uuid
from app.members import addresses, passwords
from app.members.attempts import LINK_BY_ADDRESS, LINK_BY_NETWORK, SIGN_UP_BY_NETWORK, within
from app.members.entering import Browser, Door, Entered, Entry, Refusal, confirm_address, enter
from app.members.entry_repository import WAYS_IN, EntryRepository
from app.members.repository import PersonRepository
from app.members.roles import Role
from app.members.service import join, new_person
from app.models.entry import LinkPurpose, OneTimeLink
from app.models.organisation import OrganisationKind
from app.models.person import Person

TOKEN_PREFIX: Final = "sfl"  # noqa: S105 (the visible start of a token, for secret scanners)
USED_WITHIN: Final = dt.timedelta(minutes=15)
"""From the sending of a link on."""
SENT_WITHIN: Final = dt.timedelta(hours=1)
"""What can't be sent for so long isn't waited for any more."""
_LONGEST_PATH = 2_000


@dataclass(frozen=True, slots=True)
class Founder:
    """What whoever signs up tells: a name, and that of the startup."""

    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants a link: an address, the language to write in, and where the link is to lead."""

    mail: str
    lang: Lang
    next_path: str | None = None


async def ask_to_sign_in(door: Door, asked: Asked, browser: Browser, now: dt.datetime) -> Refusal | None:
    """Have a link sent to whoever has the address; ``None``: it was taken down, whether or not anybody has."""
    return await _ask(door, asked, None, browser, now)


async def ask_to_sign_up(
    door: Door, asked: Asked, founder: Founder, browser: Browser, now: dt.datetime
) -> Refusal | None:
    """Have a link sent that enters a startup; to whom the address is known already, one that signs in."""
    return await _ask(door, asked, founder, browser, now)


async def _ask(door: Door, asked: Asked, founder: Founder | None, browser: Browser, now: dt.datetime) -> Refusal | None:
    address = addresses.cleaned(asked.mail)
    async with unit_of_work(door.sessions) as session:
        by_network = LINK_BY_NETWORK if founder is None else SIGN_UP_BY_NETWORK
        allowed = await within(session, door.keyring, by_network, browser.network, now)
        allowed = await within(session, door.keyring, LINK_BY_ADDRESS, (address or "").lower(), now) and allowed
        if address is None:
            return Refusal.NO_ADDRESS
        if not allowed:
            return Refusal.TOO_OFTEN
        if founder is None:
            await order_link(session, door.keyring, LinkPurpose.SIGN_IN, asked, now)
        else:
            told = {"name": founder.name, "organisation": founder.organisation}
            await order_link(session, door.keyring, LinkPurpose.SIGN_UP, asked, now, **told)
    return None


async def order_link(
    session: AsyncSession, keyring: Keyring, purpose: LinkPurpose, asked: Asked, now: dt.datetime,
    **told: str | uuid.UUID | bool,
) -> None:  # fmt: skip
    """Take a link down and queue its letter. ``told``: what links of this purpose know beside (see the row)."""
    link_id, address = new_uuid(), addresses.cleaned(asked.mail) or ""
    EntryRepository(session).add(
        OneTimeLink(
            id=link_id,
            purpose=purpose,
            address=addresses.seal(keyring, link_id, address),
            address_hash=addresses.hash_of(keyring, address),
            lang=asked.lang,
            next_path=asked.next_path if asked.next_path and len(asked.next_path) <= _LONGEST_PATH else None,
            created_at=now,
            expires_at=now + SENT_WITHIN,
            **told,
        )
    )
    await session.flush()
    await enqueue(session, SendMemberLetter(kind="link", row_id=link_id))


async def sign_up(
    door: Door, asked: Asked, founder: Founder, password: str, browser: Browser, now: dt.datetime
) -> Refusal | None:  # fmt: skip
    """Enter a startup at once, its address unconfirmed: for installations whose operator allows it.

    Whether the address has an account already is not told: nobody is signed in, and a letter is queued in either case,
    one that confirms the address or one that says that there is an account.

    Raises:
        UnfitPassword: the password can't be one.

    """
    address = addresses.cleaned(asked.mail)
    if address is None:
        return Refusal.NO_ADDRESS
    password = passwords.checked(password, address)
    async with unit_of_work(door.sessions) as session:
        allowed = await within(session, door.keyring, SIGN_UP_BY_NETWORK, browser.network, now)
        allowed = await within(session, door.keyring, LINK_BY_ADDRESS, address.lower(), now) and allowed
    if not allowed:
        return Refusal.TOO_OFTEN
    hashed = await passwords.hashed(password)
    async with unit_of_work(door.sessions) as session:
        people = PersonRepository(session)
        await people.hold(addresses.hash_of(door.keyring, address))
        if await people.by_mail(addresses.hashes_of(door.keyring, address)) is not None:
            told = {"name": founder.name, "organisation": founder.organisation}
            await order_link(session, door.keyring, LinkPurpose.SIGN_UP, asked, now, **told)
            return None
        person = await _found(session, door.keyring, address, asked.lang, founder, now, provisional=True)
        person.password_hash = hashed
        await order_link(session, door.keyring, LinkPurpose.MOVE, asked, now, person_id=person.id)
    return None


async def peek(session: AsyncSession, keyring: Keyring, token: str, now: dt.datetime) -> OneTimeLink | None:
    """The link of a token, if one still comes in by it; looking at it does not use it."""
    return await EntryRepository(session).link(keyring.token_hashes(token), WAYS_IN, now)


async def use(door: Door, token: str, browser: Browser, now: dt.datetime) -> Entry:
    """Come in by a link; it and every other one of the address is spent."""
    async with unit_of_work(door.sessions) as session:
        entries, people, digests = EntryRepository(session), PersonRepository(session), door.keyring.token_hashes(token)
        link = await entries.link(digests, WAYS_IN, now)
        if link is None:
            return Refusal.SPENT
        address = addresses.unseal(door.keyring, link.id, link.address)
        await people.hold(addresses.hash_of(door.keyring, address))
        if (link := await entries.link(digests, WAYS_IN, now)) is None:  # another one was used meanwhile
            return Refusal.SPENT
        hashes = addresses.hashes_of(door.keyring, address)
        await entries.spend_links(hashes, now)
        person = await people.by_mail(hashes)
        if person is None:
            if link.purpose is not LinkPurpose.SIGN_UP or link.name is None or link.organisation is None:
                return Refusal.SPENT
            founder = Founder(link.name, link.organisation)
            person = await _found(session, door.keyring, address, _lang(link), founder, now)
        if not link.handed:
            await confirm_address(session, person, now)
        entry = await enter(session, door.keyring, person, browser, now)
    if isinstance(entry, Entered):
        return Entered(entry.token, entry.half, link.next_path)
    return entry


async def hand_over(session: AsyncSession, keyring: Keyring, person: Person, lang: Lang, now: dt.datetime) -> str:
    """The token of a link for a person, for whoever runs the installation to pass on."""
    token, link_id = new_token(TOKEN_PREFIX), new_uuid()
    address = addresses.unseal(keyring, person.id, person.mail)
    EntryRepository(session).add(
        OneTimeLink(
            id=link_id,
            purpose=LinkPurpose.SIGN_IN,
            address=addresses.seal(keyring, link_id, address),
            address_hash=addresses.hash_of(keyring, address),
            lang=lang,
            digest=keyring.token_hash(token),
            handed=True,
            created_at=now,
            expires_at=now + USED_WITHIN,
        )
    )
    await session.flush()
    return token


async def _found(  # noqa: PLR0913 (a startup and its founder)
    session: AsyncSession, keyring: Keyring, address: str, lang: Lang, founder: Founder, now: dt.datetime, *,
    provisional: bool = False,
) -> Person:  # fmt: skip
    """A startup with the person who founds it; ``provisional``: nobody has confirmed the address."""
    organisation = create_organisation(session, kind=OrganisationKind.STARTUP, name=founder.organisation, country=None)
    person = new_person(keyring, address, founder.name, lang, now)
    PersonRepository(session).add(person)
    await session.flush()
    await join(session, person.id, OrganisationId(organisation.id), Role.ADMIN, now, provisional=provisional)
    return person


def _lang(link: OneTimeLink) -> Lang:
    return "ar" if link.lang == "ar" else "fr" if link.lang == "fr" else "en"
