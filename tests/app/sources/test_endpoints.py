"""How sources are told over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from app.db.session import unit_of_work
from app.kit.ids import new_uuid
from app.models.source import Source
from app.sources.repository import ALL, SourceRepository
from tests.app.sources.conftest import NOW
from tests.support.api import Api, running_api
from tests.support.collecting import Collecting
from tests.support.db import Database
from tests.support.portal import CONTACT, Reply
from tests.support.portal_ocds import OcdsPortal, release

NAME = "uk_find_a_tender"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def told(fresh: Database) -> AsyncIterator[Api]:
    async with running_api(fresh, sources=(NAME, "uk_contracts_finder"), source_contact=CONTACT) as api:
        yield api


async def test_every_source_is_told_with_its_licence_and_how_it_is(told: Api, site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(n, NOW - n * HOUR) for n in range(1, 4)]
    await site.crawl()
    anybody = await told.person("startup")
    found = (await anybody.client.get("/v1/sources")).json()
    assert [each["name"] for each in found] == ["uk_contracts_finder", NAME]
    fresh_one, crawled = found
    assert fresh_one["last_run"] is None
    assert fresh_one["status"] == crawled["status"] == "ok"
    assert crawled["attribution"].startswith("Contains public sector information")
    assert crawled["last_run"] == crawled["last_complete"]
    assert (crawled["last_run"]["outcome"], crawled["last_run"]["created"]) == ("complete", 3)
    assert (await anybody.client.get(f"/v1/sources/{NAME}")).json() == crawled
    assert (await anybody.client.get("/v1/sources/nothing")).status_code == 404
    assert (await told.client.get("/v1/sources")).status_code == 401


async def test_a_partial_run_does_not_hide_the_last_complete_one(told: Api, site: Collecting, uk: OcdsPortal) -> None:
    await site.crawl()
    site.now[0] = NOW + HOUR
    uk.route("*", lambda _: Reply(500))
    await site.crawl()
    anybody = await told.person("buyer")
    crawled = (await anybody.client.get(f"/v1/sources/{NAME}")).json()
    assert (crawled["last_run"]["outcome"], crawled["last_run"]["reason"]) == ("partial", "unavailable")
    assert crawled["last_complete"]["outcome"] == "complete"


async def test_switches_refusals_and_sources_of_the_past_are_told(told: Api, site: Collecting, uk: OcdsPortal) -> None:
    anybody = await told.person("buyer")
    uk.route("*", lambda _: Reply(403))
    await site.crawl()
    assert (await anybody.client.get(f"/v1/sources/{NAME}")).json()["status"] == "refused"
    async with unit_of_work(told.runtime.sessions) as session:
        await SourceRepository(session).halt(ALL, None, NOW)
        session.add(Source(id=new_uuid(), name="a_portal_of_the_past", title="Past"))
    statuses = {each["name"]: each["status"] for each in (await anybody.client.get("/v1/sources")).json()}
    assert statuses == {NAME: "halted", "uk_contracts_finder": "halted", "a_portal_of_the_past": "off"}


async def test_runs_come_in_pages_the_newest_first(told: Api, site: Collecting, uk: OcdsPortal) -> None:
    for hour in range(5):
        site.now[0] = NOW + hour * HOUR
        await site.crawl()
    anybody = await told.person("buyer")
    where: str | None = f"/v1/sources/{NAME}/runs?limit=2"
    seen: list[str] = []
    while where:
        page = (await anybody.client.get(where)).json()
        seen += [run["started_at"] for run in page["items"]]
        where = f"/v1/sources/{NAME}/runs?limit=2&cursor={page['next']}" if page["next"] else None
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert (await anybody.client.get("/v1/sources/nothing/runs")).status_code == 404


async def test_what_was_refused_is_for_the_operator(told: Api, site: Collecting, uk: OcdsPortal) -> None:
    odd = release(2, NOW - HOUR)
    del odd["tender"]
    uk.releases = [odd]
    await site.crawl()
    operator, buyer = await told.person("operator"), await told.person("buyer")
    (run,) = (await operator.client.get(f"/v1/sources/{NAME}/runs")).json()["items"]
    assert run["rejected"] == 1
    where = f"/v1/sources/{NAME}/runs/{run['id']}/rejected"
    (row,) = (await operator.client.get(where)).json()["items"]
    assert (row["position"], row["code"]) == (0, "ocds.no_tender")
    assert (await buyer.client.get(where)).status_code == 403
    assert (await operator.client.get(f"/v1/sources/{NAME}/runs/{new_uuid()}/rejected")).status_code == 404
    assert (await operator.client.get(f"/v1/sources/uk/runs/{run['id']}/rejected")).status_code == 404


async def test_the_list_takes_as_many_statements_for_many_sources(told: Api, site: Collecting) -> None:
    await site.crawl()
    anybody = await told.person("buyer")
    counts = []
    for more in (20, 0):
        with capture_logs() as logs:
            assert (await anybody.client.get("/v1/sources")).status_code == 200
        counts.append([line["queries"] for line in logs if line["event"] == "request.done"])
        async with unit_of_work(told.runtime.sessions) as session:
            session.add_all([Source(id=new_uuid(), name=f"portal_{n}", title=f"Portal {n}") for n in range(more)])
    assert counts == [[3], [3]]  # the caller, the switches, the sources with their runs


async def test_calls_carry_the_line_of_their_source_wherever_they_are_told(
    told: Api, site: Collecting, uk: OcdsPortal
) -> None:
    uk.releases = [release(1, NOW - HOUR, tenderPeriod={"endDate": "2099-01-01T00:00:00Z"})]
    await site.crawl()
    anybody = await told.person("buyer")
    (listed,) = (await anybody.client.get("/v1/tenders")).json()["items"]
    assert listed["source"]["attribution"].startswith("Contains public sector information")
    whole = (await anybody.client.get(f"/v1/tenders/{listed['id']}")).json()
    assert whole["source"] == listed["source"]
    for where in ("/v1/tenders/ocds", f"/v1/tenders/{listed['id']}/ocds"):
        package = (await anybody.client.get(where)).json()
        assert package["releases"][0]["source"] == listed["source"], where
