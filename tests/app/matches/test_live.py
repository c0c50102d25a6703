"""Candidates and query by example, ranked live."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text

from tests.support.api import Api, Person
from tests.support.factories import in_days, startup, tender

IRRIGATION = "Conception et installation de systèmes d'irrigation goutte à goutte et de pompage solaire."
SECURITY = "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC."
CALL = "Audit de la sécurité du système d'information et tests d'intrusion"


async def entered(person: Person, path: str, body: dict[str, object]) -> dict[str, object]:
    answer = await person.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


@pytest.fixture
async def firm(api: Api) -> Person:
    return await api.person("startup", "Sécurité fictive")


async def two_startups(api: Api, firm: Person) -> tuple[str, str]:
    secure = await entered(firm, "/v1/startups", startup(SECURITY, name="Hissn"))
    other = await api.person("startup", "Irrigation fictive")
    wet = await entered(other, "/v1/startups", startup(IRRIGATION, name="Qatra"))
    return str(secure["id"]), str(wet["id"])


async def published(buyer: Person, **fields: object) -> str:
    body = tender(CALL, **fields) | {"status": "published"}
    return str((await entered(buyer, "/v1/tenders", body))["id"])


class TestCandidates:
    async def test_the_right_startup_comes_first_and_the_reasons_add_up(self, api: Api, firm: Person) -> None:
        secure, _ = await two_startups(api, firm)
        buyer = await api.person("buyer")
        call = await published(buyer)
        page = (await buyer.client.get(f"/v1/tenders/{call}/candidates")).json()
        assert page["complete"] is True
        best = page["items"][0]
        assert best["startup"]["id"] == secure
        assert best["grade"] in {"strong", "good"}
        assert sum(reason["contribution"] for reason in best["reasons"]) == pytest.approx(best["score"], abs=1e-9)

    async def test_reasons_are_told_in_the_language_asked_for_and_quote_both_texts(
        self, api: Api, firm: Person
    ) -> None:
        await two_startups(api, firm)
        buyer = await api.person("buyer")
        call = await published(buyer)
        told = {}
        for lang in ("fr", "ar", "en"):
            answer = await buyer.client.get(f"/v1/tenders/{call}/candidates", headers={"Accept-Language": lang})
            reasons = answer.json()["items"][0]["reasons"]
            told[lang] = [reason["sentence"] for reason in reasons]
            for reason in reasons:
                for span in reason["in_tender"]:
                    if span["field"] == "title":
                        assert CALL[span["start"] : span["end"]] == span["text"]
        assert told["fr"] != told["en"] != told["ar"]

    async def test_a_new_startup_is_found_by_the_very_next_request(self, api: Api, firm: Person) -> None:
        buyer = await api.person("buyer")
        call = await published(buyer)
        before = (await buyer.client.get(f"/v1/tenders/{call}/candidates")).json()
        assert before["items"] == []
        made = await entered(firm, "/v1/startups", startup(SECURITY))
        after = (await buyer.client.get(f"/v1/tenders/{call}/candidates")).json()
        assert [item["startup"]["id"] for item in after["items"]] == [made["id"]]

    async def test_pages_follow_each_other_without_gap_or_double(self, api: Api) -> None:
        buyer = await api.person("buyer")
        call = await published(buyer)
        for number in range(7):
            person = await api.person("startup")
            await entered(person, "/v1/startups", startup(SECURITY + f" Équipe {number}."))
        whole = (await buyer.client.get(f"/v1/tenders/{call}/candidates", params={"limit": 50})).json()["items"]
        walked, cursor = [], None
        while True:
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await buyer.client.get(f"/v1/tenders/{call}/candidates", params=params)).json()
            walked += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert [item["startup"]["id"] for item in walked] == [item["startup"]["id"] for item in whole]
        assert len(whole) == 7

    async def test_filters_are_gates_and_are_counted(self, api: Api, firm: Person) -> None:
        await two_startups(api, firm)
        buyer = await api.person("buyer")
        call = await published(buyer)
        page = (await buyer.client.get(f"/v1/tenders/{call}/candidates", params={"language": "ar"})).json()
        assert page["items"] == []
        assert sum(page["gated"].values()) == 2

    async def test_only_the_owner_sees_candidates(self, api: Api, firm: Person) -> None:
        await two_startups(api, firm)
        buyer, other = await api.person("buyer"), await api.person("buyer")
        call = await published(buyer)
        for stranger in (other, firm, await api.person("incubator")):
            assert (await stranger.client.get(f"/v1/tenders/{call}/candidates")).status_code == 404
        assert (await (await api.person("operator")).client.get(f"/v1/tenders/{call}/candidates")).status_code == 200

    async def test_a_draft_and_a_closed_call_have_no_candidates(self, api: Api) -> None:
        buyer = await api.person("buyer")
        draft = await entered(buyer, "/v1/tenders", tender(CALL))
        late = await published(buyer, deadline=in_days(-0.01))
        for call in (draft["id"], late):
            answer = await buyer.client.get(f"/v1/tenders/{call}/candidates")
            assert answer.status_code == 409
            assert answer.json()["type"] == "/problems/tender-not-open"

    async def test_a_startup_that_hides_itself_is_gone_at_once(self, api: Api, firm: Person) -> None:
        secure, _ = await two_startups(api, firm)
        buyer = await api.person("buyer")
        call = await published(buyer)
        assert (await firm.client.post(f"/v1/startups/{secure}/listing", json={"listed": False})).status_code == 200
        page = (await buyer.client.get(f"/v1/tenders/{call}/candidates")).json()
        assert secure not in str(page)


class TestQueryByExample:
    async def test_an_unregistered_startup_gets_its_tenders(self, api: Api, firm: Person) -> None:
        buyer = await api.person("buyer")
        call = await published(buyer)
        answer = await firm.client.post("/v1/match", json={"queries": [{"startup": startup(SECURITY)}]})
        assert answer.status_code == 200, answer.text
        (first,) = answer.json()["answers"]
        assert [hit["tender"]["id"] for hit in first["tenders"]] == [call]

    async def test_only_tenders_known_to_be_in_the_lane_are_in_it(self, api: Api, firm: Person) -> None:
        buyer = await api.person("buyer")
        lane = await published(buyer, sector="public", procedure="Appel d'offres ouvert simplifié")
        await published(buyer, sector="public", procedure="Appel d'offres ouvert")
        query = {"startup": startup(SECURITY), "tender_filter": {"simplified_access": True}}
        answer = await firm.client.post("/v1/match", json={"queries": [query]})
        (hit,) = answer.json()["answers"][0]["tenders"]
        assert (hit["tender"]["id"], hit["tender"]["simplified_grounds"]) == (lane, ["simplified_call"])

    async def test_amounts_are_compared_in_a_currency(self, api: Api, firm: Person) -> None:
        asked = {"startup": startup(SECURITY), "tender_filter": {"min_value": "5"}}
        refused = await firm.client.post("/v1/match", json={"queries": [asked]})
        (wrong,) = refused.json()["errors"]
        assert (wrong["pointer"], wrong["code"]) == ("#/queries/0/tender_filter/currency", "currency-needed")
        asked["tender_filter"]["currency"] = "MAD"  # type: ignore[index]
        assert (await firm.client.post("/v1/match", json={"queries": [asked]})).status_code == 200

    async def test_a_buyer_asks_for_startups_and_in_batches(self, api: Api, firm: Person) -> None:
        secure, wet = await two_startups(api, firm)
        buyer = await api.person("buyer")
        queries = [{"tender": tender(CALL)}, {"tender": tender("Irrigation goutte à goutte d'un verger"), "limit": 1}]
        answers = (await buyer.client.post("/v1/match", json={"queries": queries})).json()["answers"]
        assert [answer["startups"][0]["startup"]["id"] for answer in answers] == [secure, wet]

    async def test_startups_may_not_list_their_competitors(self, api: Api, firm: Person) -> None:
        answer = await firm.client.post("/v1/match", json={"queries": [{"tender": tender(CALL)}]})
        assert answer.status_code == 403

    @pytest.mark.parametrize("query", [{}, {"tender": {"id": "1", "title": "x"}, "startup": {"id": "1", "name": "x"}}])
    async def test_a_query_is_about_one_thing(self, api: Api, firm: Person, query: dict[str, object]) -> None:
        answer = await firm.client.post("/v1/match", json={"queries": [query]})
        assert answer.status_code == 422


async def test_while_the_index_is_read_callers_are_told_to_come_back(api: Api) -> None:
    buyer = await api.person("buyer")
    call = await published(buyer)
    api.ranker.index._loaded.clear()
    answer: httpx.Response = await buyer.client.get(f"/v1/tenders/{call}/candidates")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


async def test_a_record_that_cannot_be_read_keeps_no_other_out(api: Api, firm: Person) -> None:
    secure, wet = await two_startups(api, firm)
    buyer = await api.person("buyer")
    call = await published(buyer)
    async with api.runtime.sessions.begin() as session:
        await session.execute(text("UPDATE startup SET record = '{}' WHERE id = CAST(:id AS uuid)"), {"id": wet})
    page = await buyer.client.get(f"/v1/tenders/{call}/candidates")
    assert [item["startup"]["id"] for item in page.json()["items"]] == [secure]
    dry = await buyer.client.post("/v1/match", json={"queries": [{"tender": tender(IRRIGATION)}]})
    assert wet not in str(dry.json())
