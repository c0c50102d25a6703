"""What becomes of sessions, and of guessing, when a second factor is set up or done without."""

from __future__ import annotations

import datetime as dt

import pyotp

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.members import second_factor
from app.members.attempts import SECOND_FACTOR, SECOND_FACTOR_A_DAY
from app.members.entering import Entered, Refusal, by_password
from tests.app.members.conftest import KEYRING, PASSWORD, Entrance, send
from tests.support.mail_server import running_mail_server


async def test_who_never_gave_the_factor_is_not_let_in_by_its_end(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    now = utc_now()
    signed = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert signed is not None
    offer = second_factor.offer(KEYRING, person.id, mail)
    assert await second_factor.enable(entrance.door, signed, offer.sealed, pyotp.TOTP(offer.secret).at(now), now)
    half = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
    assert isinstance(half, Entered)
    assert await entrance.waiting(half)
    async with unit_of_work(entrance.sessions) as session:
        await second_factor.disable(session, person.id, signed.session_id, now)
    assert await entrance.who(half) is None


async def test_new_recovery_codes_are_told_to_whom_they_let_in(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()))
    async with unit_of_work(entrance.sessions) as session:
        codes = await second_factor.new_recovery_codes(session, KEYRING, person.id)
    async with running_mail_server() as box:
        await send(entrance, box)
        (letter,) = [one for one in box.got if one.to == mail]
    assert "https://safqa.example/account" in letter.part("plain")
    assert not any(code in letter.part("plain") for code in codes)


async def test_patience_guesses_no_code_either(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    now = utc_now()
    signed = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert signed is not None
    offer = second_factor.offer(KEYRING, person.id, mail)
    assert await second_factor.enable(entrance.door, signed, offer.sealed, pyotp.TOTP(offer.secret).at(now), now)
    half = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
    assert isinstance(half, Entered)
    waiting = await entrance.waiting(half)
    assert waiting is not None
    counted: list[object] = []
    while len(counted) <= SECOND_FACTOR_A_DAY.most:
        at = now + (len(counted) // SECOND_FACTOR.most) * (SECOND_FACTOR.window + dt.timedelta(seconds=1))
        counted.append(await second_factor.give(entrance.door, waiting, "no code", entrance.browser(), at))
    assert counted == [Refusal.WRONG_CODE] * SECOND_FACTOR_A_DAY.most + [Refusal.TOO_OFTEN]
