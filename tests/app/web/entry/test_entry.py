"""Pages of the ways in: sign-in, links, the second factor, sign-up, invitations; and who tries to get around them."""

from __future__ import annotations

import pytest

from app.members.attempts import PASSWORD_BY_ADDRESS
from app.members.plan import EntryPlan, SignUp
from tests.app.web.entry.conftest import PASSWORD, House
from tests.support.pages import FORM, stranger


async def test_a_page_that_needs_sign_in_leads_there_and_back(house: House) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    browser = stranger(house.api)
    shown = await browser.get("/account")
    assert shown.response.url.path == "/sign-in"
    assert shown.all("//input[@name='next']")[0].get("value") == "/account"
    wrong = await browser.submit(shown, "/sign-in", {"mail": mail, "password": "something else"})
    assert wrong.status == 422
    assert wrong.all("//input[@name='mail']")[0].get("value") == mail
    assert wrong.all("//input[@name='password']")[0].get("value") == ""
    inside = await browser.submit(wrong, "/sign-in", {"password": PASSWORD})
    assert (inside.status, inside.response.url.path) == (200, "/account")
    assert "<b>" not in inside.response.text
    assert "Amina &lt;b&gt;" in inside.response.text
    out = await browser.submit(inside, "/sign-out")
    assert out.status == 200
    assert (await browser.get("/account")).response.url.path == "/sign-in"


async def test_the_cookie_is_new_with_each_sign_in_and_one_that_was_planted_says_nothing(house: House) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    browser = stranger(house.api)
    browser.client.cookies.set("safqa", "sfs_planted", domain="safqa.test")
    answer = await browser.post("/sign-in", {"mail": mail, "password": PASSWORD})
    (cookie,) = [one for one in answer.response.headers.get_list("set-cookie") if one.startswith("safqa=")]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    first = browser.client.cookies["safqa"]
    assert first != "sfs_planted"
    thief = stranger(house.api)
    thief.client.cookies.set("safqa", first, domain="safqa.test")
    browser.client.cookies.delete("safqa")
    browser.client.cookies.set("safqa", first, domain="safqa.test")
    await browser.post("/sign-out", {})
    assert (await thief.get("/account")).response.url.path == "/sign-in"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_sign_in_leads_to_no_other_site(house: House, target: str) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    browser = stranger(house.api)
    shown = await browser.get(f"/sign-in?next={target}")
    assert "evil" not in shown.all("//input[@name='next']")[0].get("value")
    answer = await browser.post("/sign-in", {"mail": mail, "password": PASSWORD, "next": target})
    assert answer.response.headers["location"] == "/"


