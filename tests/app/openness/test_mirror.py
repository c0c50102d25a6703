"""The buyer's mirror over HTTP."""

from __future__ import annotations

import asyncio

from tests.app.openness.conftest import ASKS, TEXT, Market
from tests.support.factories import tender


async def test_a_draft_is_counted_without_a_name_in_the_answer(market: Market) -> None:
    answer = await market.buyer.client.post(f"/v1/tenders/{market.draft}/mirror", json={})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["suitable"], told["complete"]) == (5, True)
    assert told["counts"] == {"passed": 0, "failed": None, "unknown": None}, "three fail, two are unknown: not told"
    assert {each["kind"] for each in told["clauses"]} == {"turnover", "certificate", "references"}
    assert not any(word in answer.text for word in ("Zirkhoun", *market.firms))


async def test_what_a_clause_shuts_out_is_counted_anew_when_it_is_dropped(market: Market) -> None:
    asked = {each["id"] for each in (await _mirror(market, market.draft))["clauses"]}
    dropped = await _mirror(market, market.draft, changes=[{"clause": each, "drop": True} for each in asked])
    assert dropped["counts"] == {"passed": 5, "failed": 0, "unknown": 0}


async def test_a_call_can_be_mirrored_with_other_amounts(market: Market) -> None:
    told = await _mirror(market, market.call)
    turnover = next(each["id"] for each in told["clauses"] if each["kind"] == "turnover")
    others = [{"clause": each["id"], "drop": True} for each in told["clauses"] if each["kind"] != "turnover"]
    less = await _mirror(market, market.call, changes=[*others, {"clause": turnover, "amount": 500_000}])
    assert less["counts"]["passed"] is None or less["counts"]["passed"] >= 3
    answer = await market.buyer.client.post(
        f"/v1/tenders/{market.call}/mirror", json={"changes": [{"clause": turnover, "count": 1}]}
    )
    assert answer.status_code == 422


async def test_sums_are_asked_by_two_digits(market: Market) -> None:
    """Else a search would end at the very turnover of a firm, which is 900,000 here."""
    told = await _mirror(market, market.call)
    turnover = next(each["id"] for each in told["clauses"] if each["kind"] == "turnover")
    others = [{"clause": each["id"], "drop": True} for each in told["clauses"] if each["kind"] != "turnover"]
    just, below = [
        (await _mirror(market, market.call, changes=[*others, {"clause": turnover, "amount": amount}]))["counts"]
        for amount in (900_001, 900_000)
    ]
    assert just == below


async def test_a_call_of_a_thousand_clauses_keeps_nobody_waiting(market: Market) -> None:
    asked = "Chiffre d'affaires annuel minimum de {} 000 DH."
    lots = [{"id": str(at), "title": "Audit", "description": asked.format(at + 1)} for at in range(600)]
    answer = await market.buyer.client.post("/v1/mirror", json={"tender": tender("Audit de sécurité", lots=lots)})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "computation-too-long")


async def test_a_clause_that_is_none_is_refused(market: Market) -> None:
    body = {"changes": [{"clause": "nothing", "drop": True}]}
    answer = await market.buyer.client.post(f"/v1/tenders/{market.call}/mirror", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/changes/0/clause"


async def test_a_draft_by_example_leaves_no_trace(market: Market) -> None:
    body = {"tender": tender("Audit de sécurité", description=f"{TEXT} {ASKS}")}
    answer = await market.buyer.client.post("/v1/mirror", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["suitable"] == 5
    assert (await market.owner.client.post("/v1/mirror", json=body)).status_code == 403


async def test_another_buyer_finds_no_such_call(market: Market) -> None:
    stranger = await market.api.person("buyer")
    for call in (market.draft, market.call):
        assert (await stranger.client.post(f"/v1/tenders/{call}/mirror", json={})).status_code == 404


async def test_changed_evidence_is_counted_at_once(market: Market) -> None:
    before = await _mirror(market, market.draft)
    for firm in market.firms[3:]:
        told = await market.owner.client.get(f"/v1/startups/{firm}/evidence")
        await market.owner.client.put(
            f"/v1/startups/{firm}/evidence",
            json={"complete": ["references"]},
            headers={"If-Match": told.headers["ETag"]},
        )
    after = await _mirror(market, market.draft)
    assert before["counts"]["failed"] is None
    assert after["counts"] == {"passed": 0, "failed": 5, "unknown": 0}


async def test_advice_cites_its_ground_in_the_reader_language(market: Market) -> None:
    advice = (await _mirror(market, market.call))["advice"]
    assert {"openness.advice.references", "openness.advice.reserve"} <= {each["key"] for each in advice}
    for each in advice:
        assert each["sentence"] != each["key"], each["key"]
        assert each["legal_advice"] is False
    reserve = next(each for each in advice if each["key"] == "openness.advice.reserve")
    assert reserve["citation"]["confidence"] == "unverified"
    arabic = await market.buyer.client.post(
        f"/v1/tenders/{market.call}/mirror", json={}, headers={"Accept-Language": "ar"}
    )
    assert any("\u0600" < char < "\u06ff" for char in arabic.json()["advice"][0]["sentence"])


async def _mirror(market: Market, call: str, **body: object) -> dict[str, object]:
    answer = await market.buyer.client.post(f"/v1/tenders/{call}/mirror", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_corrected_requirement_is_what_is_counted(market: Market) -> None:
    async with market.api.worker():
        for _ in range(100):
            read = (await market.buyer.client.get(f"/v1/tenders/{market.call}/requirements")).json()
            if read["requirements"]:
                break
            await asyncio.sleep(0.1)
    kept = await market.buyer.client.put(f"/v1/tenders/{market.call}/requirements/turnover", json={"values": []})
    assert kept.status_code in {200, 204}, kept.text
    assert "turnover" not in {each["kind"] for each in (await _mirror(market, market.call))["clauses"]}
