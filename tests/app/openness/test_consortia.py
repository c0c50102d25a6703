"""Proposals of consortia over HTTP."""

from __future__ import annotations

import pytest

from app.openness import consortia
from matching.consortium.search import TooManyNeeds
from tests.app.openness.conftest import Market
from tests.support.factories import startup, tender

NETWORK = "Installation de réseaux informatiques, câblage et fibre optique, fourniture de serveurs."
LOTS = [
    {"id": "1", "title": "Audit de sécurité et tests d'intrusion", "value": {"amount": 300_000, "currency": "MAD"}},
    {
        "id": "2",
        "title": "Installation du réseau informatique et câblage",
        "value": {"amount": 100_000, "currency": "MAD"},
    },
]


async def _call(market: Market, status: str, **fields: object) -> str:
    made = await market.buyer.client.post(
        "/v1/tenders", json=tender("Sécurité et réseau du siège", status=status, lots=LOTS, **fields)
    )
    assert made.status_code == 201, made.text
    other = startup(NETWORK, name="Zirkhoun réseaux", certifications=["ISO 9001"])
    assert (await market.owner.client.post("/v1/startups", json=other)).status_code == 201
    await market.api.ranker.index.catch_up()
    return str(made.json()["id"])


async def test_two_firms_cover_the_two_lots_of_a_published_call(market: Market) -> None:
    call = await _call(market, "published")
    answer = await market.buyer.client.post(f"/v1/tenders/{call}/consortia", json={})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["refused"], told["nobody"], told["proven"]) == (False, [], True)
    best = told["sets"][0]["members"]
    assert sorted(each["lots"] for each in best) == [["1"], ["2"]]
    assert {each["share_percent"] for each in best} == {75, 25}
    assert any(each["startup"]["name"] == "Zirkhoun réseaux" for each in best)
    trail = (await market.buyer.client.get(f"/v1/tenders/{call}/audit")).json()["items"]
    assert trail[-1]["details"]["sets"][0] == [each["startup"]["id"] for each in best]


async def test_of_a_draft_nobody_is_left_out_by_name(market: Market) -> None:
    """Whoever left out one after the other would learn who is in the sets."""
    call = await _call(market, "draft")
    path = f"/v1/tenders/{call}/consortia"
    answer = await market.buyer.client.post(path, json={"without": ["01890000-0000-7000-8000-000000000000"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/without")


async def test_a_draft_shows_profiles_of_need_without_names(market: Market) -> None:
    call = await _call(market, "draft")
    answer = await market.buyer.client.post(f"/v1/tenders/{call}/consortia", json={})
    members = answer.json()["sets"][0]["members"]
    assert [each["startup"] for each in members] == [None, None]
    assert not any(word in answer.text for word in ("Zirkhoun", *market.firms))


async def test_a_startup_finds_the_partner_for_the_other_lot(market: Market) -> None:
    call = await _call(market, "published")
    path = f"/v1/startups/{market.firms[0]}/tenders/{call}/consortia"
    told = (await market.owner.client.get(path)).json()
    names = {each["startup"]["name"] for each in told["sets"][0]["members"]}
    assert names == {"Zirkhoun 0", "Zirkhoun réseaux"}
    stranger = await market.api.person("startup")
    assert (await stranger.client.get(path)).status_code == 404


async def test_no_consortium_is_proposed_where_the_call_refuses_them(market: Market) -> None:
    call = await _call(market, "published", description="Les groupements ne sont pas autorisés.")
    told = (await market.buyer.client.post(f"/v1/tenders/{call}/consortia", json={})).json()
    assert "legal advice" in told["disclaimer"]
    assert (told["refused"], told["sets"]) == (True, [])


async def test_a_partner_is_judged_by_its_public_profile_alone(market: Market) -> None:
    """Evidence of ISO 27001 is the firm's own: no proposal may tell of it."""
    firm = market.firms[1]
    kept = await market.owner.client.get(f"/v1/startups/{firm}/evidence")
    evidence = {"certificates": [{"name": "ISO 27001", "expires": "2100-01-01"}]}
    await market.owner.client.put(
        f"/v1/startups/{firm}/evidence", json=evidence, headers={"If-Match": kept.headers["ETag"]}
    )
    told = (await market.buyer.client.post(f"/v1/tenders/{market.call}/consortia", json={"sure": True})).json()
    certificate = next(each["id"] for each in told["needs"] if each["kind"] == "certificate")
    assert certificate in told["nobody"]


async def test_more_needs_than_can_be_searched_are_a_problem_and_no_fault(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many(*_: object) -> None:
        raise TooManyNeeds(63)

    monkeypatch.setattr(consortia, "propose", too_many)
    answer = await market.buyer.client.post(f"/v1/tenders/{market.call}/consortia", json={})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "computation-too-long")
