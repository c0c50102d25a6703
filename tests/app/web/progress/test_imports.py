"""An import as people see it: previewed, begun, followed, and what it refused."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from app.accounts.caller import Caller
from app.channels.stream.service import Streams
from app.files.contract import ReadOptions
from app.ingest import previews
from app.ingest.service import MOST_HELD
from app.members.roles import Role
from app.models.import_run import ImportKind
from app.web.progress import streaming
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import tender
from tests.support.imports import jsonl
from tests.support.pages import Browser, Shown, signed_in

HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture(scope="module")
async def house(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("imports_pages") as database, running_api(database) as api:
        yield api


@pytest.fixture
async def buyer(house: Api) -> Person:
    return await house.person("buyer", "Commune de Salé")


async def previewed(browser: Browser, *records: dict[str, object], more: str = "") -> Shown:
    form = await browser.get("/calls/import")
    return await browser.submit(form, "/calls/import", {"text": jsonl(records).decode() + more})


async def test_nothing_is_stored_before_it_was_looked_at(house: Api, buyer: Person) -> None:
    browser = await signed_in(house, buyer.id, Role.MEMBER)
    shown = await previewed(browser, tender(HOSTILE, id="A-1"), {"id": "A-2"}, more="nonsense\n")
    assert shown.status == 200
    assert shown.text("//dl").endswith("refusés2")
    assert HOSTILE in shown.text("//table")
    assert [row.text_content() for row in shown.all("//section[2]//tbody//th")] == ["Ligne 2", "Ligne 3"]
    assert (await buyer.client.get("/v1/tenders?owner=me")).json()["items"] == []

    path = shown.response.url.path
    running = await browser.submit(shown, f"{path}/begin")
    assert (running.status, running.response.url.path) == (200, path)
    assert running.all("//*[@sse-connect]")[0].get("sse-connect") == f"{path}/progress"
    assert running.all(f"//main//a[@href='{path}']")
    again = await browser.post(f"{path}/begin", {})
    assert again.status == 303
    async with house.worker():
        pass
    ended = await browser.get(path)
    assert not ended.all("//*[@sse-connect]")
    assert "terminé" in ended.text("//*[@id='progress']")
    assert len(ended.all("//tbody/tr")) == 2
    assert [one["title"] for one in (await buyer.client.get("/v1/tenders?owner=me")).json()["items"]] == [HOSTILE]
    csv = await browser.client.get(f"{path}/refused.csv")
    assert csv.headers["content-type"].startswith("text/csv")
    assert csv.headers["cache-control"] == "private, no-store"
    stream = await browser.client.get(f"{path}/progress", headers={"Accept": "text/event-stream"})
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "event: end" in stream.text
    assert "terminé" in stream.text


async def test_what_was_looked_at_can_be_dropped(house: Api, buyer: Person) -> None:
    browser = await signed_in(house, buyer.id)
    shown = await previewed(browser, tender())
    path = shown.response.url.path
    after = await browser.submit(shown, f"{path}/drop")
    assert after.response.url.path == "/calls/import"
    assert after.all("//*[@id='notice']/p")
    assert (await browser.get(path)).status == 404


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_a_file_that_is_none_is_told_in_each_language(house: Api, buyer: Person, lang: str) -> None:
    browser = await signed_in(house, buyer.id, lang=lang)
    form = await browser.get("/calls/import")
    files = {"file": ("../etc/a\u202e.xlsx", b"PK\x03\x04 broken", "application/octet-stream")}
    shown = await browser.submit(form, "/calls/import", {"text": ""}, files)
    assert shown.status == 200
    assert shown.all("//*[contains(@class, 'bad')]")
    assert not shown.all("//form[contains(@action, '/begin')]")
    assert "web." not in shown.text("//body")
    empty = await browser.submit(form, "/calls/import", {"text": " "})
    assert (empty.status, len(empty.all("//*[@id='errors']//li"))) == (422, 1)


async def test_others_see_no_import_and_readers_begin_none(house: Api, buyer: Person) -> None:
    browser = await signed_in(house, buyer.id)
    path = (await previewed(browser, tender())).response.url.path
    reader = await signed_in(house, buyer.id, Role.READER)
    assert (await reader.get(path)).status == 200
    assert (await reader.post(f"{path}/begin", {})).status == 403
    assert (await reader.get("/calls/import")).status == 403
    other = await signed_in(house, (await house.person("buyer", "Autre")).id)
    for way in (path, f"{path}/progress", f"{path}/refused.csv", f"/imports/{uuid.uuid4()}"):
        assert (await other.get(way)).status == 404
    for way in ("begin", "drop"):
        assert (await other.post(f"{path}/{way}", {})).status == 404
    assert (await browser.get(path)).status == 200


async def test_few_uploads_wait(house: Api, buyer: Person) -> None:
    """Each takes the room of a whole file."""
    browser = await signed_in(house, buyer.id)
    paths = [(await previewed(browser, tender())).response.url.path for _ in range(MOST_HELD + 1)]
    there = [(await browser.client.get(path, headers={"Accept": "text/html"})).status_code for path in paths]
    assert there == [404] + [200] * MOST_HELD


async def test_few_uploads_are_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, most = 0, 0

    async def read(*_: object) -> previews.Preview:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return previews.Preview()

    monkeypatch.setattr(previews, "_look", read)
    options = ReadOptions(zone=None)
    asked = (previews.look(io.BytesIO(), "calls.csv", ImportKind.TENDERS, options) for _ in range(9))
    await asyncio.gather(*asked)
    assert most == previews.AT_ONCE


async def test_who_is_out_is_told_no_more(house: Api, buyer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream went on for minutes after its reader had been made to leave."""
    monkeypatch.setattr(streaming, "_LOOK_SECONDS", 0.02)
    entered, enter = asyncio.Event(), Streams.enter

    def noted(streams: Streams, caller: Caller) -> None:
        enter(streams, caller)
        entered.set()

    monkeypatch.setattr(Streams, "enter", noted)
    browser = await signed_in(house, buyer.id)
    path = (await previewed(browser, tender())).response.url.path
    assert (await browser.post(f"{path}/begin", {})).status == 303
    async with asyncio.timeout(10):
        reading = asyncio.create_task(browser.client.get(f"{path}/progress"))
        await entered.wait()
        async with house.runtime.sessions.begin() as session:
            await session.execute(text("DELETE FROM membership WHERE organisation_id = :id"), {"id": buyer.id})
        told = (await reading).text
    assert told.endswith("event: end\ndata: \n\n")
    assert "event: progress\ndata: \n" not in told  # what was shown stays
