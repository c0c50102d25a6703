"""Feeds over HTTP: made, read by strangers' parsers without a key, ended; nothing of others, and no token anywhere."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest
import vobject
from sqlalchemy import text

from app.db.session import unit_of_work
from app.kit.observability import configure_logging
from tests.app.matches.test_live import CALL, SECURITY, entered
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import in_days, startup, tender


@pytest.fixture(scope="module")
async def running(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("feeds") as database, running_api(database) as api:
        yield api


@dataclass
class Addresses:
    """Where a feed is read."""

    id: str
    atom: str
    calendar: str

    @property
    def token(self) -> str:
        return self.atom.rpartition("/")[2].removesuffix(".atom")


async def feed_of(person: Person, startup_id: object = None, language: str = "en") -> Addresses:
    wanted = {"selection": "startup", "startup_id": str(startup_id)} if startup_id else {"selection": "cohort"}
    answer = await person.client.post("/v1/feeds", json=wanted | {"language": language})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Addresses(made["id"], urlsplit(made["atom"]).path, urlsplit(made["calendar"]).path)


async def published(by: Person, **fields: object) -> str:
    made = await by.client.post("/v1/tenders", json=tender(CALL, **fields) | {"status": "published"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def read(api: Api, path: str, **headers: str) -> httpx.Response:
    return await api.client.get(path, headers=headers)


async def atom(api: Api, at: Addresses) -> feedparser.FeedParserDict:
    answer = await read(api, at.atom)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(io.BytesIO(answer.content))
    assert not found.bozo, found.bozo_exception
    return found


async def events(api: Api, at: Addresses) -> list[vobject.base.Component]:
    answer = await read(api, at.calendar)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(vobject.readOne(answer.text).contents.get("vevent", []))


@pytest.mark.parametrize("selection", ["startup", "cohort"])
async def test_matches_are_told_with_their_reasons_and_lead_to_the_call(api: Api, selection: str) -> None:
    firm, buyer = await api.person("startup", "Firme"), await api.person("buyer")
    async with api.worker():
        mine = await entered(firm, "/v1/startups", startup(SECURITY, name="Atlas Sécurité"))
        await published(
            buyer,
            url="https://portail.example/avis/7?x=1&y=2",
            value={"amount": 250000, "currency": "MAD"},
            buyer={"name": "Commune & <fils>"},
        )
    at = await feed_of(firm, mine["id"] if selection == "startup" else None)
    found = await atom(api, at)
    (entry,) = found.entries
    kept = (await firm.client.get(f"/v1/startups/{mine['id']}/matches", headers={"Accept-Language": "en"})).json()
    (match,) = kept["items"]
    assert entry.id == f"urn:uuid:{match['id']}"
    assert entry.link == "https://portail.example/avis/7?x=1&y=2"
    said = entry.content[0].value
    speaking = [one for one in match["reasons"] if one["code"] not in {"base", "rest"} and one["contribution"] > 0]
    assert speaking
    assert all(reason["sentence"] in feedparser_text(said) for reason in speaking[:8])
    assert "Starting level" not in feedparser_text(said)
    assert "Commune & <fils>" in feedparser_text(said)
    assert "MAD" in said
    assert found.feed.title.endswith("Atlas Sécurité" if selection == "startup" else "of Firme")
    assert entry.title == (CALL if selection == "startup" else f"Atlas Sécurité: {CALL}")
    (due,) = await events(api, at)
    assert due.uid.value == f"{match['id']}@safqa"
    assert due.url.value == entry.link
    assert due.dtstart.value == dt.datetime(2099, 12, 31, 11, tzinfo=dt.UTC)


def feedparser_text(html: str) -> str:
    """The text of the sanitised content that feedparser gives."""
    from lxml import html as parser

    return parser.fromstring(f"<div>{html}</div>").text_content()


async def test_a_feed_is_written_in_the_language_it_was_made_in(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    async with api.worker():
        await entered(firm, "/v1/startups", startup(SECURITY))
        await published(buyer, buyer={"name": "Commune"})
    for language, word in (("ar", "المشتري"), ("fr", "Acheteur"), ("en", "Buyer")):
        at = await feed_of(firm, language=language)
        answer = await read(api, at.atom, **{"Accept-Language": "en"})
        assert word in answer.text
        assert f'xml:lang="{language}"' in answer.text
        assert ('dir="rtl"' in answer.text) is (language == "ar")
        (due,) = await events(api, at)
        assert word in due.description.value


async def test_a_moved_deadline_is_a_later_sequence_of_the_same_event_and_a_cancelled_call_stays(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    async with api.worker():
        await entered(firm, "/v1/startups", startup(SECURITY))
        call = await published(buyer, deadline=in_days(20))
    at = await feed_of(firm)
    (first,) = await events(api, at)
    assert first.status.value == "CONFIRMED"
    assert first.valarm.trigger.value == -dt.timedelta(hours=72)
    whole = await buyer.client.get(f"/v1/tenders/{call}")
    later = in_days(30)
    async with api.worker():
        moved = await buyer.client.patch(
            f"/v1/tenders/{call}",
            json={"deadline": later},
            headers={"If-Match": whole.headers["etag"], "Content-Type": "application/merge-patch+json"},
        )
        assert moved.status_code == 200, moved.text
    (second,) = await events(api, at)
    assert second.uid.value == first.uid.value
    assert int(second.sequence.value) > int(first.sequence.value)
    assert second.dtstart.value == dt.datetime.fromisoformat(later).replace(microsecond=0)
    async with api.worker():
        assert (await buyer.client.post(f"/v1/tenders/{call}/cancel")).status_code == 200
    (third,) = await events(api, at)
    assert (third.uid.value, third.status.value) == (first.uid.value, "CANCELLED")
    assert int(third.sequence.value) > int(second.sequence.value)
    assert "valarm" not in third.contents
    async with unit_of_work(api.runtime.sessions) as session:  # whatever else is noted of the call later
        await session.execute(text("UPDATE tender SET updated_at = now() + interval '1 hour'"))
    (fourth,) = await events(api, at)
    assert fourth.status.value == "CANCELLED"
    async with unit_of_work(api.runtime.sessions) as session:  # lost long before
        await session.execute(text("ALTER TABLE match DISABLE TRIGGER stamp"))
        await session.execute(text("UPDATE match SET updated_at = now() - interval '1 day'"))
    assert await events(api, at) == []
    assert (await atom(api, at)).entries == []


async def test_a_deadline_without_an_hour_is_a_day(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    async with api.worker():
        await entered(firm, "/v1/startups", startup(SECURITY))
        await published(buyer, deadline="2099-03-01")
    at = await feed_of(firm)
    (due,) = await events(api, at)
    assert due.dtstart.value == dt.date(2099, 3, 1)
    assert not isinstance(due.dtstart.value, dt.datetime)
    assert "the notice gives no hour" in due.description.value
    assert "DTSTART;VALUE=DATE:20990301\r\n" in (await read(api, at.calendar)).text


async def test_what_was_dismissed_is_left_out(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    async with api.worker():
        mine = await entered(firm, "/v1/startups", startup(SECURITY))
        call = await published(buyer)
    at = await feed_of(firm, mine["id"])
    assert len((await atom(api, at)).entries) == 1
    decided = await firm.client.put(f"/v1/startups/{mine['id']}/decisions/{call}", json={"kind": "dismissed"})
    assert decided.status_code == 200
    assert (await atom(api, at)).entries == []
    assert await events(api, at) == []


async def test_an_incubator_reads_of_its_cohort_and_of_no_other(api: Api) -> None:
    incubator, rival, buyer = [await api.person(kind) for kind in ("incubator", "incubator", "buyer")]
    await published(buyer)
    async with api.worker():
        for name in ("Un", "Deux"):
            await entered(incubator, "/v1/startups", startup(SECURITY, name=name))
        theirs = await entered(rival, "/v1/startups", startup(SECURITY, name="Autre"))
    told = await atom(api, await feed_of(incubator))
    assert sorted(entry.title.partition(":")[0] for entry in told.entries) == ["Deux", "Un"]
    refused = await incubator.client.post(
        "/v1/feeds", json={"selection": "startup", "startup_id": theirs["id"], "language": "fr"}
    )
    assert refused.status_code == 404
    assert (await buyer.client.post("/v1/feeds", json={"selection": "cohort", "language": "fr"})).status_code == 403


async def test_an_address_ends_with_its_feed_and_with_the_startup(running: Api) -> None:
    firm, other = await running.person("startup"), await running.person("startup")
    mine = await entered(firm, "/v1/startups", startup(SECURITY))
    one, two = await feed_of(firm, mine["id"]), await feed_of(firm, mine["id"])
    assert [each["id"] for each in (await firm.client.get("/v1/feeds")).json()] == [one.id, two.id]
    assert (await other.client.get("/v1/feeds")).json() == []
    assert (await other.client.delete(f"/v1/feeds/{one.id}")).status_code == 404
    assert (await firm.client.delete(f"/v1/feeds/{one.id}")).status_code == 204
    assert (await firm.client.delete(f"/v1/feeds/{one.id}")).status_code == 404
    for path in (one.atom, one.calendar):
        assert (await read(running, path)).status_code == 404
    assert (await read(running, two.atom)).status_code == 200
    assert (await firm.client.delete(f"/v1/startups/{mine['id']}")).status_code == 204
    assert (await read(running, two.atom)).status_code == 404
    assert (await firm.client.get("/v1/feeds")).json() == []


@pytest.mark.parametrize("token", ["sfqf_" + "0" * 43, "x", "sfqf_" + "0" * 42, "%00", "sfqf_" + "0" * 42 + "é"])
async def test_an_address_that_is_none_tells_nothing(running: Api, token: str) -> None:
    for suffix in ("atom", "ics"):
        assert (await read(running, f"/feeds/{token}.{suffix}")).status_code == 404


async def test_a_reader_that_has_it_is_told_so(running: Api) -> None:
    firm, buyer = await running.person("startup"), await running.person("buyer")
    async with running.worker():
        await entered(firm, "/v1/startups", startup(SECURITY))
    at = await feed_of(firm)
    for path in (at.atom, at.calendar):
        first = await read(running, path)
        assert first.headers["cache-control"].startswith("private")
        again = await read(running, path, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    before = (await read(running, at.atom)).headers["etag"]
    async with running.worker():
        await published(buyer)
    assert (await read(running, at.atom, **{"If-None-Match": before})).status_code == 200


async def test_a_token_is_neither_stored_nor_logged(running: Api, capsys: pytest.CaptureFixture[str]) -> None:
    firm = await running.person("startup")
    logged = io.StringIO()
    configure_logging(level="DEBUG", stream=logged, form="json")
    at = await feed_of(firm)
    for path in (at.atom, at.calendar, f"{at.atom}x"):
        await read(running, path)
    logging.getLogger("uvicorn.error").error("GET %s failed", at.atom)  # whoever logs an address all the same
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {"/feeds/{token}.atom", "/feeds/{token}.ics"} <= {line.get("route") for line in lines}
    assert {line["organisation"] for line in lines if line.get("status") == 200} == {str(firm.id)}
    secret = at.token.removeprefix("sfqf_")
    assert secret not in logged.getvalue()
    assert secret not in capsys.readouterr().err
    row = await running.runtime.hot.fetchrow("SELECT * FROM feed WHERE id = $1", uuid.UUID(at.id))
    assert row is not None
    assert secret not in repr(dict(row))
    assert row["hint"] == at.token[:9]
    assert secret not in (await read(running, at.atom)).text  # whoever passes the document on keeps the address


async def test_an_organisation_has_so_many_feeds_and_no_more(running: Api) -> None:
    firm = await running.person("startup")
    for _ in range(50):
        await feed_of(firm)
    answer = await firm.client.post("/v1/feeds", json={"selection": "cohort", "language": "fr"})
    assert (answer.status_code, answer.json()["type"], answer.json()["limit"]) == (409, "/problems/too-many-feeds", 50)


@pytest.mark.parametrize(
    "body",
    [
        {"selection": "startup", "language": "fr"},
        {"selection": "cohort", "startup_id": str(uuid.uuid4()), "language": "fr"},
        {"selection": "cohort", "language": "de"},
        {"selection": "all", "language": "fr"},
    ],
)
async def test_a_feed_of_nothing_is_refused(running: Api, body: dict[str, str]) -> None:
    firm = await running.person("startup")
    assert (await firm.client.post("/v1/feeds", json=body)).status_code == 422


async def test_readers_have_an_allowance(cluster: Cluster) -> None:
    async with cluster.copy("feeds_limited") as database, running_api(database, rate_limit=100) as api:
        at = await feed_of(await api.person("startup"))
        statuses = [(await read(api, at.atom)).status_code for _ in range(31)]
        assert statuses == [200] * 30 + [429]


async def test_a_feed_takes_as_many_statements_for_many_as_for_one(api: Api) -> None:
    incubator, buyer = await api.person("incubator"), await api.person("buyer")
    await published(buyer)
    at = await feed_of(incubator)
    counted: dict[int, list[int]] = {}
    for firms in (1, 6):
        async with api.worker():
            for _ in range(firms):
                await entered(incubator, "/v1/startups", startup(SECURITY))
        logged = io.StringIO()
        configure_logging(level="INFO", stream=logged, form="json")
        for path in (at.atom, at.calendar):
            assert (await read(api, path)).status_code == 200
        queries = [int(found) for found in re.findall(r'"queries":\s*(\d+)', logged.getvalue())]
        counted[len(await events(api, at))] = queries
    assert counted == {1: [2, 2], 7: [2, 2]}  # the feed with its owner, the entries


async def test_the_lane_shows_its_calls_to_everybody_whomever_they_fit(api: Api) -> None:
    buyer = await api.person("buyer")
    simple = {"procedure": "Appel d'offres ouvert simplifié", "sector": "public", "published": "2026-11-01"}
    known = [await published(buyer, **simple) for _ in range(2)]
    await published(buyer, procedure="Appel d'offres ouvert", sector="public")
    for kind in ("startup", "buyer", "incubator"):
        person = await api.person(kind)
        made = await person.client.post("/v1/feeds", json={"selection": "simplified_access", "language": "fr"})
        assert made.status_code == 201, made.text
        at = Addresses(made.json()["id"], urlsplit(made.json()["atom"]).path, urlsplit(made.json()["calendar"]).path)
        told = await atom(api, at)
        assert [entry.id for entry in told.entries] == [f"urn:uuid:{call}" for call in reversed(known)]
        assert told.feed.title == "Appels d’offres d’accès simplifié"
        assert {due.uid.value for due in await events(api, at)} == {f"{call}@safqa" for call in known}
    assert (await buyer.client.post(f"/v1/tenders/{known[0]}/cancel")).status_code == 200
    assert [entry.id for entry in (await atom(api, at)).entries] == [f"urn:uuid:{known[1]}"]
    assert {due.uid.value: due.status.value for due in await events(api, at)} == {
        f"{known[0]}@safqa": "CANCELLED", f"{known[1]}@safqa": "CONFIRMED",
    }  # fmt: skip
