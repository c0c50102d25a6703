"""The live index against PostgreSQL: nothing that was committed is missed, whatever ran at the same time."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.app.matches.test_live import SECURITY, entered, published
from tests.support.api import Api
from tests.support.factories import startup

HIDE = text("UPDATE startup SET listed = false WHERE id = CAST(:id AS uuid)")
SHOW = text("UPDATE startup SET listed = true WHERE id = CAST(:id AS uuid)")


async def firms(api: Api, number: int) -> list[str]:
    made = []
    for n in range(number):
        person = await api.person("startup", f"Firme {n}")
        made.append(str((await entered(person, "/v1/startups", startup(f"{SECURITY} Équipe {n}.")))["id"]))
    return made


@pytest.mark.parametrize("quiet_rounds", [0, 3])
async def test_a_change_that_is_committed_late_is_taken_in(api: Api, quiet_rounds: int) -> None:
    early, late = await firms(api, 2)
    index = api.ranker.index
    assert await index.catch_up()
    assert index.matcher.sizes() == (0, 2)
    slow = api.runtime.sessions()
    await slow.execute(HIDE, {"id": late})  # its transaction is older than the next ones, and ends after them
    async with api.runtime.sessions.begin() as quick:
        await quick.execute(HIDE, {"id": early})
    assert await index.catch_up()
    assert index.matcher.sizes() == (0, 1)
    for _ in range(quiet_rounds):
        await published(await api.person("buyer"))
        assert await index.catch_up()
    await slow.commit()
    await slow.close()
    assert await index.catch_up()
    assert index.matcher.sizes() == (quiet_rounds, 0)


async def test_a_row_that_changes_twice_under_an_old_transaction_is_taken_in_twice(api: Api) -> None:
    (firm,) = await firms(api, 1)
    index = api.ranker.index
    async with api.runtime.sessions() as old:
        await old.execute(text("SELECT pg_current_xact_id()"))  # holds the watermark
        for change, size in ((HIDE, 0), (SHOW, 1), (HIDE, 0), (SHOW, 1)):
            async with api.runtime.sessions.begin() as session:
                await session.execute(change, {"id": firm})
            assert await index.catch_up()
            assert index.matcher.sizes() == (0, size)


async def test_a_look_where_nothing_changed_is_one_statement(api: Api) -> None:
    await firms(api, 3)
    buyer = await api.person("buyer")
    call = await published(buyer)
    await api.ranker.index.catch_up()
    counted = []
    for path in (f"/v1/tenders/{call}/candidates", f"/v1/tenders/{uuid.uuid4()}/candidates"):
        with capture_logs() as logs:
            await buyer.client.get(path)
        counted.append([line["queries"] for line in logs if line["event"] == "request.done"])
    # The caller, the call, the look, the startups, the decisions, and three for the audit trail; of a call that is none,
    # the first two.
    assert counted == [[8], [2]]


async def test_more_changes_than_a_look_shows_are_all_taken_in(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.matches.live_index._PEEKED_ROWS", 3)
    made = await firms(api, 7)
    index = api.ranker.index
    assert await index.catch_up()
    assert index.matcher.sizes() == (0, 7)
    async with api.runtime.sessions() as old:
        await old.execute(text("SELECT pg_current_xact_id()"))
        for gone, firm in enumerate(made, start=1):
            async with api.runtime.sessions.begin() as session:
                await session.execute(HIDE, {"id": firm})
            assert await index.catch_up()
            assert index.matcher.sizes() == (0, 7 - gone)
