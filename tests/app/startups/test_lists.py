"""Lists of startups: filters, search, order, pages; and what they cost the database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.engine import create_engine
from app.kit.ids import ApiKeyId, OrganisationId, new_uuid
from app.models.organisation import OrganisationKind
from app.startups.filters import StartupFilters
from app.startups.repository import StartupRepository
from tests.app.startups.test_endpoints import make
from tests.support.api import Api, Person
from tests.support.db import Database

NAMES = ["éclair", "Atlas", "atlas", "Zénith", "Oasis", "أطلس"]


async def names(person: Person, **params: object) -> list[str]:
    answer = await person.client.get("/v1/startups", params=params)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [line["name"] for line in answer.json()["items"]]


@pytest.fixture
async def incubator(api: Api) -> Person:
    """Three startups that differ in what the filters ask."""
    person = await api.person("incubator")
    for changes in (
        {"id": "a", "name": "A", "employees": 3, "sectors": ["Santé"], "city": "Fès", "regions": ["Fès-Meknès"]},
        {"id": "b", "name": "B", "employees": 30, "languages": ["en"], "labels": [{"name": "Label Émeraude"}]},
        {"id": "c", "name": "C", "employees": None, "country": "FR", "certifications": ["ISO/IEC 27001"]},
    ):
        await make(person, **changes)
    return person


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "ABC"),
        ({"region": "fes meknes"}, "A"),
        ({"region": "FES"}, "A"),
        ({"region": ["fes", "Agadir"]}, "ABC"),
        ({"sector": "SANTE"}, "A"),
        ({"language": "en"}, "B"),
        ({"label": "label emeraude"}, "B"),
        ({"certification": "iso-iec-27001"}, "C"),
        ({"country": "FR"}, "C"),
        ({"min_employees": 4}, "B"),
        ({"max_employees": 4}, "A"),
        ({"min_employees": 3, "max_employees": 30}, "AB"),
        ({"listed": "true"}, ""),
        ({"listed": "false"}, "ABC"),
        ({"sector": "sante", "language": "en"}, ""),
        ({"q": "forages"}, "ABC"),
        ({"q": "sant"}, "ABC"),  # the others say e-santé
        ({"q": "forages FÈS"}, "A"),
        ({"q": "secret"}, ""),
        ({"order": "newest"}, "CBA"),
        ({"sector": "—"}, ""),
    ],
)
async def test_a_filter_keeps_what_it_names(incubator: Person, params: dict[str, object], expected: str) -> None:
    assert "".join(await names(incubator, **params)) == expected


@pytest.mark.parametrize(
    "params",
    [
        {"min_employees": "x"},
        {"min_employees": -1},
        {"country": "Maroc"},
        {"q": "a\0b"},
        {"region": "\0"},
        {"order": "best"},
        {"limit": 0},
        {"limit": 1000},
        {"cursor": "forged"},
        {"sector": ["x"] * 21},
    ],
)
async def test_a_wrong_parameter_is_refused(incubator: Person, params: dict[str, object]) -> None:
    answer = await incubator.client.get("/v1/startups", params=params)  # type: ignore[arg-type]
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("order", "expected"),
    [("name", ["Atlas", "atlas", "éclair", "Oasis", "Zénith", "أطلس"]), ("newest", NAMES[::-1])],
)
async def test_pages_hold_each_startup_once_in_a_readers_order(api: Api, order: str, expected: list[str]) -> None:
    operator = await api.person("operator")
    for number, name in enumerate(NAMES):
        await make(operator, id=str(number), name=name)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2", "order": order} | ({"cursor": cursor} if cursor else {})
        answer = await operator.client.get("/v1/startups", params=params)
        seen += [line["name"] for line in answer.json()["items"]]
        cursor = answer.json()["next"]
        if cursor is None:
            break
        assert 'rel="next"' in answer.headers["Link"]
    assert seen == expected


async def test_a_cursor_of_one_order_is_refused_by_the_other(incubator: Person) -> None:
    cursor = (await incubator.client.get("/v1/startups", params={"limit": 1})).json()["next"]
    answer = await incubator.client.get("/v1/startups", params={"cursor": cursor, "order": "newest"})
    assert answer.json()["type"] == "/problems/invalid-cursor"


class TestCost:
    async def test_a_detail_is_one_query_and_a_list_is_one_whatever_its_length(self, api: Api) -> None:
        operator = await api.person("operator")
        made = [await make(operator, id=str(number)) for number in range(12)]
        for path in (f"/v1/startups/{made[0]['id']}", "/v1/startups?limit=10"):
            before = _queries(api)
            assert (await operator.client.get(path)).status_code == 200
            assert _queries(api) - before == 2, path  # one to know the caller, one to answer


def _queries(api: Api) -> float:
    return sum(
        sample.value
        for metric in api.runtime.metrics.registry.collect()
        for sample in metric.samples
        if "quer" in sample.name and sample.name.endswith("_sum")
    )


@pytest.fixture
async def crowd(fresh: Database) -> AsyncIterator[asyncpg.Connection]:
    """Twenty thousand startups, of which few have a given certificate or a rare word."""
    connection = await fresh.connect()
    await connection.execute("INSERT INTO organisation (id, kind, name) VALUES (gen_random_uuid(), 'operator', 'O')")
    await connection.execute(
        """
        INSERT INTO startup (id, registrar_id, external_id, name, sort_name, regions, certifications, search_text,
                             record, content_hash, listed)
        SELECT gen_random_uuid(), (SELECT id FROM organisation), n::text, 'N' || n, md5(n::text), ARRAY['r' || n % 12],
               ARRAY['cert ' || n % 2000], 'mot' || n % 3000 || ' commun', '{}', '', true
        FROM generate_series(1, 20000) AS n
        """
    )
    await connection.execute("VACUUM ANALYZE startup")
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (StartupFilters(), "ix_startup_by_name"),
        (StartupFilters(regions=["R3"]), "ix_startup_by_name"),
        (StartupFilters(certifications=["Cert 7"]), "ix_startup_facets"),
        (StartupFilters(q="mot77"), "ix_startup_search"),
    ],
)
async def test_lists_are_answered_from_indexes(
    crowd: asyncpg.Connection, fresh: Database, filters: StartupFilters, index: str
) -> None:
    buyer = Caller(OrganisationId(new_uuid()), OrganisationKind.BUYER, frozenset(), ApiKeyId(new_uuid()))
    sent: list[tuple[str, Sequence[object]]] = []
    engine = create_engine(fresh.url, pool_size=2, statement_timeout_seconds=20)
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda _c, _cur, sql, values, *_: sent.append((sql, values))
    )
    async with AsyncSession(engine) as session:
        await StartupRepository(session).by_name(buyer, filters, ("1", new_uuid()), 21)
    await engine.dispose()
    [(sql, values)] = sent
    plan = json.dumps(json.loads(await crowd.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)))
    assert index in plan
    assert "Seq Scan" not in plan
