"""Another address for an account, and the way back; what whoever took it over can't keep."""

from __future__ import annotations

import pyotp
import pytest

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.members import links, moving, second_factor
from app.members.attempts import MOVES
from app.members.entering import Entered, Refusal, by_password
from app.members.identities import by_identity
from app.members.moving import NotMoved
from app.members.provider import Identity
from app.members.sessions import SignedIn
from tests.app.members.conftest import KEYRING, PASSWORD, Entrance, send, token_of
from tests.support.mail_server import MailBox, running_mail_server


async def _ask(entrance: Entrance, who: SignedIn, mail: str) -> NotMoved | None:
    return await moving.ask_to_move(entrance.door, who, links.Asked(mail, "fr"), entrance.browser(), utc_now())


async def _move(entrance: Entrance, box: MailBox, who: SignedIn, mail: str) -> SignedIn:
    """The account is moved, and the letters of that are sent: the last one is that to the address before."""
    assert await _ask(entrance, who, mail) is None
    await send(entrance, box)
    moved = await moving.move(entrance.door, who, token_of(box), entrance.browser(), utc_now())
    assert not isinstance(moved, NotMoved)
    await send(entrance, box)
    now_in = await entrance.who(Entered(moved, half=False))
    assert now_in is not None
    return now_in


async def _in(entrance: Entrance, mail: str) -> SignedIn:
    await entrance.person(await entrance.organisation(), mail=mail, password=PASSWORD)
    who = await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), utc_now()))
    assert who is not None
    return who


async def test_who_took_an_account_over_keeps_no_way_in_and_none_to_bar_its_owner(entrance: Entrance) -> None:
    mail, theirs, further, now = entrance.address(), entrance.address(), entrance.address(), utc_now()
    door, browser = entrance.door, entrance.browser()
    thief = await _in(entrance, mail)
    async with running_mail_server() as box:
        thief = await _move(entrance, box, thief, theirs)
        owners = token_of(box)
        identity = Identity("https://provider.example", f"subject of {theirs}", theirs, "Thief")
        assert isinstance(await by_identity(door, identity, browser, utc_now()), Entered)
        offer = second_factor.offer(KEYRING, thief.person_id, theirs)
        assert await second_factor.enable(door, thief, offer.sealed, pyotp.TOTP(offer.secret).at(now), now)
        thief = await _move(entrance, box, thief, further)
        thiefs = token_of(box)
        squat = links.Founder("Thief", "Firm")
        assert await links.sign_up(door, links.Asked(mail, "fr"), squat, PASSWORD, browser, utc_now()) is None
        assert isinstance(await by_password(door, mail, PASSWORD, browser, now), Entered)
        owner = await moving.take_back(door, owners, browser, now)
    assert isinstance(owner, Entered)
    assert not owner.half
    signed = await entrance.who(owner)
    assert signed is not None
    assert signed.person_id == thief.person_id
    assert await moving.take_back(door, thiefs, browser, now) is Refusal.SPENT
    assert await moving.take_back(door, owners, browser, now) is Refusal.SPENT
    assert await by_identity(door, identity, browser, now) is Refusal.UNKNOWN
    for address in (mail, theirs, further):
        assert await by_password(door, address, PASSWORD, entrance.browser(), now) is Refusal.WRONG


async def test_the_way_back_asks_for_the_second_factor_that_there_was_and_lapses(entrance: Entrance) -> None:
    mail, now = entrance.address(), utc_now()
    who = await _in(entrance, mail)
    offer = second_factor.offer(KEYRING, who.person_id, mail)
    assert await second_factor.enable(entrance.door, who, offer.sealed, pyotp.TOTP(offer.secret).at(now), now)
    async with running_mail_server() as box:
        await _move(entrance, box, who, entrance.address())
        token = token_of(box)
    late = utc_now() + moving.TAKEN_BACK_WITHIN
    assert await moving.take_back(entrance.door, token, entrance.browser(), late) is Refusal.SPENT
    back = await moving.take_back(entrance.door, token, entrance.browser(), now)
    assert isinstance(back, Entered)
    assert back.half
    assert await entrance.who(back) is None


async def test_an_address_that_somebody_has_is_not_told_and_moves_nothing(entrance: Entrance) -> None:
    mail, taken = entrance.address(), entrance.address()
    who = await _in(entrance, mail)
    await _in(entrance, taken)
    async with running_mail_server() as box:
        assert await _ask(entrance, who, taken.upper()) is None
        wanted = entrance.address()
        assert await _ask(entrance, who, wanted) is None
        await send(entrance, box)
        (told,) = [one for one in box.got if one.to == taken]
        assert "/account/address/" not in told.part("plain")
        token = token_of(box)
        await _in(entrance, wanted)  # meanwhile
        moved = await moving.move(entrance.door, who, token, entrance.browser(), utc_now())
        assert moved is NotMoved.TAKEN
    assert await entrance.who(await by_password(entrance.door, mail, PASSWORD, entrance.browser(), utc_now()))


async def test_who_is_refused_another_address_is_told_why(entrance: Entrance) -> None:
    mail, now = entrance.address(), utc_now()
    who = await _in(entrance, mail)
    assert await _ask(entrance, who, "no address") is NotMoved.ADDRESS
    assert await _ask(entrance, who, mail.upper()) is NotMoved.SAME
    answers = [await _ask(entrance, who, entrance.address()) for _ in range(MOVES.most + 1)]
    assert answers == [None] * MOVES.most + [NotMoved.TOO_OFTEN]
    await entrance.person(await entrance.organisation(), mail=(vouched := entrance.address()))
    identity = Identity("https://provider.example", f"subject of {vouched}", vouched, "Salma")
    only = await entrance.who(await by_identity(entrance.door, identity, entrance.browser(), now))
    assert only is not None
    assert await _ask(entrance, only, entrance.address()) is NotMoved.PROVIDER


@pytest.mark.parametrize("confirmed", [True, False])
async def test_whoever_runs_the_installation_changes_and_confirms_addresses(
    entrance: Entrance, *, confirmed: bool
) -> None:
    mail, now = entrance.address(), utc_now()
    new = mail if confirmed else entrance.address()
    founder = links.Founder("Zineb", "Jeune pousse")
    await links.sign_up(entrance.door, links.Asked(mail, "fr"), founder, PASSWORD, entrance.browser(), now)
    who = await entrance.who(entry := await by_password(entrance.door, mail, PASSWORD, entrance.browser(), now))
    taken = entrance.address()
    await _in(entrance, taken)
    async with unit_of_work(entrance.sessions) as session:
        person = await moving.PersonRepository(session).by_mail([KEYRING.token_hash(f"person:{mail}")])
        assert who is not None
        assert person is not None
        assert await moving.put(session, KEYRING, person, taken, now) is NotMoved.TAKEN
        assert await moving.put(session, KEYRING, person, new, now) is None
    assert (await entrance.who(entry) is not None) is confirmed
    again = await entrance.who(await by_password(entrance.door, new, PASSWORD, entrance.browser(), now))
    assert again is not None
    assert not again.provisional
