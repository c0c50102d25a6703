"""Open sign-up: nobody is told whose address has an account, and who squats on one leaves nothing behind."""

from __future__ import annotations

import asyncio

import pyotp
from sqlalchemy import func, select

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.members import account, links, moving, second_factor
from app.members.attempts import LINK_BY_ADDRESS
from app.members.entering import Entered, Refusal, by_password
from app.members.roles import LASTING, Role
from app.members.service import enrol
from app.models.person import Person
from tests.app.members.conftest import KEYRING, PASSWORD, Entrance, send, token_of
from tests.support.mail_server import running_mail_server

FOUNDER = links.Founder("Zineb", "Jeune pousse de Zineb")


async def _sign_up(entrance: Entrance, mail: str) -> Refusal | None:
    return await links.sign_up(
        entrance.door, links.Asked(mail, "fr"), FOUNDER, PASSWORD, entrance.browser(), utc_now()
    )  # fmt: skip


async def test_an_address_is_not_told_to_have_an_account_but_its_owner_is(entrance: Entrance) -> None:
    known, new = entrance.address(), entrance.address()
    await entrance.person(await entrance.organisation(), mail=known, password="the password of its owner")
    assert [await _sign_up(entrance, mail) for mail in (known, new)] == [None, None]
    async with running_mail_server() as box:
        await send(entrance, box)
        told = {one.to: one.part("plain") for one in box.got}
    assert "/sign-in/link/" in told[known]
    assert "/account/address/" in told[new]
    assert await by_password(entrance.door, known, PASSWORD, entrance.browser(), utc_now()) is Refusal.WRONG
    assert isinstance(await by_password(entrance.door, new, PASSWORD, entrance.browser(), utc_now()), Entered)
    for mail in (known, new):
        answers = [await _sign_up(entrance, mail) for _ in range(LINK_BY_ADDRESS.most)]
        assert answers == [None] * (LINK_BY_ADDRESS.most - 1) + [Refusal.TOO_OFTEN]


async def test_those_who_sign_up_with_one_address_at_once_are_one(entrance: Entrance) -> None:
    mail = entrance.address()
    assert await asyncio.gather(*(_sign_up(entrance, mail) for _ in range(4))) == [None] * 4
    async with unit_of_work(entrance.sessions) as session:
        hashed = KEYRING.token_hash(f"person:{mail}")
        assert await session.scalar(select(func.count()).where(Person.mail_hash == hashed)) == 1


async def test_who_confirms_the_address_while_signed_in_keeps_what_they_set_up_and_may_do_all(
    entrance: Entrance,
) -> None:
    mail, now = entrance.address(), utc_now()
    await _sign_up(entrance, mail)
    who = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert who is not None
    assert (who.role, who.provisional, LASTING & who.caller.scopes) == (Role.ADMIN, True, set())
    async with running_mail_server() as box:
        await send(entrance, box)
        token = token_of(box)
    other = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert other is not None
    session_token = await moving.move(entrance.door, who, token, entrance.browser(), now)
    assert not isinstance(session_token, moving.NotMoved)
    confirmed = await entrance.who(Entered(session_token, half=False))
    assert confirmed is not None
    assert (confirmed.provisional, confirmed.caller.scopes >= LASTING) == (False, True)
    assert isinstance(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now), Entered)


async def test_a_squatter_leaves_no_way_in_behind(entrance: Entrance) -> None:
    mail, elsewhere, now = entrance.address(), entrance.address(), utc_now()
    await _sign_up(entrance, mail)
    squatter = await entrance.who(entry := await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert squatter is not None
    offer = second_factor.offer(KEYRING, squatter.person_id, mail)
    assert await second_factor.enable(entrance.door, squatter, offer.sealed, pyotp.TOTP(offer.secret).at(now), now)
    asked = links.Asked(elsewhere, "fr")
    assert await moving.ask_to_move(entrance.door, squatter, asked, entrance.browser(), now) is None
    async with running_mail_server() as box:
        await send(entrance, box)
        away = token_of(box)
        await links.ask_to_sign_in(entrance.door, links.Asked(mail, "fr"), entrance.browser(), now)
        await send(entrance, box)
        owner = await entrance.who(await links.use(entrance.door, token_of(box), entrance.browser(), now))
    assert owner is not None
    assert (owner.person_id, owner.provisional) == (squatter.person_id, False)
    assert await entrance.who(entry) is None
    assert await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now) is Refusal.WRONG
    assert await moving.move(entrance.door, squatter, away, entrance.browser(), now) is moving.NotMoved.SPENT
    async with unit_of_work(entrance.sessions) as session:
        assert await second_factor.codes_left(session, owner.person_id) == 0
        assert not (await account.account_of(session, KEYRING, owner, now)).has_password


async def test_who_is_entered_by_the_operator_shares_nothing_with_whoever_squatted_on_the_address(
    entrance: Entrance,
) -> None:
    mail, now = entrance.address(), utc_now()
    await _sign_up(entrance, mail)
    squatter = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
    assert await entrance.who(squatter) is not None
    organisation = await entrance.organisation()
    async with unit_of_work(entrance.sessions) as session:
        await enrol(
            session, KEYRING, mail=mail, name="Salma", lang=None, organisation=organisation, role=Role.ADMIN,
            password=None, now=now,
        )  # fmt: skip
    assert await entrance.who(squatter) is None
    assert await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now) is Refusal.WRONG
