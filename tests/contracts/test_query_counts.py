"""How many statements the hot reads take, the caller's included: the same for five rows as for twenty-five."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import startup, tender

TEXT = "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC."
CALL = "Audit de la sécurité du système d'information et tests d'intrusion"
SIZES = (5, 25)


@dataclass
class Market:
    """As many calls as startups, each startup matched with each call; ``owner`` owns all the startups."""

    size: int
    buyer: Person
    owner: Person
    call: str
    startup: str


@pytest.fixture(scope="module", params=SIZES)
async def market(request: pytest.FixtureRequest, cluster: Cluster) -> AsyncIterator[Market]:
    async with cluster.copy("counts") as database, running_api(database) as api:
        made = await _filled(api, request.param)
        await api.ranker.index.catch_up()
        yield made


async def _filled(api: Api, size: int) -> Market:
    buyer, owner = await api.person("buyer"), await api.person("startup")
    calls, firms = [], []
    async with api.worker():
        for number in range(size):
            firm = await owner.client.post("/v1/startups", json=startup(f"{TEXT} Équipe {number}."))
            call = await buyer.client.post("/v1/tenders", json=tender(f"{CALL} {number}") | {"status": "published"})
            firms.append(firm.json()["id"])
            calls.append(call.json()["id"])
    for firm in firms:
        decision = await buyer.client.put(f"/v1/tenders/{calls[0]}/decisions/{firm}", json={"kind": "invited"})
        assert decision.status_code == 200, decision.text
    for call in calls[1:]:
        await buyer.client.put(f"/v1/tenders/{call}/decisions/{firms[0]}", json={"kind": "invited"})
    for firm in firms:
        await owner.client.put(f"/v1/startups/{firm}/decisions/{calls[0]}", json={"kind": "partner_wanted"})
    return Market(size, buyer, owner, calls[0], firms[0])


HOT = {
    "a call": ("buyer", "/v1/tenders/{call}", 1, None),  # its caller is found by the same statement
    "calls": ("buyer", "/v1/tenders?limit=25", 2, "items"),
    "calls found by words": ("buyer", "/v1/tenders?limit=25&q=audit", 2, "items"),
    "calls as OCDS": ("buyer", "/v1/tenders/ocds?limit=25", 2, "releases"),
    "the feed of calls": ("buyer", "/v1/changes/tenders", 2, "items"),
    "the feed of matches": ("buyer", "/v1/changes/matches", 2, "items"),
    # the caller, the call, the lessons of its decisions, the look for changes, the startups' lines, the decisions
    "candidates": ("buyer", "/v1/tenders/{call}/candidates?limit=25", 9, "items"),  # four of them keep the audit trail
    # the caller, may it see the call, the decisions, the startups' lines
    "a shortlist": ("buyer", "/v1/tenders/{call}/decisions?limit=25", 4, "items"),
    # the caller, is the call public, who looks, the startups' lines
    "partners wanted": ("owner", "/v1/tenders/{call}/partners-wanted?limit=25", 4, "items"),
    # the caller, the matches, the calls' lines, the decisions
    "matches": ("owner", "/v1/startups/{startup}/matches?limit=25", 4, "items"),
    # the same, the calls, the startup's record once for all of them, and which calls have documents or corrections
    "matches with eligibility": (
        "owner",
        "/v1/startups/{startup}/matches?limit=25&eligibility=pass,fail,unknown",
        7,
        "items",
    ),
    "invitations": ("owner", "/v1/startups/{startup}/invitations?limit=25", 4, "items"),
    "a startup": ("owner", "/v1/startups/{startup}", 2, None),
    # the caller, the call, its documents, the findings, the corrections, their kinds
    "requirements": ("owner", "/v1/tenders/{call}/requirements", 6, None),
    # the caller, the evidence, its files
    "evidence": ("owner", "/v1/startups/{startup}/evidence", 3, None),
    "startups": ("owner", "/v1/startups?limit=25", 2, "items"),
    "a startup for a buyer": ("buyer", "/v1/startups/{startup}", 2, None),
    "startups for a buyer": ("buyer", "/v1/startups?limit=25&q=audit", 2, "items"),
    # the caller, the call whose trail it is of
    "an audit trail": ("buyer", "/v1/tenders/{call}/audit", 2, None),
    # the caller, the startup, its evidence, the calls' versions, their records, what is said beyond them, their titles
    "openings": ("owner", "/v1/startups/{startup}/openings", 8, None),
    # the caller, the startup, the call, the evidence, the look for changes, the profiles, the startups' lines
    "consortia": ("owner", "/v1/startups/{startup}/tenders/{call}/consortia", 7, None),
    "imports": ("buyer", "/v1/imports", 2, None),
    "feeds": ("owner", "/v1/feeds", 2, None),
    "digests": ("owner", "/v1/digests", 2, None),
    "webhooks": ("owner", "/v1/webhooks", 2, None),
}


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_read_takes_exactly_so_many_statements(market: Market, name: str) -> None:
    who, path, statements, listed = HOT[name]
    person: Person = getattr(market, who)
    with capture_logs() as logs:
        answer = await person.client.get(path.format(call=market.call, startup=market.startup))
    assert answer.status_code == 200, answer.text
    if listed is not None:
        assert len(answer.json()[listed]) >= market.size
    (done,) = [line for line in logs if line["event"] == "request.done"]
    assert done["queries"] == statements
