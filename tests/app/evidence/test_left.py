"""What whoever brought a startup in learns of its evidence once the startup has taken over: nothing."""

from __future__ import annotations

import asyncio
import re

from tests.app.eligibility.test_endpoints import EVIDENCE, call
from tests.app.matches.test_live import entered
from tests.support.api import Api, Person
from tests.support.factories import startup
from tests.support.pages import Browser, signed_in

_NOW = re.compile(r'"(as_of|limit)":"[^"]*"')
TEXT = "Développement d'applications mobiles"


async def seen_by(person: Person, browser: Browser, startup_id: str, tender_id: str) -> dict[str, str]:
    """Everything that says how the startup stands at calls."""
    pair = f"/v1/startups/{startup_id}/tenders/{tender_id}"
    found = {}
    for path in (
        f"/v1/startups/{startup_id}/matches?eligibility=pass,fail,unknown", f"{pair}/eligibility",
        f"{pair}/consortia", f"/v1/startups/{startup_id}/openings", "/v1/cohort/openings",
    ):  # fmt: skip
        answer = await person.client.get(path)
        assert answer.status_code == 200, answer.text
        found[path] = _NOW.sub("", answer.text)
    async with asyncio.timeout(20):
        while not (shown := await browser.get("/cohort/gaps")).all("//div[@id='gaps']"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return {**found, "gaps": shown.text("//div[@id='gaps']")}


async def test_it_does_not_follow_from_what_is_judged_either(api: Api) -> None:
    buyer, incubator, owner = [await api.person(kind) for kind in ("buyer", "incubator", "startup")]
    async with api.worker():
        tender = await entered(buyer, "/v1/tenders", call() | {"status": "published"} | {"title": TEXT})
        made = await entered(incubator, "/v1/startups", startup(TEXT))
    path = f"/v1/startups/{made['id']}"
    token = (await incubator.client.post(f"{path}/claims")).json()["token"]
    assert (await owner.client.post("/v1/claims", json={"token": token})).status_code == 200
    await api.ranker.index.catch_up()
    browser = await signed_in(api, incubator.id, lang="en")
    who = (incubator, browser, str(made["id"]), str(tender["id"]))
    before = await seen_by(*who)
    told = await owner.client.put(f"{path}/evidence", json=EVIDENCE, headers={"If-Match": "*"})
    assert told.status_code == 200, told.text
    judged = (await owner.client.get(f"{path}/tenders/{tender['id']}/eligibility")).json()
    assert judged["outcome"] == "fail"
    assert '"items":[{' in before[f"{path}/matches?eligibility=pass,fail,unknown"]
    after = await seen_by(*who)
    for where, was in before.items():
        assert (where, after[where]) == (where, was)
    operator = await api.person("operator")  # worked out for those who may know, it is told to them alone
    known = await signed_in(api, operator.id, lang="en")
    assert (await known.get("/cohort/gaps")).text("//div[@id='gaps']") != before["gaps"]
    assert await seen_by(*who) == before
