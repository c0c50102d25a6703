"""Who belongs to an organisation: invitations, roles, leaving."""

from __future__ import annotations

import asyncio

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.members import belonging, invitations
from app.members.addresses import unseal
from app.members.entering import Entered, Refusal, by_password
from app.members.roles import Role
from tests.app.members.conftest import KEYRING, PASSWORD, Entrance, send, token_of, with_links
from tests.support.mail_server import running_mail_server


async def test_an_invitation_makes_a_member_once_and_can_be_taken_back(entrance: Entrance) -> None:
    organisation = await entrance.organisation("Office fictif")
    await entrance.person(organisation, mail=(mail := entrance.address()), password=PASSWORD)
    now = utc_now()
    admin = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert admin is not None
    tokens = []
    async with running_mail_server() as box:
        for invited in (entrance.address(), entrance.address()):
            async with unit_of_work(entrance.sessions) as session:
                asked = invitations.Asked(invited, Role.READER, "ar", by_mail=True)
                made = await invitations.invite(session, KEYRING, admin, asked, now)
            assert isinstance(made, invitations.Invited)
            assert made.token is None
            await send(entrance, box)
            tokens.append(token_of(box))
            last = made.id
        assert "Office fictif" in str(with_links(box)[0].message["Subject"])
    async with unit_of_work(entrance.sessions) as session:
        assert len(await belonging.pending(session, KEYRING, admin, now)) == 2
        assert await invitations.revoke(session, admin, last, now)
    door, browser = entrance.door, entrance.browser()
    assert await invitations.accept_as_newcomer(door, tokens[1], "Taken back", None, browser, now) is Refusal.SPENT
    tries = await asyncio.gather(
        *(invitations.accept_as_newcomer(door, tokens[0], "New", PASSWORD, browser, now) for _ in range(2))
    )
    (entry,) = [one for one in tries if isinstance(one, Entered)]
    newcomer = await entrance.who(entry)
    assert newcomer is not None
    assert (newcomer.organisation, newcomer.role) == ("Office fictif", Role.READER)
    lapsed = now + invitations.ACCEPTED_WITHIN
    assert await invitations.accept_as_newcomer(door, tokens[0], "Late", None, browser, lapsed) is Refusal.SPENT


async def test_an_invitation_never_opens_an_account_that_there_is(entrance: Entrance) -> None:
    inviting, other = await entrance.organisation("A"), await entrance.organisation("B")
    await entrance.person(inviting, mail=(mail := entrance.address()), password=PASSWORD)
    await entrance.person(other, mail=(victim := entrance.address()), password=PASSWORD)
    now, door = utc_now(), entrance.door
    admin = await entrance.who(await by_password(door, mail, PASSWORD, entrance.browser(), now))
    theirs = await entrance.who(await by_password(door, victim, PASSWORD, entrance.browser(), now))
    assert admin is not None
    assert theirs is not None
    async with unit_of_work(entrance.sessions) as session:
        asked = invitations.Asked(victim.upper(), Role.ADMIN, "fr", by_mail=False)
        made = await invitations.invite(session, KEYRING, admin, asked, now)
        assert isinstance(made, invitations.Invited)
        assert made.token is not None
        shown = await invitations.show(session, KEYRING, made.token, admin, now)
        assert shown is not None
        assert (shown.known, shown.theirs) == (True, False)
    assert await invitations.accept_as_newcomer(
        door, made.token, "Thief", PASSWORD, entrance.browser(), now
    ) is Refusal.KNOWN  # fmt: skip
    assert await invitations.accept_as_member(door, made.token, admin, now) is None
    assert await invitations.accept_as_member(door, made.token, theirs, now) == inviting
    assert await invitations.accept_as_member(door, made.token, theirs, now) is None
    async with unit_of_work(entrance.sessions) as session:
        assert {one.name for one in await belonging.organisations(session, theirs)} == {"A", "B"}
        again = invitations.Asked(victim, Role.READER, "fr", by_mail=False)
        assert await invitations.invite(session, KEYRING, admin, again, now) is invitations.NotInvited.MEMBER


async def test_who_leaves_takes_the_invitations_along_that_they_wrote(entrance: Entrance) -> None:
    organisation, now = await entrance.organisation(), utc_now()
    people = [await entrance.person(organisation, mail=entrance.address(), password=PASSWORD) for _ in range(3)]
    written, admins = [], []
    for person in people:
        mail = unseal(KEYRING, person.id, person.mail)
        who = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
        assert who is not None
        admins.append(who)
        async with unit_of_work(entrance.sessions) as session:
            asked = invitations.Asked(entrance.address(), Role.ADMIN, "fr", by_mail=False)
            made = await invitations.invite(session, KEYRING, who, asked, now)
        assert isinstance(made, invitations.Invited)
        written.append(made.token or "")
    async with unit_of_work(entrance.sessions) as session:
        assert await belonging.remove(session, admins[0], people[1].id, now) is None
        assert await belonging.change_role(session, admins[0], people[2].id, Role.MEMBER, now) is None
        shown = [await invitations.show(session, KEYRING, token, None, now) for token in written]
    assert [one is not None for one in shown] == [True, False, False]


async def test_who_was_demoted_meanwhile_decides_on_nobody_any_more(entrance: Entrance) -> None:
    organisation, now = await entrance.organisation(), utc_now()
    people = [await entrance.person(organisation, mail=entrance.address(), password=PASSWORD) for _ in range(3)]
    mail = unseal(KEYRING, people[0].id, people[0].mail)
    who = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert who is not None
    async with unit_of_work(entrance.sessions) as session:
        assert await belonging.change_role(session, who, people[0].id, Role.READER, now) is None
    async with unit_of_work(entrance.sessions) as session:  # a request of theirs that had begun before
        nobody = belonging.NotDone.NOBODY
        assert await belonging.change_role(session, who, people[0].id, Role.ADMIN, now) is nobody
        assert await belonging.remove(session, who, people[1].id, now) is nobody


async def test_the_last_admin_stays_one_even_if_two_remove_each_other(entrance: Entrance) -> None:
    organisation = await entrance.organisation()
    people = [await entrance.person(organisation, mail=entrance.address(), password=PASSWORD) for _ in range(2)]
    stranger = await entrance.person(await entrance.organisation())
    now = utc_now()
    admins = []
    for person in people:
        mail = unseal(KEYRING, person.id, person.mail)
        who = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
        assert who is not None
        admins.append(who)

    async def remove(who: int, whom: int) -> belonging.NotDone | None:
        async with unit_of_work(entrance.sessions) as session:
            return await belonging.remove(session, admins[who], people[whom].id, now)

    async with unit_of_work(entrance.sessions) as session:
        assert await belonging.remove(session, admins[0], stranger.id, now) is belonging.NotDone.NOBODY
        assert (
            await belonging.change_role(session, admins[0], stranger.id, Role.READER, now) is belonging.NotDone.NOBODY
        )
    done = await asyncio.gather(remove(0, 1), remove(1, 0))
    assert sorted(done, key=str) == [None, belonging.NotDone.LAST_ADMIN]
    left = 0 if done[0] is None else 1
    async with unit_of_work(entrance.sessions) as session:
        shown = await belonging.members(session, KEYRING, admins[left])
        assert [one.person_id for one in shown] == [people[left].id]
        assert await belonging.change_role(
            session, admins[left], people[left].id, Role.READER
        , now) is belonging.NotDone.LAST_ADMIN  # fmt: skip
