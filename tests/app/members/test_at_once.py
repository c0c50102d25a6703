"""Ways in that are taken in the same moment: one after the other, and nobody meets an error."""

from __future__ import annotations

import asyncio
import re

from sqlalchemy import func, select

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.members import account, invitations, links
from app.members.entering import Entered, Refusal, by_password
from app.members.identities import by_identity
from app.members.provider import Identity
from app.members.roles import Role
from app.members.sessions import SignedIn
from app.models.person import Person, PersonIdentity
from tests.app.members.conftest import KEYRING, PASSWORD, Entrance, send, token_of
from tests.support.mail_server import running_mail_server


async def test_links_of_one_address_used_in_the_same_moment_are_one_way_in(entrance: Entrance) -> None:
    founder, now = links.Founder("Zineb", "Jeune pousse"), utc_now()
    for _ in range(3):
        asked, tokens = links.Asked(entrance.address(), "fr"), []
        async with running_mail_server() as box:
            for _ in range(4):
                assert await links.ask_to_sign_up(entrance.door, asked, founder, entrance.browser(), now) is None
            await send(entrance, box)
            tokens = re.findall(r"/sign-in/link/(\w+)", "\n".join(one.part("plain") for one in box.got))
        assert len(tokens) >= 4
        tries = await asyncio.gather(
            *(links.use(entrance.door, token, entrance.browser(), now) for token in tokens), return_exceptions=True
        )
        assert [one for one in tries if not isinstance(one, Entered)] == [Refusal.SPENT] * (len(tokens) - 1)


async def test_those_who_delete_their_accounts_at_once_do_not_wait_for_each_other(entrance: Entrance) -> None:
    now = utc_now()
    for _ in range(3):
        one, other = [await entrance.organisation(), await entrance.organisation()]
        leaving = []
        for first, second in ((one, other), (other, one)):
            mail = entrance.address()
            await entrance.person(first, mail=mail, password=PASSWORD)
            await entrance.person(second, mail=mail)
            leaving.append(
                await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
            )

        async def leave(who: SignedIn | None) -> str | None:
            assert who is not None
            async with unit_of_work(entrance.sessions) as session:
                return await account.erase(session, KEYRING, who)

        assert None in await asyncio.gather(*map(leave, leaving))


async def test_a_sign_up_an_invitation_and_a_provider_make_one_account_of_an_address(entrance: Entrance) -> None:
    await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    now, wanted = utc_now(), entrance.address()
    admin = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert admin is not None
    asked, founder = links.Asked(wanted, "fr"), links.Founder("Zineb", "Jeune pousse")
    async with unit_of_work(entrance.sessions) as session:
        invited = invitations.Asked(wanted, Role.READER, "fr", by_mail=False)
        made = await invitations.invite(session, KEYRING, admin, invited, now)
    assert isinstance(made, invitations.Invited)
    assert made.token is not None
    async with running_mail_server() as box:
        assert await links.ask_to_sign_up(entrance.door, asked, founder, entrance.browser(), now) is None
        await send(entrance, box)
        token = token_of(box)
    identity = Identity("https://provider.example", f"subject of {wanted}", wanted, "Zineb")
    door, tries = entrance.door, []
    tries = await asyncio.gather(
        links.use(door, token, entrance.browser(), now),
        invitations.accept_as_newcomer(door, made.token, "Zineb", PASSWORD, entrance.browser(), now),
        *(by_identity(door, identity, entrance.browser(), now) for _ in range(3)),
        return_exceptions=True,
    )
    assert not [one for one in tries if isinstance(one, BaseException)]
    async with unit_of_work(entrance.sessions) as session:
        hashed = KEYRING.token_hash(f"person:{wanted}")
        assert await session.scalar(select(func.count()).where(Person.mail_hash == hashed)) == 1
        known = select(func.count()).where(PersonIdentity.subject == identity.subject)
        assert await session.scalar(known) == 1
