"""Letters that somebody gets because others invite them."""

from __future__ import annotations

from sqlalchemy import func, select

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.members.attempts import INVITATIONS_TO_ADDRESS
from app.members.entering import by_password
from app.members.invitations import Asked, Invited, NotInvited, invite
from app.members.roles import Role
from app.members.sessions import SignedIn
from app.models.entry import Invitation
from tests.app.members.conftest import KEYRING, PASSWORD, Entrance


async def _admin(entrance: Entrance) -> SignedIn:
    await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    found = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), utc_now()))
    assert found is not None
    return found


async def test_nobody_is_flooded_and_the_last_invitation_goes_on_working(entrance: Entrance) -> None:
    admins, mail, now = [await _admin(entrance), await _admin(entrance)], entrance.address(), utc_now()
    made = []
    for number in range(INVITATIONS_TO_ADDRESS.most + 2):
        async with unit_of_work(entrance.sessions) as session:
            asked = Asked(mail.upper() if number % 3 else mail, Role.MEMBER, "fr", by_mail=True)
            made.append(await invite(session, KEYRING, admins[number % 2], asked, now))
    assert [isinstance(one, Invited) for one in made] == [True] * INVITATIONS_TO_ADDRESS.most + [False] * 2
    assert made[-2:] == [NotInvited.TOO_MANY] * 2
    owners = [admin.caller.organisation_id for admin in admins]
    open_ones = select(func.count()).where(Invitation.organisation_id.in_(owners), Invitation.revoked_at.is_(None))
    async with unit_of_work(entrance.sessions) as session:
        assert await session.scalar(open_ones) == 2
