"""Ways in: passwords, links, invitations, the second factor; and how each is held against abuse."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import pyotp
import pytest
import segno
from argon2 import PasswordHasher
from sqlalchemy import select, text

from app.channels.mail.posting import MailPlan
from app.channels.mail.rendering import Post
from app.channels.mail.smtp import MailServer
from app.db.session import unit_of_work
from app.jobs.errors import Retry
from app.jobs.messages import SendMemberLetter
from app.kit.clock import utc_now
from app.kit.errors import Unauthenticated
from app.kit.metrics import Metrics
from app.members import account, links, passwords, second_factor
from app.members.attempts import LINK_BY_ADDRESS, PASSWORD_BY_ADDRESS, SECOND_FACTOR
from app.members.entering import Entered, Refusal, by_password
from app.members.entry_repository import EntryRepository
from app.members.letters import MemberLetters
from app.members.roles import Role
from app.models.entry import Invitation, OneTimeLink
from app.models.person import Person
from tests.app.members.conftest import KEYRING, PASSWORD, Entrance, send, token_of, with_links
from tests.support.mail_server import running_mail_server


async def test_the_password_lets_in_and_nothing_else_does(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail="Nadia@Entrance.example", password=PASSWORD)
    entry = await by_password(entrance.door, " nadia@ENTRANCE.example ", PASSWORD, entrance.browser(), utc_now())
    signed = await entrance.who(entry)
    assert signed is not None
    assert signed.person_id == person.id
    for mail, password in (
        ("nadia@entrance.example", PASSWORD + "!"), ("nobody@entrance.example", PASSWORD), ("nonsense", PASSWORD),
        ("nadia@entrance.example", ""), ("nadia@entrance.example", "\ud800" * 3),
    ):  # fmt: skip
        assert await by_password(entrance.door, mail, password, entrance.browser(), utc_now()) is Refusal.WRONG


async def test_the_session_that_a_browser_came_with_ends_at_sign_in(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    planted = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), utc_now())
    assert isinstance(planted, Entered)
    from dataclasses import replace

    browser = replace(entrance.browser(), digests=KEYRING.token_hashes(planted.token))
    entry = await by_password(entrance.door, mail, PASSWORD, browser, utc_now())
    assert isinstance(entry, Entered)
    assert entry.token != planted.token
    assert await entrance.who(planted) is None
    signed = await entrance.who(entry)
    assert signed is not None
    assert signed.person_id == person.id


async def test_who_tries_too_often_waits_known_or_not_and_others_do_not(entrance: Entrance) -> None:
    mail, now = entrance.address(), utc_now()
    await entrance.person(await entrance.organisation(), mail=mail, password=PASSWORD)
    for address in (mail, entrance.address()):
        answers = [
            await by_password(entrance.door, address, "wrong password", entrance.browser(), now)
            for _ in range(PASSWORD_BY_ADDRESS.most + 1)
        ]
        assert answers == [Refusal.WRONG] * PASSWORD_BY_ADDRESS.most + [Refusal.TOO_OFTEN]
    assert await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now) is Refusal.TOO_OFTEN
    later = now + PASSWORD_BY_ADDRESS.window + dt.timedelta(seconds=1)
    assert isinstance(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), later), Entered)
    browser = entrance.browser()
    tried = [await by_password(entrance.door, entrance.address(), "x" * 12, browser, now) for _ in range(62)]
    assert tried[-1] is Refusal.TOO_OFTEN


@pytest.mark.parametrize(
    ("password", "why"),
    [("court", "short"), ("motdepasse123", "common"), ("aaaaaaaaaaaaaa", "common"), ("x" * 201, "long"),
     ("amina@firm.example", "own"), ("my amina@firm.example", "own")],
)  # fmt: skip
def test_a_password_that_anybody_would_try_is_none(password: str, why: str) -> None:
    with pytest.raises(passwords.UnfitPassword) as refused:
        passwords.checked(password, "amina@firm.example")
    assert refused.value.why == why


async def test_who_was_shut_out_while_a_password_was_hashed_comes_in_by_it_no_more(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    door, browser, now = entrance.door, entrance.browser(), utc_now()
    owner, thief = [await entrance.who(await by_password(door, mail, PASSWORD, browser, now)) for _ in range(2)]
    assert owner is not None
    assert thief is not None
    verified = passwords.verified

    async def meanwhile(stored: str | None, password: str) -> bool:
        right = await verified(stored, password)
        await account.set_password(door, owner, PASSWORD[::-1], browser, now)
        return right

    monkeypatch.setattr("app.members.passwords.verified", meanwhile)
    assert await by_password(door, mail, PASSWORD, browser, now) is Refusal.WRONG
    offer = second_factor.offer(KEYRING, thief.person_id, mail)
    for late in (
        account.set_password(door, thief, "a password of the thief", browser, now),
        second_factor.enable(door, thief, offer.sealed, pyotp.TOTP(offer.secret).at(now), now),
    ):
        with pytest.raises(Unauthenticated):
            await late


async def test_the_first_try_costs_the_same_whether_or_not_anybody_has_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Counting(PasswordHasher):
        done = 0

        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            Counting.done += 1
            return super().hash(password, salt=salt)

    stored, counted = passwords._HASHER.hash(PASSWORD), []
    monkeypatch.setattr(passwords, "_HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    for hashed in (stored, None):
        passwords._hash_of_nobody.cache_clear()
        before = Counting.done
        assert await passwords.verified(hashed, PASSWORD) is (hashed is not None)
        counted.append(Counting.done - before)
    assert counted[0] == counted[1]


async def test_a_password_hashed_with_other_parameters_is_hashed_anew(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    async with unit_of_work(entrance.sessions) as session:
        await session.execute(
            text("UPDATE person SET password_hash = :old WHERE id = :id"), {"old": old, "id": person.id}
        )
    assert isinstance(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), utc_now()), Entered)
    async with unit_of_work(entrance.sessions) as session:
        stored = await session.scalar(select(Person.password_hash).where(Person.id == person.id))
    assert stored != old
    assert isinstance(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), utc_now()), Entered)


async def test_a_link_goes_to_who_has_the_address_and_works_once(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()))
    now = utc_now()
    async with running_mail_server() as box:
        for address in (mail, entrance.address()):  # the second is nobody's: the answer is the same
            asked = links.Asked(address.upper(), "fr", "/matches")
            assert await links.ask_to_sign_in(entrance.door, asked, entrance.browser(), now) is None
        await send(entrance, box)
        assert [one.to for one in with_links(box)] == [mail]
        assert "15 minutes" in with_links(box)[0].part("plain")
        token = token_of(box)
    async with unit_of_work(entrance.sessions) as session:
        for row in (await session.execute(text("SELECT x::text FROM one_time_link AS x"))).scalars():
            assert token not in row
        assert await links.peek(session, KEYRING, token, now) is not None
    tries = await asyncio.gather(*(links.use(entrance.door, token, entrance.browser(), now) for _ in range(3)))
    (entry,) = [one for one in tries if isinstance(one, Entered)]
    assert [one for one in tries if one is not entry] == [Refusal.SPENT, Refusal.SPENT]
    assert entry.next_path == "/matches"
    signed = await entrance.who(entry)
    assert signed is not None
    assert signed.person_id == person.id


async def test_a_link_lapses_and_another_one_spends_it(entrance: Entrance) -> None:
    mail = entrance.address()
    await entrance.person(await entrance.organisation(), mail=mail)
    now, tokens = utc_now(), []
    async with running_mail_server() as box:
        for _ in range(2):
            await links.ask_to_sign_in(entrance.door, links.Asked(mail, "ar"), entrance.browser(), now)
            await send(entrance, box)
            tokens.append(token_of(box))
    late = utc_now() + links.USED_WITHIN
    assert await links.use(entrance.door, tokens[0], entrance.browser(), late) is Refusal.SPENT
    assert isinstance(await links.use(entrance.door, tokens[1], entrance.browser(), now), Entered)
    assert await links.use(entrance.door, tokens[0], entrance.browser(), now) is Refusal.SPENT


async def test_nobody_has_an_address_flooded_with_links(entrance: Entrance) -> None:
    asked, now = links.Asked(entrance.address(), "en"), utc_now()
    answers = [
        await links.ask_to_sign_in(entrance.door, asked, entrance.browser(), now)
        for _ in range(LINK_BY_ADDRESS.most + 1)
    ]
    assert answers == [None] * LINK_BY_ADDRESS.most + [Refusal.TOO_OFTEN]


async def test_a_letter_that_the_server_takes_later_is_sent_again_with_a_link_that_works(entrance: Entrance) -> None:
    mail = entrance.address()
    await entrance.person(await entrance.organisation(), mail=mail)
    await links.ask_to_sign_in(entrance.door, links.Asked(mail, "en"), entrance.browser(), utc_now())
    async with running_mail_server() as box:
        box.recipients.append("450 4.2.0 later")
        with pytest.raises(Retry):
            await send(entrance, box)
        async with unit_of_work(entrance.sessions) as session:
            link = (await session.scalars(select(OneTimeLink).order_by(OneTimeLink.id.desc()))).first()
            assert link is not None
        plan = MailPlan(
            MailServer("127.0.0.1", box.port, "none", "people@safqa.example"),
            Post("people@safqa.example", "https://safqa.example"),
        )
        await MemberLetters(entrance.sessions, utc_now, KEYRING, plan, Metrics()).send(
            SendMemberLetter(kind="link", row_id=link.id)
        )
        token = token_of(box)
    assert isinstance(await links.use(entrance.door, token, entrance.browser(), utc_now()), Entered)


async def test_a_founder_comes_in_by_the_link_and_who_has_an_account_is_told_nothing_on_the_page(
    entrance: Entrance,
) -> None:
    known, new = entrance.address(), entrance.address()
    await entrance.person(await entrance.organisation(), mail=known)
    founder = links.Founder("Zineb", "Jeune pousse de Zineb")
    async with running_mail_server() as box:
        for mail in (known, new):
            asked = links.Asked(mail, "fr")
            assert await links.ask_to_sign_up(entrance.door, asked, founder, entrance.browser(), utc_now()) is None
        await send(entrance, box)
        mine = [one for one in with_links(box) if one.to in {known, new}]
        assert len(mine) == 2
        tokens = {}
        for one in mine:
            found = re.search(r"/sign-in/link/(\w+)", one.part("plain"))
            assert found is not None
            tokens[one.to] = found[1]
    one, two = [await links.use(entrance.door, tokens[mail], entrance.browser(), utc_now()) for mail in (known, new)]
    before, founded = await entrance.who(one), await entrance.who(two)
    assert before is not None
    assert founded is not None
    assert before.organisation == "Commune fictive"
    assert (founded.organisation, founded.role, founded.caller.kind.value) == (
        founder.organisation,
        Role.ADMIN,
        "startup",
    )


async def test_the_second_factor_begins_another_session_and_no_code_works_twice(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    now = utc_now()
    first = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
    other = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
    signed = await entrance.who(first)
    assert signed is not None
    offer = second_factor.offer(KEYRING, person.id, mail)
    totp = pyotp.TOTP(offer.secret)
    assert await second_factor.enable(entrance.door, signed, offer.sealed, "000000x", now) is None
    codes = await second_factor.enable(entrance.door, signed, offer.sealed, totp.at(now), now)
    assert codes is not None
    assert len(set(codes)) == 10
    assert await entrance.who(first) is not None
    assert await entrance.who(other) is None

    half = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
    assert isinstance(half, Entered)
    assert half.half
    assert await entrance.who(half) is None
    waiting = await entrance.waiting(half)
    assert waiting is not None
    replayed = await second_factor.give(entrance.door, waiting, totp.at(now), entrance.browser(), now)
    assert replayed is Refusal.WRONG_CODE
    later = now + dt.timedelta(seconds=30)
    code = f"{totp.at(later)[:3]} {totp.at(later)[3:]}".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    tries = await asyncio.gather(
        *(second_factor.give(entrance.door, waiting, code, entrance.browser(), later) for _ in range(2))
    )
    (whole,) = [one for one in tries if isinstance(one, Entered)]
    assert whole.token != half.token
    assert await entrance.who(whole) is not None
    assert await entrance.waiting(half) is None

    for expected in (Entered, Refusal):
        half = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
        assert isinstance(half, Entered)
        waiting = await entrance.waiting(half)
        assert waiting is not None
        given = await second_factor.give(entrance.door, waiting, codes[3].upper(), entrance.browser(), later)
        assert isinstance(given, expected)
    async with unit_of_work(entrance.sessions) as session:
        assert await second_factor.codes_left(session, person.id) == 9


async def test_codes_are_not_guessed(entrance: Entrance) -> None:
    person = await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    now = utc_now()
    signed = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert signed is not None
    offer = second_factor.offer(KEYRING, person.id, mail)
    totp = pyotp.TOTP(offer.secret)
    assert await second_factor.enable(entrance.door, signed, offer.sealed, totp.at(now), now)
    wrong = next(
        code
        for code in ("123456", "654321")
        if code not in {totp.at(now + n * dt.timedelta(seconds=30)) for n in (-1, 0, 1)}
    )
    for _ in range(SECOND_FACTOR.most):
        half = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now)
        assert isinstance(half, Entered)
        waiting = await entrance.waiting(half)
        assert waiting is not None
        assert await second_factor.give(entrance.door, waiting, wrong, entrance.browser(), now) is Refusal.WRONG_CODE
    later = now + dt.timedelta(seconds=30)
    assert await second_factor.give(
        entrance.door, waiting, totp.at(later), entrance.browser(), later
    ) is Refusal.TOO_OFTEN  # fmt: skip


async def test_an_offer_of_another_person_is_none(entrance: Entrance) -> None:
    organisation = await entrance.organisation()
    one = await entrance.person(organisation, mail=(mail := entrance.address()), password=PASSWORD)
    another = await entrance.person(organisation)
    now = utc_now()
    signed = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    assert signed is not None
    theirs = second_factor.offer(KEYRING, another.id, mail)
    code = pyotp.TOTP(theirs.secret).at(now)
    assert await second_factor.enable(entrance.door, signed, theirs.sealed, code, now) is None
    again = second_factor.offer(KEYRING, one.id, mail, second_factor.offer(KEYRING, one.id, mail).sealed)
    drawn = {
        (int(x) + step, int(y))
        for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", again.qr_path)
        for step in range(int(wide))
    }
    uri = pyotp.TOTP(again.secret).provisioning_uri(name=mail, issuer_name="Safqa")
    matrix = segno.make(uri, error="m", micro=False).matrix
    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert again.qr_size == len(matrix)


async def test_a_new_password_ends_every_session_and_asks_for_proof_later_on(entrance: Entrance) -> None:
    mail = entrance.address()
    await entrance.person(await entrance.organisation(), mail=mail, password=PASSWORD)
    now = utc_now()
    first, other = [await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now) for _ in range(2)]
    signed = await entrance.who(first)
    assert signed is not None
    later = now + account.FRESH + dt.timedelta(seconds=1)
    assert await account.proven(entrance.door, signed, "", now)
    assert not await account.proven(entrance.door, signed, "", later)
    assert not await account.proven(entrance.door, signed, "wrong password", later)
    assert await account.proven(entrance.door, signed, PASSWORD, later)
    token = await account.set_password(entrance.door, signed, PASSWORD[::-1], entrance.browser(), now)
    assert [await entrance.who(one) for one in (first, other)] == [None, None]
    assert await entrance.who(Entered(token, half=False)) is not None
    assert await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now) is Refusal.WRONG
    async with running_mail_server() as box:
        await send(entrance, box)
        (letter,) = [one for one in box.got if one.to == mail]
        assert "https://safqa.example/account" in letter.part("plain")


async def test_what_ended_long_ago_is_forgotten(entrance: Entrance) -> None:
    await entrance.person(await entrance.organisation(), mail=(mail := entrance.address()), password=PASSWORD)
    entry = await by_password(entrance.door, mail, PASSWORD, entrance.browser(), utc_now())
    async with unit_of_work(entrance.sessions) as session:
        await EntryRepository(session).forget(utc_now() - dt.timedelta(days=1))
    assert await entrance.who(entry) is not None
    async with unit_of_work(entrance.sessions) as session:
        await EntryRepository(session).forget(utc_now() + dt.timedelta(days=61))
        for table in (OneTimeLink, Invitation):
            assert (await session.scalars(select(table))).first() is None
    assert await entrance.who(entry) is None