async def test_a_form_of_another_site_signs_nobody_in_or_out(house: House) -> None:
    browser = await house.admin(mail := house.address())
    foreign = {**FORM, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    token = (await browser.get("/account")).all("//input[@name='csrf_token']")[0].get("value")
    for headers, data in ((FORM, {}), (FORM, {"csrf_token": "x" * 88}), (foreign, {"csrf_token": token})):
        assert (await browser.client.post("/sign-out", data=data, headers=headers)).status_code == 403
        sent = {**data, "mail": mail, "password": PASSWORD}
        assert (await stranger(house.api).client.post("/sign-in", data=sent, headers=headers)).status_code == 403
    assert (await browser.get("/account")).response.url.path == "/account"
    another = stranger(house.api)
    stolen = {"csrf_token": token, "mail": mail, "password": PASSWORD}
    assert (await another.client.post("/sign-in", data=stolen, headers=FORM)).status_code == 403


async def test_nothing_tells_which_addresses_there_are(house: House) -> None:
    known, nobody = house.address(), house.address()
    await house.person(await house.organisation(), known)
    seen = []
    for mail in (known, nobody):
        browser = stranger(house.api)
        answers = [
            await browser.post("/sign-in", {"mail": mail, "password": "not the password"}),
            await browser.post("/sign-in/link", {"mail": mail}),
            await browser.post("/sign-up", {"mail": mail, "name": "A", "organisation": "B"}),
        ]
        wrong = {"mail": mail, "password": "not the password"}
        answers += [await browser.post("/sign-in", wrong) for _ in range(PASSWORD_BY_ADDRESS.most)]
        texts = [one.response.headers.get("location") or one.text().replace(mail, "MAIL") for one in answers]
        seen.append([(one.status, text) for one, text in zip(answers, texts, strict=True)])
    assert seen[0] == seen[1]
    assert [status for status, _ in seen[0]][:3] == [422, 303, 303]
    assert seen[0][-1][0] == 429
    await house.letter()
    sent = [one.to for one in house.box.got if one.to in {known, nobody}]
    assert sorted(sent) == sorted(
        [known, known, nobody]
    )  # who has no account gets the confirmation of the sign-up only


async def test_a_link_is_used_by_its_button_once_and_a_scanner_of_mails_uses_nothing(house: House) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail, password=None)
    browser = stranger(house.api)
    sent = await browser.submit(await browser.get("/sign-in?next=/members"), "/sign-in", {"mail": mail})
    assert sent.status == 422  # without a password the first button says so
    answer = await browser.post("/sign-in/link", {"mail": mail, "next": "/members"})
    assert answer.response.headers["location"] == "/sign-in/sent"
    path = await house.letter()
    for _ in range(3):
        assert (await stranger(house.api).get(path)).status == 200
    inside = await browser.submit(await browser.get(path), path)
    assert inside.response.url.path == "/members"
    thief = stranger(house.api)
    assert (await thief.post(path, {})).status == 422
    assert (await thief.get(path)).status == 404
    assert (await thief.get("/members")).response.url.path == "/sign-in"


async def test_the_worker_sends_the_link_that_was_asked_for(house: House) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    async with house.api.worker():
        await stranger(house.api).post("/sign-in/link", {"mail": mail}, **{"Accept-Language": "ar"})
    (letter,) = [one for one in house.box.got if one.to == mail]
    assert "رابط دخولكم إلى صفقة" in str(letter.message["Subject"])
    assert 'dir="rtl"' in letter.part("html")


async def test_a_founder_signs_up_and_is_asked_nothing_that_a_stranger_could_use(house: House) -> None:
    mail = house.address()
    browser = stranger(house.api)
    order = {"mail": mail, "name": "Zi\u200eneb\u202e  A", "organisation": "  Jeune pousse  "}
    bad = await browser.post("/sign-up", {**order, "name": " \u200b "})
    assert bad.status == 422
    assert "name" in [one.get("name") for one in bad.all("//input[@aria-invalid='true']")]
    assert (await browser.post("/sign-up", order)).response.headers["location"] == "/sign-in/sent"
    path = await house.letter()
    shown = await browser.get(path)
    assert "Jeune pousse" in shown.text()
    await browser.submit(shown, path)
    account = await browser.get("/account")
    assert account.response.url.path == "/account"
    assert account.all("//input[@id='f-name']")[0].get("value") == "Zi neb A"
    assert "Jeune pousse" in account.text("//header")


async def test_where_sign_up_is_closed_the_page_says_whom_to_ask_and_the_form_is_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(house.api.transport.app._state, "entry", EntryPlan(SignUp.CLOSED, mail=False))  # type: ignore[attr-defined]
    browser = stranger(house.api)
    shown = await browser.get("/sign-up")
    assert shown.status == 200
    assert shown.all("//main//form") == []
    assert "/sign-up" not in (await browser.get("/")).links()
    order = {"mail": house.address(), "name": "A", "organisation": "B", "password": PASSWORD}
    assert (await browser.post("/sign-up", order)).status == 404
    assert (await browser.post("/sign-in/link", {"mail": house.address()})).status == 422


