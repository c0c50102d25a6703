"""Pages of one's own account and of the members of an organisation."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from urllib.parse import quote

import pyotp
import pytest
from structlog.testing import capture_logs

from app.kit.ids import OrganisationId
from app.kit.observability import configure_logging
from app.members.plan import EntryPlan, SignUp
from app.members.roles import Role
from tests.app.web.entry.conftest import PASSWORD, House
from tests.support.factories import tender
from tests.support.pages import FORM, Browser, stranger


async def _sign_in(house: House, mail: str, password: str = PASSWORD) -> Browser:
    browser = stranger(house.api)
    await browser.post("/sign-in", {"mail": mail, "password": password})
    return browser


async def test_name_language_and_password_are_changed_and_other_browsers_are_out(house: House) -> None:
    browser = await house.admin(mail := house.address())
    other = await _sign_in(house, mail)
    shown = await browser.get("/account")
    assert len(shown.all("//section[@aria-labelledby='sessions']//tbody/tr")) == 2
    saved = await browser.submit(shown, "/account/profile", {"name": "Amina Soussi", "lang": "ar"})
    assert (saved.root.get("lang"), saved.root.get("dir")) == ("ar", "rtl")
    assert "Amina Soussi" in saved.text("//header")
    common = await browser.submit(saved, "/account/password", {"password": "motdepasse123"})
    assert common.status == 422
    before = browser.client.cookies["safqa"]
    done = await browser.submit(common, "/account/password", {"password": "another long sentence"})
    assert done.response.url.path == "/account"
    assert browser.client.cookies["safqa"] != before
    assert (await other.get("/account")).response.url.path == "/sign-in"
    assert (await (await _sign_in(house, mail)).get("/account")).response.url.path == "/sign-in"
    again = await _sign_in(house, mail, "another long sentence")
    assert (await again.get("/account")).response.url.path == "/account"


async def test_later_on_the_present_password_is_asked_for(house: House) -> None:
    browser = await house.admin(house.address())
    connection = await _connection(house)
    await connection.execute("UPDATE person_session SET created_at = created_at - interval '16 minutes'")
    await connection.close()
    shown = await browser.get("/account")
    assert shown.all("//input[@name='current']")
    for path, sent in (
        ("/account/password", {"password": "another long sentence"}),
        ("/account/password", {"password": "another long sentence", "current": "wrong"}),
        ("/account/second-factor", {"code": "123456", "sealed": "x"}),
        ("/account/second-factor/off", {}),
        ("/account/second-factor/codes", {}),
        ("/account/delete", {"current": "wrong"}),
    ):
        assert (path, (await browser.post(path, sent)).status) == (path, 422)
    right = await browser.post("/account/password", {"password": "another long sentence", "current": PASSWORD})
    assert right.status == 303


async def test_another_session_is_ended_and_nobody_elses(house: House) -> None:
    mail = house.address()
    browser, stranger_ = await house.admin(mail), await house.admin(house.address())
    other = await _sign_in(house, mail)
    (action,) = [
        form.get("action") for form in (await browser.get("/account")).all("//tbody//form")
    ]  # the present one has no button
    await stranger_.post(action, {})
    assert (await other.get("/account")).response.url.path == "/account"
    await browser.post(action, {})
    assert (await other.get("/account")).response.url.path == "/sign-in"


@pytest.mark.parametrize("by_header", [True, False])
async def test_who_holds_back_the_end_of_a_form_sends_it_in_vain_once_they_are_out(
    house: House, *, by_header: bool
) -> None:
    browser = await house.admin(mail := house.address())
    thief = await _sign_in(house, mail)
    token = (await thief.get("/keys")).all("//input[@name='csrf_token']")[0].get("value")

    async def slowly() -> AsyncIterator[bytes]:
        yield f"csrf_token={quote(token)}&scopes=accounts%3Awrite".encode()
        await browser.post("/account/sessions/end-others", {})
        yield b"&name=kept"

    headers = {**FORM, "Content-Type": "application/x-www-form-urlencoded"}
    headers |= {"X-CSRF-Token": token} if by_header else {}
    answer = await thief.client.post("/keys", content=slowly(), headers=headers)
    assert answer.headers["location"].startswith("/sign-in")
    assert "kept" not in (await browser.get("/keys")).text()


async def test_a_second_factor_is_set_up_asked_for_and_done_without(house: House) -> None:
    browser = await house.admin(mail := house.address())
    shown = await browser.get("/account/second-factor")
    secret = shown.text("//main//code").replace(" ", "")
    assert shown.all("//*[local-name()='path'][@class='qr-ink']")
    wrong = await browser.submit(shown, "/account/second-factor", {"code": "12 34 56 78"})
    assert wrong.status == 422
    assert wrong.text("//main//code").replace(" ", "") == secret
    step = int(time.time()) // 30
    codes = await browser.submit(wrong, "/account/second-factor", {"code": pyotp.TOTP(secret).generate_otp(step)})
    assert codes.response.url.path == "/account/second-factor/codes"
    listed = [one.text_content() for one in codes.all("//li/code")]
    assert len(listed) == 10
    assert len((await browser.get("/account/second-factor/codes")).all("//li/code")) == 10

    half = await _sign_in(house, mail)
    for path in ("/account", "/members", "/account/second-factor"):
        assert (await half.get(path)).response.url.path == "/sign-in"
    replay = await half.post("/sign-in/second", {"code": pyotp.TOTP(secret).generate_otp(step)})
    assert replay.status == 422
    before = half.client.cookies["safqa"]
    given = await half.post("/sign-in/second", {"code": listed[0].upper(), "next": "//evil.example"})
    assert given.response.headers["location"] == "/"
    assert half.client.cookies["safqa"] != before
    assert (await half.get("/account")).response.url.path == "/account"
    planted = stranger(house.api)
    planted.client.cookies.set("safqa", before, domain="safqa.test")
    assert (await planted.get("/account")).response.url.path == "/sign-in"

    assert (await browser.post("/account/second-factor/off", {})).status == 303
    assert (await (await _sign_in(house, mail)).get("/account")).response.url.path == "/account"


async def test_a_page_of_another_of_ones_organisations_leads_there(house: House) -> None:
    mail, here = house.address(), await house.organisation()
    browser = await house.admin(mail, here)
    there = await house.api.person("buyer", "Commune <b>voisine</b>")
    call = (await there.client.post("/v1/tenders", json=tender("Brouillon", status="draft"))).json()["id"]
    path = f"/calls/{call}?lang=fr&part=a%20b"
    assert (await browser.get(path)).links().count("/organisation") == 1, "the menu's: there is no other yet"
    await house.person(there.id, mail)
    lost = await browser.get(path)
    (way,) = [href for href in lost.links() if href.startswith("/organisation?")]
    assert (lost.status, "Commune fictive" in lost.text("//main")) == (404, True)
    found = await browser.submit(await browser.get(way), "/organisation")
    assert (found.status, found.response.url.path) == (200, f"/calls/{call}")
    assert found.response.url.query == b"lang=fr&part=a%20b"
    for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        shown = await browser.get(f"/organisation?next={quote(elsewhere)}")
        assert shown.all("//main//input[@name='next']/@value") == [""]
        answer = await browser.post("/organisation", {"next": elsewhere, "organisation": str(here)})
        assert answer.response.headers["location"] == "/"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READER])
async def test_who_is_no_admin_sees_members_and_changes_none(house: House, role: Role) -> None:
    organisation = await house.organisation()
    admin = await house.admin(house.address(), organisation)
    await admin.post("/members/invitations", {"mail": house.address(), "role": "member", "lang": "fr"})
    person_id, invitation_id = await _ids(house, organisation)
    browser = await house.admin(house.address(), organisation, role)
    shown = await browser.get("/members")
    assert len(shown.all("(//table)[1]/tbody/tr")) == 2
    assert shown.all("//main//form") == []
    for path, sent in (
        ("/members/invitations", {"mail": house.address(), "role": "admin", "lang": "fr"}),
        (f"/members/invitations/{invitation_id}/revoke", {}),
        (f"/members/{person_id}/role", {"role": "reader"}),
        (f"/members/{person_id}/remove", {}),
    ):
        assert (path, (await browser.post(path, sent)).status) == (path, 403)


async def test_an_admin_of_another_organisation_finds_nobody(house: House) -> None:
    organisation = await house.organisation()
    admin = await house.admin(house.address(), organisation)
    await admin.post("/members/invitations", {"mail": house.address(), "role": "member", "lang": "fr"})
    person_id, invitation_id = await _ids(house, organisation)
    foreign = await house.admin(house.address())
    for path, sent in (
        (f"/members/invitations/{invitation_id}/revoke", {}),
        (f"/members/{person_id}/role", {"role": "reader"}),
        (f"/members/{person_id}/remove", {}),
        ("/organisation", {"organisation": str(organisation)}),
        ("/organisation", {"organisation": "nonsense"}),
    ):
        assert (path, (await foreign.post(path, sent)).status) == (path, 404)
    assert len((await admin.get("/members")).all("//table")) == 2


async def test_roles_change_at_once_and_the_last_admin_stays(house: House) -> None:
    organisation = await house.organisation()
    admin = await house.admin(house.address(), organisation)
    person_id, _ = await _ids(house, organisation)
    second = await house.admin(house.address(), organisation)
    stay = await admin.post(f"/members/{person_id}/role", {"role": "member"})
    assert stay.status == 303
    assert (
        await admin.post("/members/invitations", {"mail": "x@y.example", "role": "admin", "lang": "fr"})
    ).status == 403
    assert (await second.post(f"/members/{person_id}/role", {"role": "owner"})).status == 404
    (own,) = [
        form.get("action")
        for form in (await second.get("/members")).all("//tr[.//span[contains(@class, 'badge plain')]]//form")
        if form.get("action").endswith("/remove")
    ]
    assert (await second.post(own, {})).status == 422
    assert (await second.post(f"/members/{person_id}/remove", {})).status == 303
    assert (await admin.get("/members")).response.url.path == "/sign-in"


async def test_without_mail_the_link_of_an_invitation_is_shown_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(house.api.transport.app._state, "entry", EntryPlan(SignUp.CLOSED, mail=False))  # type: ignore[attr-defined]
    admin = await house.admin(house.address())
    shown = await admin.get("/members")
    made = await admin.submit(shown, "/members/invitations", {"mail": house.address(), "role": "reader", "lang": "en"})
    link = re.search(r"http://localhost(/invitation/\w+)", made.text())
    assert link is not None
    newcomer = stranger(house.api)
    shown = await newcomer.get(link[1])
    assert shown.all("//input[@name='password'][@required]")
    without = await newcomer.submit(shown, link[1], {"name": "Nouvelle"})  # nobody could mail them a link to come back
    assert without.status == 422
    await newcomer.submit(without, link[1], {"password": PASSWORD})
    assert (await newcomer.get("/account")).response.url.path == "/account"


async def test_an_account_is_deleted_with_all_that_is_theirs_unless_others_would_have_no_admin(house: House) -> None:
    organisation = await house.organisation(name="Commune du compte")
    browser = await house.admin(mail := house.address(), organisation)
    await house.admin(house.address(), organisation, Role.READER)
    kept = await browser.post("/account/delete", {})
    assert kept.status == 422
    assert "Commune du compte" in kept.text("//div[@role='alert']")
    await house.admin(house.address(), organisation)
    await browser.post("/sign-in/link", {"mail": mail})
    before = await house.api.runtime.hot.fetchval("SELECT count(*) FROM one_time_link")
    assert (await browser.post("/account/delete", {})).response.headers["location"] == "/"
    assert (await browser.get("/account")).response.url.path == "/sign-in"
    assert (await (await _sign_in(house, mail)).get("/account")).response.url.path == "/sign-in"
    assert await house.api.runtime.hot.fetchval("SELECT count(*) FROM one_time_link") == before - 1


async def _ids(house: House, organisation: OrganisationId) -> tuple[str, str | None]:
    hot = house.api.runtime.hot
    person = await hot.fetchval(
        "SELECT person_id FROM membership WHERE organisation_id = $1 ORDER BY created_at LIMIT 1", organisation
    )
    invitation = await hot.fetchval("SELECT id FROM invitation WHERE organisation_id = $1", organisation)
    return str(person), invitation


async def _connection(house: House):  # type: ignore[no-untyped-def]
    import asyncpg
    from sqlalchemy.engine import make_url

    plain = make_url(house.api.runtime.url).set(drivername="postgresql").render_as_string(hide_password=False)
    return await asyncpg.connect(plain)


async def test_pages_of_people_ask_the_database_little_however_many_there_are(house: House) -> None:
    organisation = await house.organisation()
    browser = await house.admin(house.address(), organisation)
    for _ in range(5):
        await house.person(organisation, house.address(), Role.MEMBER, None)
    visitor = stranger(house.api)
    configure_logging(level="INFO")
    for who, path, most in (
        (visitor, "/sign-in", 0), (visitor, "/sign-up", 0), (browser, "/account", 6), (browser, "/members", 4),
        (browser, "/organisation", 3), (browser, "/account/second-factor", 5),
    ):  # fmt: skip
        with capture_logs() as logs:
            shown = await who.get(path)
        assert (shown.status, shown.response.url.path) == (200, path)
        (done,) = [line["queries"] for line in logs if line["event"] == "request.done"]
        assert (path, done <= most) == (path, True), done


async def test_keys_end_with_who_made_them_unless_they_are_kept(house: House) -> None:
    organisation = await house.organisation("startup")
    staying = await house.admin(house.address(), organisation)
    for keep in (False, True):
        leaving = await house.admin(house.address(), organisation)
        sent = {"name": "CRM", "scopes": ["accounts:read", "accounts:write"]}
        made = await leaving.submit(await leaving.get("/keys"), "/keys", sent)
        first = {"Authorization": f"Bearer {made.all('//pre')[0].text_content()}"}
        another = await house.api.client.post(
            "/v1/keys", headers=first, json={"name": "2", "scopes": ["accounts:read"]}
        )
        second = {"Authorization": f"Bearer {another.json()['token']}"}
        (box,) = (await staying.get("/members")).all("//form[.//input[@name='keep_keys']]")
        await staying.post(box.get("action"), {"keep_keys": "true"} if keep else {})
        assert (await leaving.get("/keys")).response.url.path == "/sign-in"
        for key in (first, second):
            assert (await house.api.client.get("/v1/me", headers=key)).status_code == (200 if keep else 401)
    shown = await staying.get("/keys")
    assert len(shown.all("//td[.//span[contains(@class, 'badge unsure')]]")) == 4  # whoever made them has left
