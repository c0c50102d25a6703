"""Kept payloads read again without the network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from sqlalchemy import delete

from app.db.session import unit_of_work
from app.housekeeping import Housekeeping
from app.jobs.messages import Tidy
from app.models.tender import Tender
from app.sources import payloads
from app.sources.replaying import NothingKept
from scrapers.ocds_documents import Procedure
from scrapers.sources.uk_find_a_tender import FindATender
from tests.app.sources.conftest import NOW
from tests.support.collecting import Collecting
from tests.support.portal import Portal
from tests.support.portal_ocds import OcdsPortal, release

HOUR = dt.timedelta(hours=1)


async def versions(site: Collecting) -> list[tuple[str, int, str]]:
    rows = await site.fetch("SELECT tender_id, version, record::text AS record FROM tender_version ORDER BY 1, 2")
    return [(str(row["tender_id"]), row["version"], row["record"]) for row in rows]


@pytest.fixture
async def history(site: Collecting, uk: OcdsPortal) -> OcdsPortal:
    """Calls, then updates of some of them, then a cancellation: three runs."""
    first = [release(n, NOW - n * HOUR) for n in range(1, 6)]
    uk.releases = list(first)
    await site.crawl()
    uk.releases.append(release(11, NOW + HOUR, tag="tenderUpdate", ocid=first[0]["ocid"], title="Corrected"))
    site.now[0] = NOW + 2 * HOUR
    await site.crawl()
    uk.releases.append(release(12, NOW + 3 * HOUR, tag="tenderCancellation", ocid=first[1]["ocid"], status="cancelled"))
    site.now[0] = NOW + 4 * HOUR
    await site.crawl()
    return uk


async def test_the_same_parser_changes_nothing_and_asks_nobody(site: Collecting, history: OcdsPortal) -> None:
    before, asked = await versions(site), len(history.asked)
    done = await site.replay()
    assert (done.counts.created, done.counts.updated, done.bundles) == (0, 0, done.of)
    assert await versions(site) == before
    assert len(history.asked) == asked


async def test_updates_without_their_record_fold_to_the_same(site: Collecting, uk: OcdsPortal) -> None:
    uk.record_path = "/none/"  # the portal keeps no records: an update holds only what changed
    first = release(1, NOW - HOUR, value={"amount": 5, "currency": "GBP"})
    uk.releases = [first]
    await site.crawl()
    for hours, change in ((1, {"title": "Second"}), (3, {"title": "Third", "value": {"amount": 9, "currency": "GBP"}})):
        uk.releases.append(release(hours, NOW + hours * HOUR, tag="tenderUpdate", ocid=first["ocid"], **change))
        site.now[0] = NOW + (hours + 1) * HOUR
        await site.crawl()
    before = await versions(site)
    assert [version for _, version, _ in before] == [1, 2, 3]
    assert '"Maintenance of servers."' in before[-1][2]
    done = await site.replay()
    assert (done.counts.updated, await versions(site)) == (0, before)


async def test_a_mended_parser_makes_new_versions(
    site: Collecting, history: OcdsPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = FindATender.completed

    def mended(self: FindATender, fields: Mapping[str, object], procedure: Procedure) -> Mapping[str, object]:
        return {**usual(self, fields, procedure), "place": "Leeds"}

    monkeypatch.setattr(FindATender, "completed", mended)
    before = {ref: version for ref, (_, version) in (await site.statuses()).items()}
    done = await site.replay()
    assert done.counts.updated == 5
    statuses = await site.statuses()
    assert {ref: version for ref, (_, version) in statuses.items()} == {
        ref: version + 1 for ref, version in before.items()
    }
    assert statuses[history.releases[1]["ocid"]][0] == "cancelled"
    (row,) = await site.fetch("SELECT title FROM tender WHERE external_id = $1", history.releases[0]["ocid"])
    assert row["title"] == "Corrected", "an older payload does not speak against a newer one"
    assert (await site.replay()).counts.updated == 0


async def test_rows_that_were_lost_come_back(site: Collecting, history: OcdsPortal) -> None:
    before = await versions(site)
    async with unit_of_work(site.runtime.sessions) as session:
        await session.execute(delete(Tender))
    assert (await site.replay()).counts.created == 5
    assert len(await versions(site)) == 5 < len(before)


class TestPayloads:
    async def test_the_same_answer_is_kept_once(self, site: Collecting, history: OcdsPortal) -> None:
        (row,) = await site.fetch(
            "SELECT (SELECT count(*) FROM kept_body) AS bodies, (SELECT count(*) FROM kept_bundle) AS bundles,"
            " (SELECT sum(size) > 2 * sum(length(body)) FROM kept_body) AS packed"
        )
        assert row["bundles"] > row["bodies"] > 3
        assert row["packed"]

    async def test_those_of_their_age_are_forgotten_by_the_hour(self, site: Collecting, history: OcdsPortal) -> None:
        for age, left in ((dt.timedelta(days=89), True), (dt.timedelta(days=91), False)):
            await Housekeeping(site.runtime.sessions, lambda age=age: NOW + age).tidy(Tidy())  # type: ignore[misc]
            assert bool(await site.fetch("SELECT 1 FROM kept_body")) is left
        with pytest.raises(NothingKept):
            await site.replay()
        assert len(await site.statuses()) == 5

    async def test_a_body_is_kept_for_as_long_as_it_comes(self, site: Collecting, uk: Portal) -> None:
        await site.crawl()
        async with unit_of_work(site.runtime.sessions) as session:
            erased = await payloads.erase(session, NOW)
        assert (erased.bodies, erased.bundles) == (0, 0)
        site.now[0] = NOW + 48 * HOUR
        await site.crawl()
        async with unit_of_work(site.runtime.sessions) as session:
            await payloads.erase(session, NOW + HOUR)
        (row,) = await site.fetch(
            "SELECT count(*) AS lost FROM kept_bundle, jsonb_array_elements(parts) AS part"
            " WHERE NOT EXISTS (SELECT FROM kept_body WHERE encode(digest, 'hex') = part ->> 'digest')"
        )
        assert row["lost"] == 0
        await site.replay()
