"""Sign-in by a provider of identities: a real one on loopback, and one that lies."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import update

from app.db.session import unit_of_work
from app.members.attempts import PROVIDER_BY_NETWORK, PROVIDER_BY_SUBJECT
from app.members.plan import EntryPlan, SignUp
from app.members.provider import OidcClient, Provider
from app.models.entry import AttemptCount
from tests.app.web.entry.conftest import House
from tests.support.pages import Browser, Shown, stranger

# What the provider itself uses of authlib is old, and an error in its thread would be its answer.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the provider's own use of authlib
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread(require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(house: House, issuer: str, monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider(OidcClient(issuer, "safqa", "a secret", "Ministry <b>", "http://safqa.test"))
    state = house.api.transport.app._state  # type: ignore[attr-defined]
    monkeypatch.setitem(state, "provider", made)
    monkeypatch.setitem(state, "entry", EntryPlan(SignUp.CLOSED, mail=True, provider="Ministry <b>"))
    return made


async def _at_provider(issuer: str, where: str, subject: str, **claims: object) -> str:
    """Sign in there as a person with these claims; the path that the browser is sent back to."""
    async with httpx.AsyncClient() as client:
        assert (await client.put(f"{issuer}/users/{subject}", json=claims)).is_success
        answer = await client.post(where, data={"sub": subject})
    back = urlsplit(answer.headers["location"])
    assert back.netloc == "safqa.test"
    return f"{back.path}?{back.query}"


async def _come_in(browser: Browser, issuer: str, subject: str, following: str = "/", **claims: object) -> Shown:
    went = await browser.client.get(f"/sign-in/provider?next={following}", headers={"Accept": "text/html"})
    assert went.status_code == 303
    return await browser.get(await _at_provider(issuer, went.headers["location"], subject, **claims))


async def test_a_verified_address_leads_to_its_account_and_the_subject_from_then_on(
    house: House, provider: Provider, issuer: str
) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    browser = stranger(house.api)
    assert "Ministry &lt;b&gt;" in (await browser.get("/sign-in?next=/account")).response.text
    shown = await _come_in(browser, issuer, "amina", "/account", email=mail.upper(), email_verified=True)
    assert shown.response.url.path == "/account"
    assert mail in shown.text()
    again = await _come_in(stranger(house.api), issuer, "amina", "/account", email="changed@house.example")
    assert mail in again.text()


async def test_what_is_asked_has_a_challenge_a_nonce_and_a_state_of_its_own(house: House, provider: Provider) -> None:
    asked = []
    for _ in range(2):
        went = await stranger(house.api).client.get("/sign-in/provider")
        asked.append(parse_qs(urlsplit(went.headers["location"]).query))
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["redirect_uri"] == ["http://safqa.test/sign-in/provider/callback"]


@pytest.mark.parametrize(
    "claims", [{}, {"email_verified": False}, {"email_verified": "no"}, {"email_verified": ["yes"]}]
)
async def test_an_address_that_was_not_verified_opens_nothing(
    house: House, provider: Provider, issuer: str, claims: dict[str, object]
) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    shown = await _come_in(stranger(house.api), issuer, f"thief-{mail[8]}{claims}".replace("'", ""),
                           email=mail, **claims)  # fmt: skip
    assert (shown.status, shown.response.url.path) == (422, "/sign-in/provider/callback")


async def test_who_was_invited_gets_an_account_and_nobody_else_does(
    house: House, provider: Provider, issuer: str
) -> None:
    mail = house.address()
    verified = {"email": mail, "email_verified": True, "name": "Hamza"}
    nobody = await _come_in(stranger(house.api), issuer, "hamza", **verified)
    assert nobody.status == 422
    admin = await house.admin(house.address())
    await admin.post("/members/invitations", {"mail": mail, "role": "reader", "lang": "fr"})
    shown = await _come_in(stranger(house.api), issuer, "hamza", "/members", **verified)
    assert shown.response.url.path == "/members"
    assert shown.all("//main//form") == []
    assert "Hamza" in shown.text()


async def test_an_answer_counts_in_the_browser_that_asked_and_once(
    house: House, provider: Provider, issuer: str
) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    browser = stranger(house.api)
    went = await browser.client.get("/sign-in/provider")
    back = await _at_provider(issuer, went.headers["location"], f"p{mail[8:10]}", email=mail, email_verified=True)
    victim = stranger(house.api)
    assert (await victim.get(back)).status == 422  # the attacker's answer, sent to somebody else
    await victim.client.get("/sign-in/provider")
    assert (await victim.get(back)).status == 422
    planted = browser.client.cookies.get("safqa_provider", path="/sign-in/provider")
    assert planted is not None
    victim.client.cookies.set("safqa_provider", planted, domain="safqa.test", path="/sign-in/provider")
    assert (await victim.get(back)).status == 422
    assert (await browser.get(back.replace("state=", "state=x"))).status == 422
    assert (await browser.get("/account")).response.url.path == "/sign-in"
    went = await browser.client.get("/sign-in/provider?next=/account")
    back = await _at_provider(issuer, went.headers["location"], f"p{mail[8:10]}", email=mail, email_verified=True)
    assert (await browser.get(back)).response.url.path == "/account"
    assert (await browser.get(back)).status == 422
    refused = await browser.get("/sign-in/provider/callback?error=access_denied")
    assert refused.status == 422


async def test_ways_that_lead_nowhere_are_counted_as_wrong_passwords_are(
    house: House, provider: Provider, issuer: str
) -> None:
    nobody = {"email": house.address(), "email_verified": True}
    for limit, status in ((PROVIDER_BY_SUBJECT, 422), (PROVIDER_BY_NETWORK, 429)):
        assert (await _come_in(stranger(house.api), issuer, "nobody", **nobody)).status == status
        async with unit_of_work(house.api.runtime.sessions) as session:
            await session.execute(update(AttemptCount).values(attempts=limit.most))
    assert (await stranger(house.api).get("/sign-in/provider")).status == 429
    assert (await stranger(house.api).get("/sign-in/provider/callback?code=x&state=y")).status == 429


async def test_a_provider_that_is_away_or_another_one_is_told_on_the_page(
    house: House, provider: Provider, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = house.api.transport.app._state  # type: ignore[attr-defined]
    for wrong in ("http://localhost:9", f"{issuer}/", f"{issuer}/elsewhere"):
        monkeypatch.setitem(state, "provider", Provider(OidcClient(wrong, "safqa", None, "X", "http://safqa.test")))
        assert (await stranger(house.api).get("/sign-in/provider")).status == 422
    monkeypatch.setitem(state, "provider", None)
    assert (await stranger(house.api).get("/sign-in/provider")).status == 404


async def test_a_token_that_was_signed_for_somebody_else_is_none(
    house: House, provider: Provider, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = house.address()
    await house.person(await house.organisation(), mail)
    who = {"email": mail, "email_verified": True}
    browser = stranger(house.api)
    went = await browser.client.get("/sign-in/provider")
    back = await _at_provider(issuer, went.headers["location"], f"q{mail[8:10]}", **who)
    another = Provider(OidcClient(issuer, "another-client", "a secret", "X", "http://safqa.test"))
    monkeypatch.setitem(house.api.transport.app._state, "provider", another)  # type: ignore[attr-defined]
    assert (await browser.get(back)).status == 422
    monkeypatch.setattr("app.members.provider.secrets.token_urlsafe", lambda _: "the same each time")
    monkeypatch.setitem(house.api.transport.app._state, "provider", provider)  # type: ignore[attr-defined]
    shown = await _come_in(browser, issuer, f"q{mail[8:10]}", "/account", **who)
    assert shown.response.url.path == "/account"
