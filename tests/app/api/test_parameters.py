"""Parameters that a route does not have."""

from __future__ import annotations

import pytest

from app.api.problems import MAX_FIELD_ERRORS
from tests.support.api import Api


async def test_a_misspelt_filter_is_refused_with_those_that_there_are(api: Api) -> None:
    buyer = await api.person("buyer")
    assert (await buyer.client.get("/v1/tenders?category=services&limit=5")).status_code == 200
    answer = await buyer.client.get("/v1/tenders?catgory=services&limit=5", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert (wrong["location"], wrong["pointer"], wrong["code"]) == ("query", "#/catgory", "unknown-parameter")
    assert {"category", "cursor", "limit", "q"} <= set(wrong["detail"].partition(": ")[2].split(", "))
    none = (await buyer.client.get("/v1/me?verbose=1")).json()["errors"]
    assert [(each["pointer"], each["code"]) for each in none] == [("#/verbose", "no-parameters")]
    posted = await buyer.client.post("/v1/tenders?dry_run=true", json={})
    assert posted.status_code == 422
    assert "#/dry_run" in {each["pointer"] for each in posted.json()["errors"]}


@pytest.mark.parametrize("query", ["x" * 9_000, "&".join(f"p{n}=1" for n in range(2_000)), "a%00/~b", "=&&"])
async def test_whatever_a_query_holds_is_told_shortly(api: Api, query: str) -> None:
    answer = await api.client.get(f"/v1/tenders?{query}")
    assert answer.status_code in {401, 422}
    assert len(answer.json().get("errors", ())) <= MAX_FIELD_ERRORS
    assert len(answer.content) < 100_000