async def test_open_sign_up_tells_nobody_which_addresses_there_are_and_gives_nothing_that_lasts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(house.api.transport.app._state, "entry", EntryPlan(SignUp.OPEN, mail=True))  # type: ignore[attr-defined]
    await house.person(await house.organisation(), known := house.address(), password="the password of its owner")
    order = {"mail": (mail := house.address()), "name": "A", "organisation": "B", "password": "short"}
    assert (await stranger(house.api).post("/sign-up", order)).status == 422
    for address in (known, mail):
        answer = await stranger(house.api).post("/sign-up", {**order, "mail": address, "password": PASSWORD})
        assert (answer.status, answer.response.headers["location"]) == (303, "/sign-up/done")
        assert "safqa=" not in str(answer.response.headers.get_list("set-cookie"))
    path = await house.letter()
    browser = stranger(house.api)
    shown = await browser.submit(
        await browser.get(f"/sign-in?next={path}"), "/sign-in", {"mail": mail, "password": PASSWORD}
    )
    made = {
        "/keys": {"name": "k", "scopes": "matches:read"}, "/endpoints/new": {"url": "https://x.example/"},
        "/members/invitations": {"mail": house.address(), "role": "admin", "lang": "fr"},
        "/alerts/digests": {"mail": mail}, "/alerts/feeds": {"selection": "simplified_access", "language": "fr"},
    }  # fmt: skip
    for where, sent in made.items():
        assert (where, (await browser.post(where, sent)).status) == (where, 403)
    for where in ("/keys", "/members", "/alerts", "/endpoints"):
        assert "/account/address" in (await browser.get(where)).links()
    asked = await browser.submit(await browser.get("/account/address"), "/account/address")
    assert asked.response.url.path == "/account/address"
    again = await house.letter()
    assert (await browser.submit(shown, path)).response.url.path == "/account"
    assert (await browser.post(again, {})).status == 422
    assert (await browser.post("/keys", made["/keys"])).status == 303
    assert (await stranger(house.api).post("/sign-in", {"mail": mail, "password": PASSWORD})).status == 303


async def test_an_invitation_makes_a_newcomer_a_member_and_asks_who_is_known_to_sign_in(house: House) -> None:
    admin = await house.admin(house.address())
    known, new = house.address(), house.address()
    await house.person(await house.organisation("startup", "Autre"), known)
    paths = []
    for mail in (known, new):
        sent = await admin.post("/members/invitations", {"mail": mail, "role": "reader", "lang": "ar"})
        assert sent.response.headers["location"] == "/members"
        paths.append(await house.letter())
    newcomer = stranger(house.api)
    shown = await newcomer.get(paths[1])
    assert await newcomer.submit(shown, paths[1], {"name": "Nouveau", "password": "court"})
    inside = await newcomer.submit(shown, paths[1], {"name": "Nouveau", "password": ""})
    assert (await newcomer.get("/members")).response.url.path == "/members", inside.text()
    assert (await newcomer.get(paths[1])).status == 404

    somebody = stranger(house.api)
    shown = await somebody.get(paths[0])
    assert shown.all("//main//form") == []
    (way,) = [href for href in shown.links() if href.startswith("/sign-in?")]
    assert (await somebody.post(paths[0], {"name": "Thief", "password": PASSWORD})).status == 422
    back = await somebody.submit(await somebody.get(way), "/sign-in", {"mail": known, "password": PASSWORD})
    assert back.response.url.path == paths[0]
    await somebody.submit(back, f"{paths[0]}/join")
    assert "Commune fictive" in (await somebody.get("/organisation")).text("//header")
    assert (await admin.get(paths[0])).status == 404


async def test_someone_elses_invitation_can_be_seen_and_not_accepted(house: House) -> None:
    admin, other = await house.admin(house.address()), await house.admin(house.address())
    await admin.post("/members/invitations", {"mail": house.address(), "role": "admin", "lang": "fr"})
    path = await house.letter()
    shown = await other.get(path)
    assert [form.get("action") for form in shown.all("//main//form")] == ["/sign-out"]
    await other.post(f"{path}/join", {})
    assert len((await admin.get("/members")).all("(//table)[1]/tbody/tr")) == 1
