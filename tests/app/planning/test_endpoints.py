"""What a founder asks of one call that shuts the startup out: what is missing, by when, and which ways there are."""

from __future__ import annotations

import pytest

from tests.app.matches.test_live import entered
from tests.support.api import Api, Person
from tests.support.factories import in_days, startup, tender

ASKS = (
    "Les concurrents doivent fournir trois attestations de référence pour des prestations similaires réalisées au cours"
    " des cinq dernières années. Le cautionnement provisoire est fixé à la somme de 20 000,00 DH."
)
EVIDENCE = {
    "documents": [{"kind": "tax_certificate", "expires": "2020-01-31"}],
    "cash": {"amount": 5_000, "currency": "MAD"},
    "complete": ["references", "documents"],
}


@pytest.fixture
async def firm(api: Api) -> Person:
    return await api.person("startup")


@pytest.fixture
async def pair(api: Api, firm: Person) -> tuple[str, str]:
    """The paths of a hard call, and of a startup that holds no reference."""
    buyer = await api.person("buyer")
    title, facts = (
        "Développement d'une application mobile",
        {"sector": "public", "deadline": in_days(60), "buyer": {"name": "Commune fictive"}},
    )
    hard = tender(title, procedure="Appel d'offres ouvert", description=ASKS, value=_mad(2_000_000), **facts)
    easy = tender(
        title, procedure="Appel d'offres ouvert simplifié", value=_mad(300_000), published=in_days(-1), **facts
    )
    made = await entered(buyer, "/v1/tenders", hard | {"status": "published"})
    await entered(buyer, "/v1/tenders", easy | {"status": "published"})
    other = startup("Applications mobiles", references=[
        {"title": "Application mobile pour une ville", "date": "2025-03-01", "attested": True} for _ in range(3)
    ])  # fmt: skip
    await entered(await api.person("startup"), "/v1/startups", other)
    mine = await entered(firm, "/v1/startups", startup("Applications mobiles"))
    path = f"/v1/startups/{mine['id']}/evidence"
    etag = (await firm.client.get(path)).headers["ETag"]
    kept = await firm.client.put(path, json=EVIDENCE, headers={"If-Match": etag})
    assert kept.status_code == 200, kept.text
    return f"/v1/startups/{mine['id']}/tenders/{made['id']}", str(made["id"])


def _mad(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "MAD"}


async def test_readiness_names_what_is_missing_in_the_readers_language(firm: Person, pair: tuple[str, str]) -> None:
    answer = await firm.client.get(f"{pair[0]}/readiness", headers={"Accept-Language": "fr"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    items = {item["id"]: item for item in told["items"]}
    assert (items["tax_certificate"]["state"], items["tax_certificate"]["expires"]) == ("expiring", "2020-01-31")
    assert items["tax_certificate"]["name"] == "Attestation de régularité fiscale"
    assert items["reference_attestations"]["state"] == "missing"
    assert items["provisional_bond"]["state"] == "to_make"
    assert told["in_time"] == "pass"
    assert (told["cash"]["bond"], told["cash"]["short"]) == (20_000, 15_000)
    assert told["disclaimer"]


async def test_routes_lead_to_calls_and_partners_that_exist(firm: Person, pair: tuple[str, str]) -> None:
    answer = await firm.client.get(f"{pair[0]}/routes")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["outcome"] == "fail"
    ways = {way["kind"]: way for way in told["items"]}
    assert {"simplified_call", "consortium", "unsolicited_proposal"} <= set(ways)
    assert ways["simplified_call"]["targets"][0]["same_buyer"] is True
    assert ways["simplified_call"]["citation"]["article"] == "19"
    assert pair[1] not in [target["id"] for target in ways["simplified_call"]["targets"]]
    assert [target["holds"] for target in ways["consortium"]["targets"]] == [["references"]]
    assert all(step["start_by"] for step in ways["consortium"]["steps"])


async def test_a_startup_that_may_bid_needs_no_route(firm: Person, pair: tuple[str, str]) -> None:
    ways = (await firm.client.get(f"{pair[0]}/routes")).json()
    easy = next(way for way in ways["items"] if way["kind"] == "simplified_call")["targets"][0]["id"]
    told = (await firm.client.get(f"{pair[0].rpartition('/')[0]}/{easy}/routes")).json()
    assert (told["outcome"], told["items"]) == ("pass", [])


@pytest.mark.parametrize("what", ["readiness", "routes"])
async def test_nobody_else_sees_it(api: Api, pair: tuple[str, str], what: str) -> None:
    for kind in ("startup", "buyer", "incubator"):
        stranger = await api.person(kind)
        assert (await stranger.client.get(f"{pair[0]}/{what}")).status_code == 404


async def test_partners_tell_nothing_of_their_turnover(api: Api, firm: Person) -> None:
    """Whoever may ask for one sum after the other would learn what a listed firm earns."""
    buyer = await api.person("buyer")
    asked = tender(
        "Développement d'une application mobile", sector="public", deadline=in_days(60), value=_mad(2_000_000),
        description="Le concurrent doit avoir un chiffre d'affaires annuel minimum de 1 000 000 DH.",
    )  # fmt: skip
    made = await entered(buyer, "/v1/tenders", asked | {"status": "published"})
    rich = startup("Applications mobiles", turnover=_mad(9_000_000))
    await entered(await api.person("startup"), "/v1/startups", rich)
    mine = await entered(firm, "/v1/startups", startup("Applications mobiles", turnover=_mad(1_000)))
    told = (await firm.client.get(f"/v1/startups/{mine['id']}/tenders/{made['id']}/routes")).json()
    assert told["outcome"] == "fail"
    assert [target for way in told["items"] if way["kind"] == "consortium" for target in way["targets"]] == []
