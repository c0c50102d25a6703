"""The address of an account is changed by who it belongs to, and taken back by who it belonged to."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.db.session import unit_of_work
from app.members.plan import EntryPlan, SignUp
from tests.app.web.entry.conftest import PASSWORD, House
from tests.support.pages import stranger


async def test_an_address_is_changed_by_a_link_to_the_new_one_and_taken_back_by_one_to_the_old(house: House) -> None:
    browser, new = await house.admin(old := house.address()), house.address()
    other = stranger(house.api)
    await other.post("/sign-in", {"mail": old, "password": PASSWORD})
    async with unit_of_work(house.api.runtime.sessions) as session:
        await session.execute(text("UPDATE person_session SET created_at = created_at - interval '16 minutes'"))
    shown = await browser.get("/account/address")
    assert (await browser.submit(shown, "/account/address", {"mail": new, "current": "wrong one"})).status == 422
    assert (await browser.submit(shown, "/account/address", {"mail": old, "current": PASSWORD})).status == 422
    asked = await browser.submit(shown, "/account/address", {"mail": new, "current": PASSWORD})
    assert asked.response.url.path == "/account/address"
    assert old in asked.text()
    path = await house.letter()
    assert house.box.got[-1].to == new
    stray = await house.admin(house.address())
    assert (await stray.get(path)).status == 404
    assert (await stray.post(path, {})).status == 422
    assert (await stranger(house.api).get(path)).response.url.path == "/sign-in"
    assert (await stranger(house.api).post(path.replace("/account/address", "/sign-in/link"), {})).status == 422
    before = browser.client.cookies["safqa"]
    done = await browser.submit(await browser.get(path), path)
    assert done.response.url.path == "/account"
    assert new in done.text()
    assert browser.client.cookies["safqa"] != before
    assert (await other.get("/account")).response.url.path == "/sign-in"
    assert (await browser.post(path, {})).status == 422

    back = await house.letter()
    assert house.box.got[-1].to == old
    owner = stranger(house.api)
    assert (await owner.get(back)).status == 200
    inside = await owner.submit(await owner.get(back), back)
    assert inside.response.url.path == "/account"
    assert old in inside.text()
    assert (await browser.get("/account")).response.url.path == "/sign-in"
    for mail in (old, new):
        assert (await stranger(house.api).post("/sign-in", {"mail": mail, "password": PASSWORD})).status == 422
    assert (await owner.get(back)).status == 404


async def test_where_no_mail_is_sent_the_page_says_who_can_change_the_address(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await house.admin(house.address())
    monkeypatch.setitem(house.api.transport.app._state, "entry", EntryPlan(SignUp.CLOSED, mail=False))  # type: ignore[attr-defined]
    assert (await browser.get("/account/address")).all("//main//form") == []
    assert (await browser.post("/account/address", {"mail": house.address()})).status == 422
