"""Kept searches over the API; what they find is tested with their pages."""

from __future__ import annotations

from tests.app.matches.test_live import SECURITY, entered
from tests.app.tenders.calls import posted
from tests.support.api import Api
from tests.support.factories import startup


async def test_a_search_is_kept_told_of_opened_and_forgotten(api: Api) -> None:
    firm, buyer, other = await api.person("startup"), await api.person("buyer"), await api.person("startup")
    mine = await entered(firm, "/v1/startups", startup(SECURITY, name="Hissn"))
    wanted = {"name": "Eau", "list": "tenders", "asked": {"q": "eau", "grade": "strong", "min_value": "1000.50"}}
    kept = await entered(firm, "/v1/searches", wanted)
    assert kept["asked"]["q"] == "eau"  # type: ignore[index]
    assert kept["asked"]["grade"] is None  # type: ignore[index]  # which calls can't be asked
    await entered(firm, "/v1/searches", {"name": "Ours", "list": "matches", "startup_id": mine["id"]})
    await posted(buyer, title="تزويد بالماء", value={"amount": 5_000, "currency": "MAD"})
    await posted(buyer, title="Alimentation en eau", value={"amount": 5_000, "currency": "MAD"})
    await posted(buyer, title="Alimentation en eau", value={"amount": 1_000, "currency": "MAD"})

    listed = (await firm.client.get("/v1/searches")).json()
    assert [(one["name"], one["startup"], one["new"]) for one in listed] == [("Ours", "Hissn", 0), ("Eau", None, 2)]
    assert (await firm.client.post(f"/v1/searches/{kept['id']}/open")).status_code == 200
    assert [one["new"] for one in (await firm.client.get("/v1/searches")).json()] == [0, 0]
    assert (await other.client.get("/v1/searches")).json() == []
    assert (await other.client.delete(f"/v1/searches/{kept['id']}")).status_code == 404
    assert (await firm.client.delete(f"/v1/searches/{kept['id']}")).status_code == 204


async def test_a_search_must_be_one_that_a_list_can_answer(api: Api) -> None:
    firm, other = await api.person("startup"), await api.person("startup")
    theirs = await entered(other, "/v1/startups", startup())
    for wrong, status in (
        ({"list": "matches"}, 422), ({"list": "tenders", "startup_id": theirs["id"]}, 422), ({"name": " "}, 422),
        ({"asked": {"region": ["Atlantide"]}}, 422), ({"asked": {"within": 0}}, 422), ({"asked": {"sql": "1"}}, 422),
        ({"list": "matches", "startup_id": theirs["id"]}, 404),
    ):  # fmt: skip
        answer = await firm.client.post("/v1/searches", json={"name": "x", "list": "tenders", **wrong})
        assert answer.status_code == status, (wrong, answer.text)
